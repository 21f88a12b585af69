-- When this device had an entry, by the relay's clock as it counts it; 0 for what came before this was noted.
ALTER TABLE entry ADD COLUMN arrived_at INTEGER NOT NULL DEFAULT 0;
