-- What an import needs to change nothing the second time, and to finish what was cut short.
ALTER TABLE person ADD COLUMN team INTEGER NOT NULL DEFAULT 0;    -- 0: none; the team of a device that names none
ALTER TABLE inventory ADD COLUMN told INTEGER NOT NULL DEFAULT 0; -- 0: the relay does not know it as it stands; else 1 + its level there
ALTER TABLE edition ADD COLUMN behind INTEGER NOT NULL DEFAULT 0; -- 1: names changed since the last directory that was published
