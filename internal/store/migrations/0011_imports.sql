-- Imports of contacts that were accepted, and what became of them. task is JSON:
-- how contacts are treated. link is the file that is yet to be fetched; it is
-- forgotten once it is, because it may hold a password.
CREATE TABLE imports (
	id {{id}},
	workspace_id BIGINT NOT NULL REFERENCES workspaces (id),
	session TEXT NOT NULL,
	state TEXT NOT NULL CHECK (state IN ('started', 'importing', 'finished', 'failed')),
	task TEXT NOT NULL,
	link TEXT NOT NULL,
	created BIGINT NOT NULL DEFAULT 0,
	updated BIGINT NOT NULL DEFAULT 0,
	skipped BIGINT NOT NULL DEFAULT 0,
	failed BIGINT NOT NULL DEFAULT 0,
	why TEXT NOT NULL DEFAULT '',
	created_at BIGINT NOT NULL,
	changed_at BIGINT NOT NULL
);

CREATE UNIQUE INDEX imports_by_session ON imports (workspace_id, session);
CREATE INDEX imports_by_age ON imports (created_at);

-- The contacts of an import, at most 3000 a part. contacts is JSON and goes once
-- they are imported; people are those whom the part created, as long as events
-- about them are to be written, of which there are so many; results is JSON.
CREATE TABLE import_parts (
	import_id BIGINT NOT NULL,
	part BIGINT NOT NULL,
	contacts {{blob}},
	people TEXT NOT NULL DEFAULT '',
	events BIGINT NOT NULL DEFAULT 0,
	results TEXT NOT NULL DEFAULT '',
	PRIMARY KEY (import_id, part)
);

-- Who chose categories of subscriptions is counted without looking at the rest.
CREATE INDEX contacts_subscribed ON contacts (workspace_id, id) WHERE subscriptions <> '' AND deleted_at = 0;
