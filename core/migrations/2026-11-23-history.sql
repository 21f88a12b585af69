-- Whether a member handed the secret over, and from when on (relay's time) it may open entries;
-- when the last entry known to be sealed under it was received.
ALTER TABLE epoch_secret ADD COLUMN bundled INTEGER NOT NULL DEFAULT 0;
ALTER TABLE epoch_secret ADD COLUMN readable_from INTEGER NOT NULL DEFAULT 0;
ALTER TABLE epoch_secret ADD COLUMN last_received INTEGER NOT NULL DEFAULT 0;

-- Marks of others whose key is not here yet.
CREATE TABLE closed_mark (
    thread  INTEGER NOT NULL,
    device  BLOB NOT NULL,
    kind    INTEGER NOT NULL,
    version INTEGER NOT NULL,
    sealed  BLOB NOT NULL,
    PRIMARY KEY (thread, device, kind)
) STRICT, WITHOUT ROWID;
