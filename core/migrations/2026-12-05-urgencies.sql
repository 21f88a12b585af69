-- Urgent messages and on what they rest. Their text is in `message`.
CREATE TABLE urgency (
    uid       BLOB PRIMARY KEY,
    thread    INTEGER NOT NULL,
    author    BLOB NOT NULL,                  -- device
    hash      BLOB NOT NULL,                  -- of the sealed entry; empty until the relay has placed one's own
    basis     INTEGER NOT NULL,
    reason    TEXT NOT NULL,
    until     INTEGER NOT NULL,               -- Unix ms; the end that its author stated
    minutes   INTEGER NOT NULL,               -- between two calls
    placed_at INTEGER NOT NULL                -- Unix ms; 0 while unplaced
) STRICT, WITHOUT ROWID;
-- How far the calls of urgent messages have come, as the relay tells it. It may tell before the message comes.
CREATE TABLE call (
    uid           BLOB PRIMARY KEY,
    report        BLOB NOT NULL,              -- CBOR of a CallReport, empty before the first
    called_until  INTEGER NOT NULL,           -- this agent is called; 0: is not
    unanswered_at INTEGER NOT NULL            -- since when it is known that nobody has answered; 0: it is not
) STRICT, WITHOUT ROWID;
-- This agent's answers.
CREATE TABLE answer (
    uid        BLOB PRIMARY KEY,
    at         INTEGER NOT NULL,
    body       BLOB NOT NULL,                 -- CBOR of an Answer
    state      INTEGER NOT NULL,              -- 0 to be sent, 1 stands, 2 refused for good
    not_before INTEGER NOT NULL,
    fault      TEXT NOT NULL
) STRICT, WITHOUT ROWID;
-- The agent's own record of interventions. It leaves this device in the agent's hands only.
CREATE TABLE intervention (
    id        INTEGER PRIMARY KEY,
    entry     BLOB NOT NULL,                  -- the urgent message with which it began
    began_at  INTEGER NOT NULL,
    closes_at INTEGER NOT NULL,               -- when it ends by itself
    ended_at  INTEGER NOT NULL                -- 0 while it goes on
) STRICT;
-- What the header of an urgent entry to be sent says: CBOR of its terms and the minutes between calls.
ALTER TABLE outbox ADD COLUMN urgent BLOB NOT NULL DEFAULT x'';
