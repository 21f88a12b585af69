-- How `document` holds the item: 0 an actor and the text (the first version), 1 the first 8 bytes
-- of the text's SHA-256.
ALTER TABLE message ADD COLUMN form INTEGER NOT NULL DEFAULT 0;
-- 1: its author has erased it and no text is left; 2: has done so here, and the relay does not know yet.
ALTER TABLE message ADD COLUMN erased INTEGER NOT NULL DEFAULT 0;
-- Agents whom it names, four bytes each, big-endian.
ALTER TABLE message ADD COLUMN mentions BLOB NOT NULL DEFAULT x'';

-- The versions of a message that was edited, the first one included. Those that no other one
-- takes the place of are current: more than one wait for a choice.
CREATE TABLE edition (
    uid         BLOB PRIMARY KEY,             -- of the entry; the item's own for the first
    item        BLOB NOT NULL,
    thread      INTEGER NOT NULL,
    position    INTEGER NOT NULL,             -- 0 while the relay has not placed it
    author      BLOB NOT NULL,                -- device
    written_at  INTEGER NOT NULL,
    received_at INTEGER NOT NULL,
    body        TEXT NOT NULL,
    over        BLOB NOT NULL                 -- versions that it takes the place of, 16 bytes each
) STRICT, WITHOUT ROWID;
CREATE INDEX edition_by_item ON edition (item);

-- Each agent's last reaction to an item.
CREATE TABLE reaction (
    item     BLOB NOT NULL,
    agent    INTEGER NOT NULL,
    uid      BLOB NOT NULL,                   -- of the entry
    position INTEGER NOT NULL,                -- 0 while the relay has not placed it
    at       INTEGER NOT NULL,
    emoji    TEXT NOT NULL,                   -- empty: withdrawn
    PRIMARY KEY (item, agent, uid)
) STRICT, WITHOUT ROWID;

-- Entries of the log that change an item instead of being one.
CREATE TABLE change (
    thread   INTEGER NOT NULL,
    position INTEGER NOT NULL,
    uid      BLOB NOT NULL,
    item     BLOB NOT NULL,                   -- empty: the thread itself
    PRIMARY KEY (thread, position)
) STRICT, WITHOUT ROWID;
CREATE INDEX change_by_item ON change (item);

-- Erased items: what still comes for them changes nothing. `settled` once the relay has dropped
-- this device's own entries of it.
CREATE TABLE tombstone (
    item    BLOB PRIMARY KEY,
    thread  INTEGER NOT NULL,
    at      INTEGER NOT NULL,
    settled INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- What a thread's members have set for it, the last by position of each.
CREATE TABLE thread_setting (
    thread   INTEGER NOT NULL,
    name     TEXT NOT NULL,                   -- "title", or "pin" and an item in hexadecimal
    position INTEGER NOT NULL,
    value    TEXT NOT NULL,
    PRIMARY KEY (thread, name)
) STRICT, WITHOUT ROWID;

-- This device's own: an unfinished message, and whether the thread may make itself heard.
CREATE TABLE draft (
    thread  INTEGER PRIMARY KEY,
    body    TEXT NOT NULL,
    parents BLOB NOT NULL,
    at      INTEGER NOT NULL
) STRICT;
ALTER TABLE thread ADD COLUMN muted_until INTEGER NOT NULL DEFAULT 0;

-- A long outbox is read from its beginning, and asked for what is held: neither looks at all of it.
DROP INDEX outbox_open;
CREATE INDEX outbox_waiting ON outbox (seq) WHERE state < 2;
CREATE INDEX outbox_held ON outbox (not_before) WHERE state < 2;

-- The item that an operation changes; empty for a new one.
ALTER TABLE outbox ADD COLUMN item BLOB NOT NULL DEFAULT x'';
-- The item for which an entry waits (reason 5).
ALTER TABLE unopened ADD COLUMN item BLOB NOT NULL DEFAULT x'';
CREATE INDEX unopened_by_item ON unopened (item) WHERE item <> x'';

-- Search in all threads, accents folded. Words are erased with their message.
CREATE VIRTUAL TABLE message_text USING fts5(
    body, content = 'message', content_rowid = 'id', tokenize = 'unicode61 remove_diacritics 2'
);
INSERT INTO message_text (message_text, rank) VALUES ('secure-delete', 1);
INSERT INTO message_text (message_text) VALUES ('rebuild');
