-- Imports are worked on by whoever leases them. owner, epoch and expires_at are
-- the lease; attempts counts those that have begun, due_at is when the next may.
-- from_file stays when the link is forgotten. One that waited in a queue or was
-- under way is simply due.
ALTER TABLE imports ADD COLUMN from_file BOOLEAN NOT NULL DEFAULT FALSE;
ALTER TABLE imports ADD COLUMN owner TEXT NOT NULL DEFAULT '';
ALTER TABLE imports ADD COLUMN epoch BIGINT NOT NULL DEFAULT 0;
ALTER TABLE imports ADD COLUMN expires_at BIGINT NOT NULL DEFAULT 0;
ALTER TABLE imports ADD COLUMN attempts BIGINT NOT NULL DEFAULT 0;
ALTER TABLE imports ADD COLUMN due_at BIGINT NOT NULL DEFAULT 0;

-- A request has one part.
UPDATE imports SET from_file = TRUE
WHERE link <> '' OR EXISTS (SELECT 1 FROM import_parts p WHERE p.import_id = imports.id AND p.part > 1);

CREATE INDEX imports_due ON imports (from_file, due_at, id) WHERE state IN ('started', 'importing');

-- The tables of the queue that imports had before.
DROP TABLE IF EXISTS river_client_queue;
DROP TABLE IF EXISTS river_client;
DROP TABLE IF EXISTS river_job;
DROP TABLE IF EXISTS river_leader;
DROP TABLE IF EXISTS river_queue;
DROP TABLE IF EXISTS river_migration;
