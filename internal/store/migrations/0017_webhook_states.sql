-- A paused webhook posts nothing, and state_reason says why; what happens is
-- recorded for it all the same, as long as it is active, which only those that had
-- been switched off are not, and those with a full backlog: what they miss since
-- missed_since is found again among outcomes and clicks. secrets is sealed, for
-- signatures. tried counts attempts for good.
ALTER TABLE webhooks ADD COLUMN state TEXT NOT NULL DEFAULT 'active' CHECK (state IN ('active', 'paused'));
ALTER TABLE webhooks ADD COLUMN state_reason TEXT NOT NULL DEFAULT '';
ALTER TABLE webhooks ADD COLUMN missed_since BIGINT NOT NULL DEFAULT 0;
ALTER TABLE webhooks ADD COLUMN secrets {{blob}};
ALTER TABLE webhooks ADD COLUMN tried BIGINT NOT NULL DEFAULT 0;
UPDATE webhooks SET state = 'paused', state_reason = 'by_hand' WHERE NOT active AND deleted_at = 0;

-- The last attempts to post to a webhook. status is that of the answer, 0 for none;
-- took is in milliseconds; content names the activities of an array that was taken.
CREATE TABLE webhook_attempts (
	webhook_id BIGINT NOT NULL,
	id BIGINT NOT NULL,
	message_id TEXT NOT NULL,
	at BIGINT NOT NULL,
	took BIGINT NOT NULL,
	activities BIGINT NOT NULL,
	status BIGINT NOT NULL,
	error TEXT NOT NULL,
	content TEXT NOT NULL,
	PRIMARY KEY (webhook_id, id)
){{clustered}};

-- Windows of time whose activities are posted once more, from due_at on, and how far
-- each has come: up to a recipient of a campaign, or a click of it.
CREATE TABLE webhook_replays (
	webhook_id BIGINT NOT NULL,
	since BIGINT NOT NULL,
	until BIGINT NOT NULL,
	due_at BIGINT NOT NULL,
	campaign_id BIGINT NOT NULL DEFAULT 0,
	seq BIGINT NOT NULL DEFAULT 0,
	click_id TEXT NOT NULL DEFAULT '',
	PRIMARY KEY (webhook_id, since, until)
){{clustered}};
