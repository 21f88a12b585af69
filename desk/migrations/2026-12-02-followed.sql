-- The edition of the directory whose names are in these records, whoever made it.
ALTER TABLE edition ADD COLUMN followed INTEGER NOT NULL DEFAULT 0;

-- 1 where a name was changed here and has not been published yet.
ALTER TABLE person ADD COLUMN changed INTEGER NOT NULL DEFAULT 0;
ALTER TABLE team ADD COLUMN changed INTEGER NOT NULL DEFAULT 0;
