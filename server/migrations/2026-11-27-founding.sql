-- Which statement was the last when a group was founded: who was a member then may read all of it.
-- Not known of groups founded before.
ALTER TABLE roster ADD COLUMN founded_at INTEGER;
