-- Definitions of the workspace's own fields. name_key is the name folded, so
-- that names are unique without regard to case.
CREATE TABLE fields (
	id {{id}},
	workspace_id BIGINT NOT NULL REFERENCES workspaces (id),
	name TEXT NOT NULL,
	name_key TEXT NOT NULL,
	type TEXT NOT NULL CHECK (type IN ('text', 'number', 'date', 'boolean')),
	created_at BIGINT NOT NULL
);

CREATE UNIQUE INDEX fields_by_name ON fields (workspace_id, name_key);

-- first_key and last_key are the names folded, for searches. subscriptions is a
-- JSON list of category keys. unsubscribed_at and deleted_at are zero for those
-- who are not; a deleted contact keeps its row, so that it can be restored.
ALTER TABLE contacts ADD COLUMN first_key TEXT NOT NULL DEFAULT '';
ALTER TABLE contacts ADD COLUMN last_key TEXT NOT NULL DEFAULT '';
ALTER TABLE contacts ADD COLUMN region TEXT NOT NULL DEFAULT '';
ALTER TABLE contacts ADD COLUMN town TEXT NOT NULL DEFAULT '';
ALTER TABLE contacts ADD COLUMN address TEXT NOT NULL DEFAULT '';
ALTER TABLE contacts ADD COLUMN postcode TEXT NOT NULL DEFAULT '';
ALTER TABLE contacts ADD COLUMN contact_key TEXT NOT NULL DEFAULT '';
ALTER TABLE contacts ADD COLUMN orders_last_at BIGINT NOT NULL DEFAULT 0;
ALTER TABLE contacts ADD COLUMN orders_count BIGINT NOT NULL DEFAULT 0;
ALTER TABLE contacts ADD COLUMN subscriptions TEXT NOT NULL DEFAULT '';
ALTER TABLE contacts ADD COLUMN unsubscribed_at BIGINT NOT NULL DEFAULT 0;
ALTER TABLE contacts ADD COLUMN deleted_at BIGINT NOT NULL DEFAULT 0;

CREATE INDEX contacts_living ON contacts (workspace_id, id) WHERE deleted_at = 0;
CREATE INDEX contacts_by_first ON contacts (workspace_id, first_key, id) WHERE deleted_at = 0 AND first_key <> '';
CREATE INDEX contacts_by_last ON contacts (workspace_id, last_key, id) WHERE deleted_at = 0 AND last_key <> '';

-- How many contacts that are not deleted there are in each block of 1024
-- ids, so that a page is found at any depth without counting up to it.
CREATE TABLE contact_blocks (
	workspace_id BIGINT NOT NULL,
	block BIGINT NOT NULL,
	living BIGINT NOT NULL,
	PRIMARY KEY (workspace_id, block)
){{clustered}};

INSERT INTO contact_blocks (workspace_id, block, living)
SELECT workspace_id, id >> 10, COUNT(*) FROM contacts GROUP BY workspace_id, id >> 10;

-- value_key is the value, or a digest of one that is too long for an index.
CREATE TABLE contact_fields (
	contact_id BIGINT NOT NULL,
	field_id BIGINT NOT NULL,
	value TEXT NOT NULL,
	value_key TEXT NOT NULL,
	PRIMARY KEY (contact_id, field_id)
){{clustered}};

CREATE INDEX contact_fields_by_value ON contact_fields (field_id, value_key);

-- Push tokens: kept, matched, never sent to. device_key is the type and the
-- token, or a digest; device is JSON.
CREATE TABLE contact_devices (
	contact_id BIGINT NOT NULL,
	device_key TEXT NOT NULL,
	workspace_id BIGINT NOT NULL,
	device TEXT NOT NULL,
	PRIMARY KEY (contact_id, device_key)
){{clustered}};

CREATE INDEX contact_devices_by_key ON contact_devices (workspace_id, device_key);

-- muted_until is zero for a chat that is not muted; an inactive one is known
-- and not written to.
ALTER TABLE chats ADD COLUMN muted_until BIGINT NOT NULL DEFAULT 0;
ALTER TABLE chats ADD COLUMN inactive BOOLEAN NOT NULL DEFAULT FALSE;

-- What a person left in past deliveries is found when it has to go.
CREATE INDEX recipients_personal ON recipients (contact_id) WHERE data IS NOT NULL;
CREATE INDEX clicks_personal ON clicks (contact_id) WHERE target IS NOT NULL OR data IS NOT NULL;
