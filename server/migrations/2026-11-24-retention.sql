-- Entries whose time has passed keep their row without bytes: place, hash and name stand.

ALTER TABLE thread ADD COLUMN erased INTEGER NOT NULL DEFAULT 0; -- entries up to this stream number have no bytes
