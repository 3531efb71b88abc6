CREATE SEQUENCE group_id;

-- Updated with every change of members: room on the page keeps that off the
-- index (HOT).
ALTER TABLE member_blocks SET (fillfactor = 50);
