-- A device that was refused is told from a ticket that nobody has used.
ALTER TABLE ticket ADD COLUMN refused INTEGER NOT NULL DEFAULT 0; -- 1: its device was refused
