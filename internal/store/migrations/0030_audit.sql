-- audit has a line for each act. Its ids have no gaps, and hash is the SHA-256 of the line
-- with the hash of the one before it, so that what was changed or removed shows.
-- workspace_id is 0 for what is of the installation.
CREATE TABLE audit (
	id {{id}},
	workspace_id BIGINT NOT NULL,
	at BIGINT NOT NULL,
	actor_kind TEXT NOT NULL,
	actor_id BIGINT NOT NULL,
	actor TEXT NOT NULL,
	address TEXT NOT NULL,
	act TEXT NOT NULL,
	subject TEXT NOT NULL,
	outcome TEXT NOT NULL,
	before_it TEXT NOT NULL,
	after_it TEXT NOT NULL,
	previous TEXT NOT NULL,
	hash TEXT NOT NULL
);

CREATE INDEX audit_by_workspace ON audit (workspace_id, id);

-- audit_head is one row: where the chain begins, since lines that are not kept any more
-- were removed, and where it ends. Whoever appends a line locks it.
CREATE TABLE audit_head (
	id {{id}},
	first_id BIGINT NOT NULL,
	first_previous TEXT NOT NULL,
	last_id BIGINT NOT NULL,
	last_hash TEXT NOT NULL
);

INSERT INTO audit_head (id, first_id, first_previous, last_id, last_hash) VALUES (1, 1, '', 0, '');

-- For how many months a workspace keeps its lines.
ALTER TABLE workspaces ADD COLUMN keep_audit BIGINT NOT NULL DEFAULT 24;
