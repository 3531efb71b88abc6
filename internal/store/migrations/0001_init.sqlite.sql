-- Identifiers are counted in a table: there is one writer.
CREATE TABLE counters (
	name TEXT NOT NULL PRIMARY KEY,
	last BIGINT NOT NULL
);

INSERT INTO counters (name, last)
VALUES ('api_key_id', 0), ('bot_id', 0), ('contact_id', 0), ('message_id', 0), ('campaign_id', 0);
