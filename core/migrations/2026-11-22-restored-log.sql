-- A message placed in a log that the relay has lost, until it comes back in the restored one. Its position
-- is the one of the lost log meanwhile. 0 stands, 1 awaited, 2 awaited and not read here yet.
ALTER TABLE message ADD COLUMN awaited INTEGER NOT NULL DEFAULT 0;
CREATE INDEX message_awaited ON message (thread) WHERE awaited > 0;

-- When the relay had it durably, Unix ms; 0 while it stands nowhere. Kept for 35 days from then.
ALTER TABLE outbox ADD COLUMN placed_at INTEGER NOT NULL DEFAULT 0;
UPDATE outbox SET placed_at = coalesce((SELECT received_at FROM message WHERE message.uid = outbox.uid), 0)
WHERE state = 2;
CREATE INDEX outbox_placed ON outbox (placed_at) WHERE state = 2;
