-- How `document` holds the item: 0 an actor and the text (the first version), 1 the first 8 bytes
-- of the text's SHA-256, since the first change follows from name and text.
ALTER TABLE message ADD COLUMN form INTEGER NOT NULL DEFAULT 0;
