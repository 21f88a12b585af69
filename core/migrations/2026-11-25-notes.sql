-- Notes: texts that a thread's members write together. Title and text as people read them are the
-- body of the row in `message`.
CREATE TABLE note (
    item       BLOB PRIMARY KEY,
    thread     INTEGER NOT NULL,
    title      TEXT NOT NULL,
    document   BLOB NOT NULL,                 -- automerge, as it was last stored whole
    version    BLOB NOT NULL,                 -- hashes of the changes that no other follows, 32 bytes each
    changed_at INTEGER NOT NULL               -- Unix ms; when the text last changed here
) STRICT, WITHOUT ROWID;
CREATE INDEX note_by_thread ON note (thread);

-- Changes since the document was stored whole, and those that wait for what they follow.
CREATE TABLE note_change (
    seq     INTEGER PRIMARY KEY AUTOINCREMENT,
    item    BLOB NOT NULL,
    device  BLOB NOT NULL,
    changes BLOB NOT NULL,                    -- CBOR, as an entry carries them
    waiting INTEGER NOT NULL
) STRICT;
CREATE INDEX note_change_by_item ON note_change (item, waiting);

-- Which device writes as an actor of the document: the first that did.
CREATE TABLE note_actor (
    item   BLOB NOT NULL,
    actor  BLOB NOT NULL,
    device BLOB NOT NULL,
    PRIMARY KEY (item, actor)
) STRICT, WITHOUT ROWID;
