-- What announcements to several teams have in common, by its SHA-256.
CREATE TABLE common (
    hash   BLOB PRIMARY KEY,
    author BLOB NOT NULL,                 -- device
    body   BLOB NOT NULL
) STRICT, WITHOUT ROWID;
-- Entries that announce.
CREATE TABLE announced (
    stream      INTEGER PRIMARY KEY,      -- of the entry
    common      BLOB NOT NULL,
    version     BLOB NOT NULL,
    corrects    BLOB NOT NULL,            -- the version in whose place it comes; empty for the first
    author      BLOB NOT NULL,            -- device
    thread      BLOB NOT NULL,            -- its name
    due         INTEGER NOT NULL,         -- until when an acknowledgement is wanted; 0: none is
    received_at INTEGER NOT NULL
) STRICT;
CREATE INDEX announced_by_common ON announced (common);
-- « Lu et compris »: the first of each person for each version.
CREATE TABLE receipt (
    id     INTEGER PRIMARY KEY,
    common BLOB NOT NULL,
    agent  INTEGER NOT NULL,
    issuer BLOB NOT NULL,                 -- the announcement's author's device
    body   BLOB NOT NULL,                 -- CBOR of a Receipt
    UNIQUE (common, agent)
) STRICT;
