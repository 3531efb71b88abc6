-- Where a workspace's activities are told. statuses is a list with commas;
-- password is sealed. attempts counts failures in a row, next_at is when it may
-- be tried again, or when it was last served. owner, epoch and expires_at are
-- the lease of whoever sends; revision grows with each change by a person. A
-- deleted webhook keeps its row until what waited for it is gone.
CREATE TABLE webhooks (
	id {{id}},
	workspace_id BIGINT NOT NULL REFERENCES workspaces (id),
	name TEXT NOT NULL,
	url TEXT NOT NULL,
	login TEXT NOT NULL,
	password {{blob}},
	statuses TEXT NOT NULL,
	active BOOLEAN NOT NULL,
	deleted_at BIGINT NOT NULL DEFAULT 0,
	revision BIGINT NOT NULL DEFAULT 0,
	attempts BIGINT NOT NULL DEFAULT 0,
	next_at BIGINT NOT NULL DEFAULT 0,
	last_error TEXT NOT NULL DEFAULT '',
	failed_at BIGINT NOT NULL DEFAULT 0,
	delivered_at BIGINT NOT NULL DEFAULT 0,
	owner TEXT NOT NULL DEFAULT '',
	epoch BIGINT NOT NULL DEFAULT 0,
	expires_at BIGINT NOT NULL DEFAULT 0,
	created_at BIGINT NOT NULL,
	updated_at BIGINT NOT NULL
);

CREATE INDEX webhooks_by_workspace ON webhooks (workspace_id, id);
CREATE INDEX webhooks_active ON webhooks (workspace_id) WHERE active;
CREATE INDEX webhooks_deleted ON webhooks (id) WHERE deleted_at <> 0;

-- What a webhook is still to be told, written in the transaction in which it
-- happened and deleted when it was told. Ids are in the order of writing, but
-- on several connections a lower one may become visible after a higher one.
-- contact_id and chat_id are set where no recipient tells them, click_id for
-- clicks.
CREATE TABLE activities (
	webhook_id BIGINT NOT NULL,
	id BIGINT NOT NULL,
	status TEXT NOT NULL,
	campaign_id BIGINT NOT NULL,
	seq BIGINT NOT NULL,
	contact_id BIGINT,
	chat_id BIGINT,
	click_id TEXT,
	at BIGINT NOT NULL,
	PRIMARY KEY (webhook_id, id)
){{clustered}};
