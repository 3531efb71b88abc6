-- Ids are compared byte by byte, which is the order of time.
ALTER TABLE clicks ALTER COLUMN id TYPE TEXT COLLATE "C";

-- Updated with every batch of clicks: room on the page keeps that off the index
-- (HOT).
ALTER TABLE click_counts SET (fillfactor = 50);
