CREATE TABLE dated_head (
    at   INTEGER PRIMARY KEY,             -- by the administrator's clock; the last only
    body BLOB NOT NULL
) STRICT;
