-- Groups that became supergroups have new ids: campaigns that were laid out under
-- the old ones find them here.
CREATE TABLE group_moves (
	bot_id BIGINT NOT NULL,
	old_id BIGINT NOT NULL,
	new_id BIGINT NOT NULL,
	PRIMARY KEY (bot_id, old_id)
){{clustered}};

INSERT INTO group_moves (bot_id, old_id, new_id)
SELECT l.bot_id, r.chat_id, MAX(d.chat_id) FROM deferred d
JOIN recipients r ON r.campaign_id = d.campaign_id AND r.seq = d.seq
JOIN ledgers l ON l.campaign_id = d.campaign_id
WHERE d.chat_id IS NOT NULL GROUP BY l.bot_id, r.chat_id;

ALTER TABLE deferred DROP COLUMN chat_id;

-- A group may be a recipient under both of its ids. Private chats have positive ids,
-- so that the index costs their layout nothing.
CREATE INDEX recipients_groups ON recipients (campaign_id, chat_id) WHERE chat_id < 0;
