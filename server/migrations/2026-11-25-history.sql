-- Who came to a group and may read of what was before; what it was handed of it.
CREATE TABLE history_debt (
    roster   BLOB NOT NULL,
    device   BLOB NOT NULL,
    admitted INTEGER NOT NULL,            -- the statement that admits it
    reach    INTEGER NOT NULL,            -- admission of the longest-standing giver; 0: all was handed
    PRIMARY KEY (roster, device)
) STRICT, WITHOUT ROWID;

-- Sealed keys of past epochs, until their device has stored them. Kind 6 of the control stream.
CREATE TABLE bundle (
    id     INTEGER PRIMARY KEY,
    roster BLOB NOT NULL,
    device BLOB NOT NULL,
    body   BLOB NOT NULL                  -- CBOR of a Bundle
) STRICT;
CREATE INDEX bundle_by_device ON bundle (device);
