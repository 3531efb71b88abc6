-- Identifiers come from sequences, which no transaction has to wait for.
CREATE SEQUENCE api_key_id;
CREATE SEQUENCE bot_id;
CREATE SEQUENCE contact_id;
CREATE SEQUENCE message_id;
CREATE SEQUENCE campaign_id;

-- The ledgers are updated at every step of dispatch: room on the page keeps
-- those updates off the indexes (HOT).
ALTER TABLE ledgers SET (fillfactor = 50);
ALTER TABLE senders SET (fillfactor = 50);
