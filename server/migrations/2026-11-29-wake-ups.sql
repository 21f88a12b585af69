-- Where a device's push server is asked to wake it.
ALTER TABLE device ADD COLUMN endpoint TEXT;
