-- language is what the sender asks for in place of the contact's.
ALTER TABLE recipients ADD COLUMN language TEXT;

-- What was sent with buttons whose presses come back, so that a press finds
-- its delivery.
CREATE TABLE pressable (
	bot_id BIGINT NOT NULL,
	chat_id BIGINT NOT NULL,
	telegram_message_id BIGINT NOT NULL,
	campaign_id BIGINT NOT NULL,
	seq BIGINT NOT NULL,
	PRIMARY KEY (bot_id, chat_id, telegram_message_id)
){{clustered}};

-- Test sends are a triggered campaign of their own.
ALTER TABLE campaigns ADD COLUMN test BOOLEAN NOT NULL DEFAULT FALSE;
DROP INDEX campaigns_open;
CREATE UNIQUE INDEX campaigns_open ON campaigns (bot_id, message_id, test)
	WHERE kind = 'triggered' AND NOT laid AND state IN ('sending', 'paused');
