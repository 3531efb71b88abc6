-- The IANA zone by which the people of a workspace plan and count days; empty when each
-- has their own.
ALTER TABLE workspaces ADD COLUMN time_zone TEXT NOT NULL DEFAULT '';
