-- What announcements have in common, sealed: one's own until no restored relay can ask for it, those of
-- others until they are opened.
CREATE TABLE common (
    hash BLOB PRIMARY KEY,
    body BLOB NOT NULL,
    own  INTEGER NOT NULL,
    sent INTEGER NOT NULL                     -- the relay has it
) STRICT, WITHOUT ROWID;
-- Versions of announcements. Their text is in `message`, under the version's name.
CREATE TABLE announcement (
    version     BLOB PRIMARY KEY,
    common      BLOB NOT NULL,
    corrects    BLOB NOT NULL,                -- the version in whose place it comes; empty for the first
    due         INTEGER NOT NULL,             -- Unix ms; until when an acknowledgement is wanted; 0: none is
    replies     INTEGER NOT NULL,             -- 0 to the issuer, 1 to all
    reminded_at INTEGER NOT NULL DEFAULT 0
) STRICT, WITHOUT ROWID;
CREATE INDEX announcement_corrects ON announcement (corrects) WHERE corrects <> x'';
-- The entries by which a version reached its teams.
CREATE TABLE announced (
    entry     BLOB PRIMARY KEY,
    version   BLOB NOT NULL,
    thread    INTEGER NOT NULL,
    position  INTEGER NOT NULL,               -- 0 while the relay has not placed it
    statement INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX announced_by_version ON announced (version);
-- « Lu et compris »: one for each person and version.
CREATE TABLE receipt (
    common     BLOB NOT NULL,
    agent      INTEGER NOT NULL,
    version    BLOB NOT NULL,
    at         INTEGER NOT NULL,
    body       BLOB NOT NULL,                 -- CBOR of a Receipt
    state      INTEGER NOT NULL,              -- 0 to be sent, 1 stands, 2 refused for good
    not_before INTEGER NOT NULL,
    fault      TEXT NOT NULL,
    PRIMARY KEY (common, agent)
) STRICT, WITHOUT ROWID;
CREATE INDEX receipt_by_version ON receipt (version);
CREATE INDEX receipt_waiting ON receipt (not_before) WHERE state = 0;
-- What the header of an entry to be sent says of an announcement: CBOR of version, common and due.
ALTER TABLE outbox ADD COLUMN announced BLOB NOT NULL DEFAULT x'';
