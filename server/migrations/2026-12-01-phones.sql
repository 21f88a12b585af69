-- What phones have shown of themselves: looked at again with each list of revoked keys, and asked for anew.
CREATE TABLE phone (
    device      BLOB PRIMARY KEY,
    enrolled    BLOB NOT NULL,             -- the evidence with which it enrolled
    renewed     BLOB NOT NULL DEFAULT x'', -- the evidence that it brought last; empty before the first
    attested_at INTEGER NOT NULL,          -- when evidence of it was judged last
    counter     INTEGER NOT NULL DEFAULT 0, -- of an iPhone's last assertion
    barred_at   INTEGER NOT NULL DEFAULT 0 -- since when the list names a key of its evidence; 0 if it names none
) STRICT, WITHOUT ROWID;

INSERT OR IGNORE INTO phone (device, enrolled, attested_at)
SELECT enrolment.device, submission.evidence, enrolment.at FROM enrolment
JOIN submission ON submission.enrolment = enrolment.id
WHERE enrolment.stage = 3 AND length(submission.evidence) > 0;
