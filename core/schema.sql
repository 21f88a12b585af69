CREATE TABLE value (
    name  TEXT PRIMARY KEY,
    bytes BLOB NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE statement (
    number    INTEGER PRIMARY KEY,
    body      BLOB NOT NULL,
    signature BLOB NOT NULL
) STRICT;
CREATE TABLE mls (
    scope INTEGER NOT NULL,
    kind  TEXT NOT NULL,
    key   BLOB NOT NULL,
    value BLOB NOT NULL,
    PRIMARY KEY (scope, kind, key)
) STRICT, WITHOUT ROWID;
CREATE TABLE roster (
    id            BLOB PRIMARY KEY,
    name          BLOB NOT NULL,              -- CBOR of a RosterName
    state         INTEGER NOT NULL,           -- 0 no group yet, 1 member, 2 no longer a member
    generation    INTEGER NOT NULL DEFAULT 0,
    epoch         INTEGER NOT NULL DEFAULT 0, -- of the live group
    first_epoch   INTEGER NOT NULL DEFAULT 0, -- the first whose secret this device holds, in this generation
    waiting_since INTEGER NOT NULL DEFAULT 0  -- Unix ms; since when a member without a group
) STRICT, WITHOUT ROWID;
CREATE TABLE epoch_secret (
    roster     BLOB NOT NULL,
    generation INTEGER NOT NULL,
    epoch      INTEGER NOT NULL,
    secret     BLOB NOT NULL, bundled INTEGER NOT NULL DEFAULT 0, readable_from INTEGER NOT NULL DEFAULT 0, last_received INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (roster, generation, epoch)
) STRICT, WITHOUT ROWID;
CREATE TABLE pending_commit (
    roster   BLOB PRIMARY KEY,
    upload   BLOB NOT NULL,                   -- CBOR of a CommitUpload
    hash     BLOB NOT NULL,                   -- SHA-256 of the commit
    external INTEGER NOT NULL                 -- 1 while its group lives in the candidate scope
) STRICT, WITHOUT ROWID;
CREATE TABLE parked_commit (
    seq    INTEGER PRIMARY KEY AUTOINCREMENT,
    roster BLOB NOT NULL,
    bytes  BLOB NOT NULL
) STRICT;
CREATE TABLE sqlite_sequence(name,seq);
CREATE TABLE thread (
    id          INTEGER PRIMARY KEY,
    uid         BLOB NOT NULL UNIQUE,
    roster      BLOB NOT NULL,
    joined      INTEGER NOT NULL DEFAULT 0,   -- the chain is checked without holes up to this position
    chain       BLOB NOT NULL,                -- its hash there
    highest     INTEGER NOT NULL DEFAULT 0,   -- the highest position seen
    statement   INTEGER NOT NULL DEFAULT 0,   -- s at the highest position; never decreases
    read_up_to  INTEGER NOT NULL DEFAULT 0,
    unread      INTEGER NOT NULL DEFAULT 0,
    last_at     INTEGER NOT NULL DEFAULT 0    -- Unix ms of the newest message, for the order of the list
, muted_until INTEGER NOT NULL DEFAULT 0) STRICT;
CREATE TABLE entry (
    thread      INTEGER NOT NULL,
    position    INTEGER NOT NULL,
    uid         BLOB NOT NULL,
    hash        BLOB NOT NULL,
    received_at INTEGER NOT NULL,
    statement   INTEGER NOT NULL,
    chain       BLOB NOT NULL, arrived_at INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (thread, position)
) STRICT, WITHOUT ROWID;
CREATE TABLE message (
    id          INTEGER PRIMARY KEY,          -- for unplaced messages, the order of writing
    uid         BLOB NOT NULL UNIQUE,
    thread      INTEGER NOT NULL,
    position    INTEGER NOT NULL,
    author      BLOB NOT NULL,                -- device
    written_at  INTEGER NOT NULL,             -- the author's claim, Unix ms
    received_at INTEGER NOT NULL,             -- the relay's time, Unix ms; 0 while unplaced
    body        TEXT NOT NULL,
    parents     BLOB NOT NULL,                -- uids, 16 bytes each
    document    BLOB NOT NULL                 -- automerge, for later changes
, form INTEGER NOT NULL DEFAULT 0, erased INTEGER NOT NULL DEFAULT 0, mentions BLOB NOT NULL DEFAULT x'', awaited INTEGER NOT NULL DEFAULT 0) STRICT;
CREATE INDEX message_by_position ON message (thread, position);
CREATE TABLE unopened (
    thread   INTEGER NOT NULL,
    position INTEGER NOT NULL,
    reason   INTEGER NOT NULL,                -- 0 before arrival, 1 parked for a missing key, 2 refused, 3 unknown deed
    entry    BLOB NOT NULL, item BLOB NOT NULL DEFAULT x'',                   -- CBOR of a WireEntry, so that a key that comes later opens it
    PRIMARY KEY (thread, position)
) STRICT, WITHOUT ROWID;
CREATE TABLE gap (
    thread INTEGER NOT NULL,
    first  INTEGER NOT NULL,
    last   INTEGER NOT NULL,
    PRIMARY KEY (thread, first)
) STRICT, WITHOUT ROWID;
CREATE TABLE outbox (
    seq        INTEGER PRIMARY KEY AUTOINCREMENT, -- send order, never reused
    uid        BLOB NOT NULL UNIQUE,
    thread     INTEGER NOT NULL,
    operation  BLOB NOT NULL,                     -- clear inside the encrypted database; frozen once leaving
    state      INTEGER NOT NULL,                  -- 0 waiting, 1 leaving, 2 stands, 3 refused for good
    entry      BLOB NOT NULL,                     -- CBOR of the WireEntry last sent, empty before
    not_before INTEGER NOT NULL,                  -- Unix ms; when it may leave
    fault      TEXT NOT NULL                      -- why it was refused for good, as a fault code
, item BLOB NOT NULL DEFAULT x'', placed_at INTEGER NOT NULL DEFAULT 0, announced BLOB NOT NULL DEFAULT x'', urgent BLOB NOT NULL DEFAULT x'') STRICT;
CREATE TABLE mark (
    thread   INTEGER NOT NULL,
    device   BLOB NOT NULL,
    kind     INTEGER NOT NULL,                    -- 0 delivered, 1 read
    version  INTEGER NOT NULL,
    position INTEGER NOT NULL,
    at       INTEGER NOT NULL,                    -- Unix ms
    sent     INTEGER NOT NULL,                    -- own marks: the last version that the relay took
    due_at   INTEGER NOT NULL,                    -- own marks: when the next may leave
    PRIMARY KEY (thread, device, kind)
) STRICT, WITHOUT ROWID;
CREATE TABLE name (
    kind   INTEGER NOT NULL,
    number INTEGER NOT NULL,
    name   TEXT NOT NULL,
    detail TEXT NOT NULL,
    PRIMARY KEY (kind, number)
) STRICT, WITHOUT ROWID;
CREATE TABLE fault (
    seq    INTEGER PRIMARY KEY AUTOINCREMENT,
    at     INTEGER NOT NULL,
    code   TEXT NOT NULL,
    thread INTEGER NOT NULL                       -- 0 when it concerns no thread
) STRICT;
CREATE TABLE refusal (
    roster     BLOB NOT NULL,
    generation INTEGER NOT NULL,
    device     BLOB NOT NULL,
    PRIMARY KEY (roster, generation, device)
) STRICT, WITHOUT ROWID;
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
CREATE TABLE reaction (
    item     BLOB NOT NULL,
    agent    INTEGER NOT NULL,
    uid      BLOB NOT NULL,                   -- of the entry
    position INTEGER NOT NULL,                -- 0 while the relay has not placed it
    at       INTEGER NOT NULL,
    emoji    TEXT NOT NULL,                   -- empty: withdrawn
    PRIMARY KEY (item, agent, uid)
) STRICT, WITHOUT ROWID;
CREATE TABLE change (
    thread   INTEGER NOT NULL,
    position INTEGER NOT NULL,
    uid      BLOB NOT NULL,
    item     BLOB NOT NULL,                   -- empty: the thread itself
    PRIMARY KEY (thread, position)
) STRICT, WITHOUT ROWID;
CREATE INDEX change_by_item ON change (item);
CREATE TABLE tombstone (
    item    BLOB PRIMARY KEY,
    thread  INTEGER NOT NULL,
    at      INTEGER NOT NULL,
    settled INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE thread_setting (
    thread   INTEGER NOT NULL,
    name     TEXT NOT NULL,                   -- "title", or "pin" and an item in hexadecimal
    position INTEGER NOT NULL,
    value    TEXT NOT NULL,
    PRIMARY KEY (thread, name)
) STRICT, WITHOUT ROWID;
CREATE TABLE draft (
    thread  INTEGER PRIMARY KEY,
    body    TEXT NOT NULL,
    parents BLOB NOT NULL,
    at      INTEGER NOT NULL
) STRICT;
CREATE INDEX outbox_waiting ON outbox (seq) WHERE state < 2;
CREATE INDEX outbox_held ON outbox (not_before) WHERE state < 2;
CREATE INDEX unopened_by_item ON unopened (item) WHERE item <> x'';
CREATE VIRTUAL TABLE message_text USING fts5(
    body, content = 'message', content_rowid = 'id', tokenize = 'unicode61 remove_diacritics 2'
);
CREATE TABLE 'message_text_data'(id INTEGER PRIMARY KEY, block BLOB);
CREATE TABLE 'message_text_idx'(segid, term, pgno, PRIMARY KEY(segid, term)) WITHOUT ROWID;
CREATE TABLE 'message_text_docsize'(id INTEGER PRIMARY KEY, sz BLOB);
CREATE TABLE 'message_text_config'(k PRIMARY KEY, v) WITHOUT ROWID;
CREATE INDEX message_awaited ON message (thread) WHERE awaited > 0;
CREATE INDEX outbox_placed ON outbox (placed_at) WHERE state = 2;
CREATE TABLE closed_mark (
    thread  INTEGER NOT NULL,
    device  BLOB NOT NULL,
    kind    INTEGER NOT NULL,
    version INTEGER NOT NULL,
    sealed  BLOB NOT NULL,
    PRIMARY KEY (thread, device, kind)
) STRICT, WITHOUT ROWID;
CREATE TABLE common (
    hash BLOB PRIMARY KEY,
    body BLOB NOT NULL,
    own  INTEGER NOT NULL,
    sent INTEGER NOT NULL                     -- the relay has it
) STRICT, WITHOUT ROWID;
CREATE TABLE announcement (
    version     BLOB PRIMARY KEY,
    common      BLOB NOT NULL,
    corrects    BLOB NOT NULL,                -- the version in whose place it comes; empty for the first
    due         INTEGER NOT NULL,             -- Unix ms; until when an acknowledgement is wanted; 0: none is
    replies     INTEGER NOT NULL,             -- 0 to the issuer, 1 to all
    reminded_at INTEGER NOT NULL DEFAULT 0
) STRICT, WITHOUT ROWID;
CREATE INDEX announcement_corrects ON announcement (corrects) WHERE corrects <> x'';
CREATE TABLE announced (
    entry     BLOB PRIMARY KEY,
    version   BLOB NOT NULL,
    thread    INTEGER NOT NULL,
    position  INTEGER NOT NULL,               -- 0 while the relay has not placed it
    statement INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX announced_by_version ON announced (version);
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
CREATE TABLE note (
    item       BLOB PRIMARY KEY,
    thread     INTEGER NOT NULL,
    title      TEXT NOT NULL,
    document   BLOB NOT NULL,                 -- automerge, as it was last stored whole
    version    BLOB NOT NULL,                 -- hashes of the changes that no other follows, 32 bytes each
    changed_at INTEGER NOT NULL               -- Unix ms; when the text last changed here
) STRICT, WITHOUT ROWID;
CREATE INDEX note_by_thread ON note (thread);
CREATE TABLE note_change (
    seq     INTEGER PRIMARY KEY AUTOINCREMENT,
    item    BLOB NOT NULL,
    device  BLOB NOT NULL,
    changes BLOB NOT NULL,                    -- CBOR, as an entry carries them
    waiting INTEGER NOT NULL
) STRICT;
CREATE INDEX note_change_by_item ON note_change (item, waiting);
CREATE TABLE note_actor (
    item   BLOB NOT NULL,
    actor  BLOB NOT NULL,
    device BLOB NOT NULL,
    PRIMARY KEY (item, actor)
) STRICT, WITHOUT ROWID;
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
CREATE TABLE call (
    uid           BLOB PRIMARY KEY,
    report        BLOB NOT NULL,              -- CBOR of a CallReport, empty before the first
    called_until  INTEGER NOT NULL,           -- this agent is called; 0: is not
    unanswered_at INTEGER NOT NULL            -- since when it is known that nobody has answered; 0: it is not
) STRICT, WITHOUT ROWID;
CREATE TABLE answer (
    uid        BLOB PRIMARY KEY,
    at         INTEGER NOT NULL,
    body       BLOB NOT NULL,                 -- CBOR of an Answer
    state      INTEGER NOT NULL,              -- 0 to be sent, 1 stands, 2 refused for good
    not_before INTEGER NOT NULL,
    fault      TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE intervention (
    id        INTEGER PRIMARY KEY,
    entry     BLOB NOT NULL,                  -- the urgent message with which it began
    began_at  INTEGER NOT NULL,
    closes_at INTEGER NOT NULL,               -- when it ends by itself
    ended_at  INTEGER NOT NULL                -- 0 while it goes on
) STRICT;
