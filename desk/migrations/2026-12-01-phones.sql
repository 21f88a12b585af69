-- What this computer asks of phones before it approves one; one row at most.
CREATE TABLE phone_rules (
    id   INTEGER PRIMARY KEY CHECK (id = 1),
    body BLOB NOT NULL                     -- CBOR
) STRICT;

-- Google's list of revoked keys, as it was brought; one row at most.
CREATE TABLE revocation_list (
    id         INTEGER PRIMARY KEY CHECK (id = 1),
    fetched_at INTEGER NOT NULL,           -- Unix ms
    body       BLOB NOT NULL               -- JSON, as Google gives it
) STRICT;

-- 1 where a phone must prove its serial number, and not only that it is genuine.
ALTER TABLE inventory ADD COLUMN owned INTEGER NOT NULL DEFAULT 0;
