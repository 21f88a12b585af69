-- Urgent messages for which somebody is called, one after the other, until somebody answers.
CREATE TABLE call (
    stream      INTEGER PRIMARY KEY,      -- of the entry
    thread      BLOB NOT NULL,            -- its name
    uid         BLOB NOT NULL,
    hash        BLOB NOT NULL,            -- of the sealed entry
    author      BLOB NOT NULL,            -- device
    received_at INTEGER NOT NULL,
    until       INTEGER NOT NULL,         -- the end that its author stated
    minutes     INTEGER NOT NULL,         -- between two calls
    asked       BLOB NOT NULL,            -- CBOR: who was called, and when, in order
    ended_at    INTEGER NOT NULL,         -- 0: goes on
    unanswered  INTEGER NOT NULL          -- 1: it ended since nobody answered
) STRICT;
CREATE INDEX call_by_entry ON call (thread, uid);
-- One answer of each person.
CREATE TABLE answer (
    stream INTEGER NOT NULL,              -- of the entry
    agent  INTEGER NOT NULL,
    body   BLOB NOT NULL,                 -- CBOR of an Answer
    PRIMARY KEY (stream, agent)
) STRICT, WITHOUT ROWID;
