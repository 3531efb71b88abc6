-- Files that go with messages. Their bytes lie elsewhere, under the key.
-- duration is in milliseconds, kinds a list with commas.
CREATE TABLE media (
	id {{id}},
	workspace_id BIGINT NOT NULL REFERENCES workspaces (id),
	name TEXT NOT NULL,
	type TEXT NOT NULL,
	size BIGINT NOT NULL,
	width BIGINT NOT NULL,
	height BIGINT NOT NULL,
	duration BIGINT NOT NULL,
	kinds TEXT NOT NULL,
	sha256 TEXT NOT NULL,
	key TEXT NOT NULL UNIQUE,
	created_at BIGINT NOT NULL
);

CREATE INDEX media_by_workspace ON media (workspace_id, id);
CREATE UNIQUE INDEX media_by_bytes ON media (workspace_id, sha256);

-- How a bot sends what it has sent before. sent_as is the kind that Telegram
-- made of it.
CREATE TABLE media_files (
	bot_id BIGINT NOT NULL,
	source TEXT NOT NULL,
	kind TEXT NOT NULL,
	sent_as TEXT NOT NULL,
	file_id TEXT NOT NULL,
	updated_at BIGINT NOT NULL,
	PRIMARY KEY (bot_id, source, kind)
){{clustered}};

CREATE INDEX media_files_by_source ON media_files (source);
