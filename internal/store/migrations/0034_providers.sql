-- providers are where people sign in with an account of their company (OpenID Connect).
-- secret is sealed. workspace_id is where newcomers come in, with the role that domains,
-- which is JSON, give to the domain of their email.
CREATE TABLE providers (
	id {{id}},
	name TEXT NOT NULL UNIQUE,
	issuer TEXT NOT NULL,
	client_id TEXT NOT NULL,
	secret {{blob}} NOT NULL,
	workspace_id BIGINT NOT NULL REFERENCES workspaces (id),
	domains TEXT NOT NULL,
	enabled BOOLEAN NOT NULL,
	created_at BIGINT NOT NULL
);

-- accounts are what providers have of users, whom they know by subject. email is what the
-- provider said last.
CREATE TABLE accounts (
	provider_id BIGINT NOT NULL REFERENCES providers (id),
	subject TEXT NOT NULL,
	user_id BIGINT NOT NULL REFERENCES users (id),
	email TEXT NOT NULL,
	created_at BIGINT NOT NULL,
	used_at BIGINT,
	PRIMARY KEY (provider_id, subject)
);

CREATE UNIQUE INDEX accounts_by_user ON accounts (user_id, provider_id);
