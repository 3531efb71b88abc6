-- secrets are the data keys of the installation, each sealed under the secret key whose
-- fingerprint is under; twice while the secret key is being changed. One that was forgotten
-- has the empty fingerprint: its id is never given again.
CREATE TABLE secrets (
	id BIGINT NOT NULL,
	under TEXT NOT NULL,
	sealed {{blob}} NOT NULL,
	created_at BIGINT NOT NULL,
	PRIMARY KEY (id, under)
);
