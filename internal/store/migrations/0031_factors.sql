-- totp is the sealed secret of a user's authenticator, totp_draft one that was not tried
-- yet, totp_step the last time step whose code was taken: a code is good once.
ALTER TABLE users ADD COLUMN totp {{blob}};
ALTER TABLE users ADD COLUMN totp_draft {{blob}};
ALTER TABLE users ADD COLUMN totp_step BIGINT NOT NULL DEFAULT 0;

-- A recovery code takes the place of the authenticator once. hash is its SHA-256, in hex.
CREATE TABLE recovery_codes (
	user_id BIGINT NOT NULL REFERENCES users (id),
	hash TEXT NOT NULL,
	PRIMARY KEY (user_id, hash)
);
