-- What administrators, operators and the relay did, and what was refused: append-only, hash-chained.

CREATE TABLE audit (
    number INTEGER PRIMARY KEY,           -- from 1, without holes
    body   BLOB NOT NULL,                 -- CBOR of the line
    hash   BLOB NOT NULL                  -- SHA-256 of domain, hash of the line before, body
) STRICT;

-- The relay's signed word for the chain at a line, some hours apart: a tail cut off later is missed.
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
