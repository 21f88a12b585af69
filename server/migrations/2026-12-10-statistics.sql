-- How many entries were written outside their author's hours: by month (UTC, 12 × year + month - 1) and
-- roster, never by agent. Conversations of two are not counted.
CREATE TABLE off_hours (
    month INTEGER NOT NULL,
    roster BLOB NOT NULL,
    entries INTEGER NOT NULL,
    PRIMARY KEY (month, roster)
) STRICT, WITHOUT ROWID;
