CREATE TABLE person (
    agent    INTEGER PRIMARY KEY,
    name     TEXT NOT NULL,
    function TEXT NOT NULL
, team INTEGER NOT NULL DEFAULT 0, changed INTEGER NOT NULL DEFAULT 0) STRICT;
CREATE TABLE team (
    number INTEGER PRIMARY KEY,
    name   TEXT NOT NULL,
    roster BLOB NOT NULL                -- the team's `service` roster
, changed INTEGER NOT NULL DEFAULT 0) STRICT;
CREATE TABLE inventory (
    id       BLOB PRIMARY KEY,
    agent    INTEGER NOT NULL,
    team     INTEGER NOT NULL,          -- 0: none
    platform TEXT NOT NULL,
    model    TEXT NOT NULL,
    serial   TEXT NOT NULL UNIQUE
, told INTEGER NOT NULL DEFAULT 0, owned INTEGER NOT NULL DEFAULT 0) STRICT, WITHOUT ROWID;
CREATE TABLE ticket (
    enrolment  BLOB PRIMARY KEY,
    inventory  BLOB NOT NULL,
    secret     BLOB NOT NULL,           -- one half of it proves that T comes from the device that read the ticket
    role       INTEGER NOT NULL,        -- 0 agent, 1 administrator
    expires_at INTEGER NOT NULL         -- Unix ms
, refused INTEGER NOT NULL DEFAULT 0) STRICT, WITHOUT ROWID;
CREATE TABLE secret (
    name  TEXT PRIMARY KEY,             -- 'serial key', 'directory key'
    bytes BLOB NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE edition (
    only    INTEGER PRIMARY KEY CHECK (only = 1),
    version INTEGER NOT NULL            -- of the last directory made here
, behind INTEGER NOT NULL DEFAULT 0, followed INTEGER NOT NULL DEFAULT 0) STRICT;
CREATE TABLE phone_rules (
    id   INTEGER PRIMARY KEY CHECK (id = 1),
    body BLOB NOT NULL                     -- CBOR
) STRICT;
CREATE TABLE revocation_list (
    id         INTEGER PRIMARY KEY CHECK (id = 1),
    fetched_at INTEGER NOT NULL,           -- Unix ms
    body       BLOB NOT NULL               -- JSON, as Google gives it
) STRICT;
