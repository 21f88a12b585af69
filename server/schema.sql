CREATE TABLE setting (
    name  TEXT PRIMARY KEY,               -- generation, organisation, claim, mode
    value BLOB NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE counter (
    name  TEXT PRIMARY KEY,               -- control, content, slots: never fall
    value INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE statement (
    number    INTEGER PRIMARY KEY,
    body      BLOB NOT NULL,
    signature BLOB NOT NULL
) STRICT;
CREATE TABLE control (
    number    INTEGER PRIMARY KEY,
    kind      INTEGER NOT NULL,           -- 0 statement, 1 handshake, 2 welcome, 3 refusal, 4 directory
    reference INTEGER NOT NULL            -- the key in that table
) STRICT;
CREATE INDEX control_by_reference ON control (kind, reference);
CREATE TABLE roster (
    roster        BLOB PRIMARY KEY,
    name          BLOB NOT NULL,          -- CBOR; a pair's id does not tell it
    generation    INTEGER NOT NULL,
    epoch         INTEGER NOT NULL,       -- after the last commit
    floor         INTEGER NOT NULL,       -- entries of older epochs are refused
    open_removals INTEGER NOT NULL,       -- 1 while a removal waits for its commit
    committed_at  INTEGER NOT NULL
, founded_at INTEGER) STRICT, WITHOUT ROWID;
CREATE TABLE roster_member (
    roster BLOB NOT NULL,
    device BLOB NOT NULL,
    since  INTEGER NOT NULL,              -- commits that end this epoch or a later one concern it
    PRIMARY KEY (roster, device)
) STRICT, WITHOUT ROWID;
CREATE TABLE handshake (
    id         INTEGER PRIMARY KEY,
    roster     BLOB NOT NULL,
    generation INTEGER NOT NULL,
    epoch      INTEGER NOT NULL,          -- that it ends
    device     BLOB NOT NULL,
    hash       BLOB NOT NULL,
    bytes      BLOB NOT NULL,
    UNIQUE (roster, generation, epoch)
) STRICT;
CREATE TABLE group_info (
    handshake INTEGER PRIMARY KEY,
    info      BLOB NOT NULL,
    tree      BLOB NOT NULL
) STRICT;
CREATE TABLE welcome (
    id        INTEGER PRIMARY KEY,
    handshake INTEGER NOT NULL,
    device    BLOB NOT NULL,
    bytes     BLOB NOT NULL
) STRICT;
CREATE INDEX welcome_by_device ON welcome (device);
CREATE INDEX welcome_by_handshake ON welcome (handshake);
CREATE TABLE refusal (
    id         INTEGER PRIMARY KEY,
    roster     BLOB NOT NULL,
    generation INTEGER NOT NULL,
    device     BLOB NOT NULL,
    body       BLOB NOT NULL,
    UNIQUE (roster, generation, device)
) STRICT;
CREATE TABLE directory (
    version INTEGER PRIMARY KEY,          -- the last only
    body    BLOB NOT NULL
) STRICT;
CREATE TABLE device (
    device         BLOB PRIMARY KEY,
    auth_epoch     INTEGER NOT NULL DEFAULT 0,
    request_number INTEGER NOT NULL DEFAULT 0
, contact_day INTEGER, wiped_at INTEGER, unsent INTEGER, endpoint TEXT) STRICT, WITHOUT ROWID;
CREATE TABLE key_package (
    id             INTEGER PRIMARY KEY,
    device         BLOB NOT NULL,
    hash           BLOB NOT NULL UNIQUE,
    last_resort    INTEGER NOT NULL,
    reserved_until INTEGER NOT NULL DEFAULT 0,
    bytes          BLOB NOT NULL
) STRICT;
CREATE INDEX key_package_by_device ON key_package (device, last_resort, reserved_until);
CREATE TABLE inventory (
    id   BLOB PRIMARY KEY,
    body BLOB NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE enrolment (
    id         BLOB PRIMARY KEY,
    inventory  BLOB NOT NULL,
    claim      BLOB NOT NULL,             -- SHA-256 of the claim, never the claim
    expires_at INTEGER NOT NULL,
    tries      INTEGER NOT NULL,
    stage      INTEGER NOT NULL,          -- 0 open, 1 challenged, 2 pending, 3 active, 4 refused, 5 burnt
    nonce      BLOB NOT NULL,             -- empty before the first challenge
    device     BLOB NOT NULL,             -- empty before one has answered
    at         INTEGER NOT NULL           -- end of the challenge, or when it was answered
) STRICT, WITHOUT ROWID;
CREATE TABLE submission (
    enrolment    BLOB PRIMARY KEY,
    binding      BLOB NOT NULL,
    evidence     BLOB NOT NULL,
    key_packages BLOB NOT NULL
) STRICT;
CREATE TABLE thread (
    id          INTEGER PRIMARY KEY,
    name        BLOB NOT NULL UNIQUE,
    position    INTEGER NOT NULL,
    chain       BLOB NOT NULL,            -- after the last entry
    received_at INTEGER NOT NULL,
    statement   INTEGER NOT NULL,
    stream      INTEGER NOT NULL,         -- of the last entry
    slots       INTEGER NOT NULL          -- of the last slot
, erased INTEGER NOT NULL DEFAULT 0) STRICT;
CREATE TABLE entry (
    stream      INTEGER PRIMARY KEY,
    thread      INTEGER NOT NULL,
    position    INTEGER NOT NULL,
    author      BLOB NOT NULL,
    uid         BLOB NOT NULL,
    received_at INTEGER NOT NULL,
    statement   INTEGER NOT NULL,
    urgency     INTEGER NOT NULL,
    hash        BLOB NOT NULL,
    previous    BLOB NOT NULL,            -- the chain before it
    header      BLOB NOT NULL,
    sealed      BLOB NOT NULL,
    UNIQUE (thread, position),
    UNIQUE (thread, author, uid)
) STRICT;
CREATE INDEX entry_by_thread ON entry (thread, stream);
CREATE INDEX entry_urgent ON entry (thread, stream) WHERE urgency > 0;
CREATE TABLE slot (
    thread  INTEGER NOT NULL,
    device  BLOB NOT NULL,
    kind    INTEGER NOT NULL,             -- 0 delivered, 1 read
    version INTEGER NOT NULL,
    number  INTEGER NOT NULL,             -- in the stream of slots
    sealed  BLOB NOT NULL,
    PRIMARY KEY (thread, device, kind)
) STRICT, WITHOUT ROWID;
CREATE INDEX slot_by_number ON slot (thread, number);
CREATE TABLE dated_head (
    at   INTEGER PRIMARY KEY,             -- by the administrator's clock; the last only
    body BLOB NOT NULL
) STRICT;
CREATE TABLE audit (
    number INTEGER PRIMARY KEY,           -- from 1, without holes
    body   BLOB NOT NULL,                 -- CBOR of the line
    hash   BLOB NOT NULL                  -- SHA-256 of domain, hash of the line before, body
) STRICT;
CREATE TABLE audit_head (
    number    INTEGER PRIMARY KEY,
    at        INTEGER NOT NULL,
    hash      BLOB NOT NULL,
    signature BLOB NOT NULL
) STRICT;
CREATE TRIGGER audit_is_not_rewritten BEFORE UPDATE ON audit
BEGIN SELECT RAISE(ABORT, 'the audit is append-only'); END;
CREATE TRIGGER audit_is_not_deleted BEFORE DELETE ON audit
BEGIN SELECT RAISE(ABORT, 'the audit is append-only'); END;
CREATE TRIGGER audit_head_is_not_rewritten BEFORE UPDATE ON audit_head
BEGIN SELECT RAISE(ABORT, 'the audit is append-only'); END;
CREATE TRIGGER audit_head_is_not_deleted BEFORE DELETE ON audit_head
BEGIN SELECT RAISE(ABORT, 'the audit is append-only'); END;
CREATE TABLE history_debt (
    roster   BLOB NOT NULL,
    device   BLOB NOT NULL,
    admitted INTEGER NOT NULL,            -- the statement that admits it
    reach    INTEGER NOT NULL,            -- admission of the longest-standing giver; 0: all was handed
    PRIMARY KEY (roster, device)
) STRICT, WITHOUT ROWID;
CREATE TABLE bundle (
    id     INTEGER PRIMARY KEY,
    roster BLOB NOT NULL,
    device BLOB NOT NULL,
    body   BLOB NOT NULL                  -- CBOR of a Bundle
) STRICT;
CREATE INDEX bundle_by_device ON bundle (device);
CREATE TABLE common (
    hash   BLOB PRIMARY KEY,
    author BLOB NOT NULL,                 -- device
    body   BLOB NOT NULL
) STRICT, WITHOUT ROWID;
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
CREATE TABLE receipt (
    id     INTEGER PRIMARY KEY,
    common BLOB NOT NULL,
    agent  INTEGER NOT NULL,
    issuer BLOB NOT NULL,                 -- the announcement's author's device
    body   BLOB NOT NULL,                 -- CBOR of a Receipt
    UNIQUE (common, agent)
) STRICT;
CREATE TABLE phone (
    device      BLOB PRIMARY KEY,
    enrolled    BLOB NOT NULL,             -- the evidence with which it enrolled
    renewed     BLOB NOT NULL DEFAULT x'', -- the evidence that it brought last; empty before the first
    attested_at INTEGER NOT NULL,          -- when evidence of it was judged last
    counter     INTEGER NOT NULL DEFAULT 0, -- of an iPhone's last assertion
    barred_at   INTEGER NOT NULL DEFAULT 0 -- since when the list names a key of its evidence; 0 if it names none
) STRICT, WITHOUT ROWID;
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
CREATE TABLE answer (
    stream INTEGER NOT NULL,              -- of the entry
    agent  INTEGER NOT NULL,
    body   BLOB NOT NULL,                 -- CBOR of an Answer
    PRIMARY KEY (stream, agent)
) STRICT, WITHOUT ROWID;
CREATE TABLE off_hours (
    month INTEGER NOT NULL,
    roster BLOB NOT NULL,
    entries INTEGER NOT NULL,
    PRIMARY KEY (month, roster)
) STRICT, WITHOUT ROWID;
