CREATE SEQUENCE field_id;

-- What is searched by its beginning is compared byte by byte, whatever the
-- database's own collation.
ALTER TABLE contacts ALTER COLUMN external_customer_id TYPE TEXT COLLATE "C";
ALTER TABLE contacts ALTER COLUMN phone TYPE TEXT COLLATE "C";
ALTER TABLE contacts ALTER COLUMN email_key TYPE TEXT COLLATE "C";
ALTER TABLE contacts ALTER COLUMN first_key TYPE TEXT COLLATE "C";
ALTER TABLE contacts ALTER COLUMN last_key TYPE TEXT COLLATE "C";

-- Updated with every batch of contacts: room on the page keeps that off the
-- index (HOT).
ALTER TABLE contact_blocks SET (fillfactor = 50);
