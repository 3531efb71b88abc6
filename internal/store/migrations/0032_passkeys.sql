-- passkeys are keys that devices of a user keep. content is the public part, as JSON, with
-- what is to be remembered of its last use; credential is the id under which the device
-- knows it, in base64url.
CREATE TABLE passkeys (
	id {{id}},
	user_id BIGINT NOT NULL REFERENCES users (id),
	credential TEXT NOT NULL UNIQUE,
	name TEXT NOT NULL,
	content TEXT NOT NULL,
	created_at BIGINT NOT NULL,
	used_at BIGINT
);

CREATE INDEX passkeys_by_user ON passkeys (user_id);

-- answered are challenges that a device has answered, which are good once. hash is the
-- SHA-256 of one, in hex.
CREATE TABLE answered (
	hash TEXT NOT NULL PRIMARY KEY,
	expires_at BIGINT NOT NULL
);
