-- The day of a device's last contact, its first instant in UTC; and what a withdrawn device has said of its
-- content: when it was destroyed, and how much of it had not left.
ALTER TABLE device ADD COLUMN contact_day INTEGER;
ALTER TABLE device ADD COLUMN wiped_at INTEGER;
ALTER TABLE device ADD COLUMN unsent INTEGER;
