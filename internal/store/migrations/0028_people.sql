-- users are people who sign in, known by their email in small letters. password is the
-- hash of one, empty for who has none. An installer is an owner of every workspace.
CREATE TABLE users (
	id {{id}},
	email TEXT {{collate}}NOT NULL UNIQUE,
	name TEXT NOT NULL,
	password TEXT NOT NULL,
	installer BOOLEAN NOT NULL,
	created_at BIGINT NOT NULL
);

CREATE TABLE roles (
	workspace_id BIGINT NOT NULL REFERENCES workspaces (id),
	user_id BIGINT NOT NULL REFERENCES users (id),
	role TEXT NOT NULL,
	given_at BIGINT NOT NULL,
	PRIMARY KEY (workspace_id, user_id)
);

CREATE INDEX roles_by_user ON roles (user_id);

-- hash is the SHA-256 of the secret that the browser has. workspace_id is the workspace
-- that the person looks at. confirmed_at is when the password was given last.
CREATE TABLE sessions (
	id {{id}},
	hash TEXT NOT NULL UNIQUE,
	user_id BIGINT NOT NULL REFERENCES users (id),
	workspace_id BIGINT NOT NULL REFERENCES workspaces (id),
	created_at BIGINT NOT NULL,
	seen_at BIGINT NOT NULL,
	confirmed_at BIGINT NOT NULL,
	address TEXT NOT NULL,
	agent TEXT NOT NULL
);

CREATE INDEX sessions_by_user ON sessions (user_id);

-- links are good once: to become the owner, to join a workspace (with a role, for an
-- email), to choose a new password (for a user).
CREATE TABLE links (
	id {{id}},
	hash TEXT NOT NULL UNIQUE,
	kind TEXT NOT NULL,
	workspace_id BIGINT REFERENCES workspaces (id),
	user_id BIGINT REFERENCES users (id),
	email TEXT {{collate}}NOT NULL,
	role TEXT NOT NULL,
	made_by BIGINT,
	created_at BIGINT NOT NULL,
	expires_at BIGINT NOT NULL
);

CREATE INDEX links_by_workspace ON links (workspace_id);

-- attempts are passwords that were wrong, or are being tried, since the last right one:
-- by what they have in common.
CREATE TABLE attempts (
	name TEXT NOT NULL PRIMARY KEY,
	failures BIGINT NOT NULL,
	last_at BIGINT NOT NULL
);

CREATE INDEX attempts_by_age ON attempts (last_at);

-- The secret that a key had before opens the same until it retires.
ALTER TABLE api_keys ADD COLUMN note TEXT NOT NULL DEFAULT '';
ALTER TABLE api_keys ADD COLUMN made_by BIGINT;
ALTER TABLE api_keys ADD COLUMN expires_at BIGINT;
ALTER TABLE api_keys ADD COLUMN used_at BIGINT;
ALTER TABLE api_keys ADD COLUMN retiring_hash TEXT;
ALTER TABLE api_keys ADD COLUMN retires_at BIGINT;

CREATE UNIQUE INDEX api_keys_by_retiring_hash ON api_keys (retiring_hash);

ALTER TABLE workspaces ADD COLUMN archived_at BIGINT;
