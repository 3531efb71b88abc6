-- A triggered campaign takes new recipients while it is not laid, and only one
-- per bot and message does so at a time. period is the month it was opened in
-- (2026-11); idle tells that it has nothing to do, so that dispatch can pass it
-- over without a look at its ledger.
ALTER TABLE campaigns ADD COLUMN period TEXT NOT NULL DEFAULT '';
ALTER TABLE campaigns ADD COLUMN idle BOOLEAN NOT NULL DEFAULT FALSE;

CREATE UNIQUE INDEX campaigns_open ON campaigns (bot_id, message_id)
	WHERE kind = 'triggered' AND NOT laid AND state IN ('sending', 'paused');
CREATE INDEX campaigns_triggered ON campaigns (id) WHERE kind = 'triggered' AND state = 'sending';
-- What there is to do is found every second, whatever lies behind: by indexes
-- that hold nothing else. A planner takes a partial index only for a query that
-- repeats its condition to the word, and in the order of the query.
CREATE INDEX campaigns_awake ON campaigns (id) WHERE state IN ('launching', 'sending') AND NOT idle;
CREATE INDEX campaigns_scheduled ON campaigns (scheduled_at) WHERE state = 'scheduled';

-- The deliveries of one request: several when a contact has several chats.
CREATE TABLE requests (
	request_id TEXT NOT NULL,
	campaign_id BIGINT NOT NULL,
	seq BIGINT NOT NULL,
	PRIMARY KEY (request_id, campaign_id, seq)
){{clustered}};

CREATE TABLE idempotency (
	workspace_id BIGINT NOT NULL,
	key TEXT NOT NULL,
	fingerprint TEXT NOT NULL,
	answer TEXT NOT NULL,
	created_at BIGINT NOT NULL,
	PRIMARY KEY (workspace_id, key)
){{clustered}};

CREATE INDEX idempotency_by_age ON idempotency (created_at);
