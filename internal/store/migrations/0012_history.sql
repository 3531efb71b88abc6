-- A deleted message is gone for everybody; its row is there for the campaigns
-- that sent it.
ALTER TABLE messages ADD COLUMN deleted BOOLEAN NOT NULL DEFAULT FALSE;

-- What was sent to one contact is found by its requests. Broadcasts need no such
-- index, which would slow their layout: their recipients lie in the order of
-- chats.
ALTER TABLE requests ADD COLUMN contact_id BIGINT;
UPDATE requests SET contact_id =
	(SELECT contact_id FROM recipients r WHERE r.campaign_id = requests.campaign_id AND r.seq = requests.seq);
CREATE INDEX requests_by_contact ON requests (contact_id, campaign_id, seq);

-- The request that was made for one addressee of a send under a key, so that a
-- repetition sends nothing.
CREATE TABLE accepted (
	workspace_id BIGINT NOT NULL,
	key TEXT NOT NULL,
	request_id TEXT NOT NULL,
	chat_id BIGINT NOT NULL,
	created_at BIGINT NOT NULL,
	PRIMARY KEY (workspace_id, key)
){{clustered}};

CREATE INDEX accepted_by_age ON accepted (created_at);
