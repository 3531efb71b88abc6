-- The rows of the present quarter of an hour are updated with every step: room on the
-- page keeps that off the index (HOT).
ALTER TABLE stats SET (fillfactor = 50);
