CREATE TABLE event_types (
	id {{id}},
	workspace_id BIGINT NOT NULL REFERENCES workspaces (id),
	key TEXT NOT NULL,
	created_at BIGINT NOT NULL
);

CREATE UNIQUE INDEX event_types_by_key ON event_types (workspace_id, key);

-- What has happened to contacts. contact_id is NULL while the event names
-- nobody who is known; params is a JSON object. past marks what was told
-- afterwards, as history.
CREATE TABLE events (
	workspace_id BIGINT NOT NULL,
	id BIGINT NOT NULL,
	type_id BIGINT NOT NULL,
	contact_id BIGINT,
	key TEXT NOT NULL,
	params TEXT NOT NULL,
	past BOOLEAN NOT NULL,
	occurred_at BIGINT NOT NULL,
	created_at BIGINT NOT NULL,
	PRIMARY KEY (workspace_id, id)
){{clustered}};

CREATE INDEX events_by_type ON events (workspace_id, type_id, id);
CREATE INDEX events_by_contact ON events (workspace_id, contact_id, id) WHERE contact_id IS NOT NULL;
CREATE INDEX events_past ON events (workspace_id, occurred_at) WHERE past;
