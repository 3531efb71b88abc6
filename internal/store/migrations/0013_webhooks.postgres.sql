CREATE SEQUENCE webhook_id;
CREATE SEQUENCE activity_id;

-- Updated with every array: room on the page keeps that off the indexes (HOT).
ALTER TABLE webhooks SET (fillfactor = 50);
-- Rows come and go, and are read from the lowest: what is dead has to be
-- cleared away soon.
ALTER TABLE activities SET (autovacuum_vacuum_scale_factor = 0.02);
