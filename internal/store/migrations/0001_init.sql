-- One text for both engines. {{id}}, {{blob}} and {{clustered}} are the words
-- in which they differ (dialect.go). Times are unix milliseconds. The big
-- tables (contacts, chats, recipients, outcomes) carry no foreign keys: their
-- rows are written in bulk by code that has just read what they point to.

CREATE TABLE installation (
	name TEXT NOT NULL PRIMARY KEY,
	value {{blob}} NOT NULL
);

CREATE TABLE workspaces (
	id {{id}},
	name TEXT NOT NULL UNIQUE,
	phone_region TEXT NOT NULL,
	identity_match TEXT NOT NULL CHECK (identity_match IN ('first', 'any')),
	created_at BIGINT NOT NULL
);

INSERT INTO workspaces (id, name, phone_region, identity_match, created_at)
VALUES (1, 'default', '', 'first', 0);

CREATE TABLE api_keys (
	id {{id}},
	workspace_id BIGINT NOT NULL REFERENCES workspaces (id),
	name TEXT NOT NULL,
	hash TEXT NOT NULL UNIQUE,
	created_at BIGINT NOT NULL
);

CREATE TABLE bots (
	id {{id}},
	workspace_id BIGINT NOT NULL REFERENCES workspaces (id),
	app_uuid TEXT NOT NULL UNIQUE,
	telegram_id BIGINT NOT NULL UNIQUE,
	username TEXT NOT NULL,
	name TEXT NOT NULL,
	token {{blob}} NOT NULL,
	api_url TEXT NOT NULL,
	state TEXT NOT NULL CHECK (state IN ('active', 'paused')),
	state_reason TEXT NOT NULL,
	subscribers BIGINT NOT NULL DEFAULT 0,
	rate_per_second DOUBLE PRECISION NOT NULL DEFAULT 0,
	paid_broadcast BOOLEAN NOT NULL DEFAULT FALSE,
	paid_refused_until BIGINT NOT NULL DEFAULT 0,
	frozen_until BIGINT NOT NULL DEFAULT 0,
	frozen_reason TEXT NOT NULL DEFAULT '',
	created_at BIGINT NOT NULL,
	updated_at BIGINT NOT NULL
);

CREATE INDEX bots_by_workspace ON bots (workspace_id, id);

CREATE TABLE leases (
	bot_id {{id}},
	owner TEXT NOT NULL,
	epoch BIGINT NOT NULL,
	expires_at BIGINT NOT NULL
);

CREATE TABLE senders (
	owner TEXT NOT NULL PRIMARY KEY,
	step BIGINT NOT NULL,
	expires_at BIGINT NOT NULL
);

CREATE TABLE contacts (
	id {{id}},
	workspace_id BIGINT NOT NULL,
	external_customer_id TEXT,
	phone TEXT,
	email TEXT,
	email_key TEXT,
	first_name TEXT NOT NULL DEFAULT '',
	last_name TEXT NOT NULL DEFAULT '',
	language_code TEXT NOT NULL DEFAULT '',
	time_zone TEXT NOT NULL DEFAULT '',
	created_at BIGINT NOT NULL,
	updated_at BIGINT NOT NULL
);

CREATE UNIQUE INDEX contacts_by_external ON contacts (workspace_id, external_customer_id) WHERE external_customer_id IS NOT NULL;
CREATE INDEX contacts_by_phone ON contacts (workspace_id, phone) WHERE phone IS NOT NULL;
CREATE INDEX contacts_by_email ON contacts (workspace_id, email_key) WHERE email_key IS NOT NULL;

CREATE TABLE chats (
	bot_id BIGINT NOT NULL,
	chat_id BIGINT NOT NULL,
	contact_id BIGINT NOT NULL,
	created_at BIGINT NOT NULL,
	PRIMARY KEY (bot_id, chat_id)
){{clustered}};

CREATE INDEX chats_by_contact ON chats (contact_id);

CREATE TABLE messages (
	id {{id}},
	workspace_id BIGINT NOT NULL REFERENCES workspaces (id),
	name TEXT NOT NULL,
	content TEXT NOT NULL,
	created_at BIGINT NOT NULL,
	updated_at BIGINT NOT NULL
);

CREATE INDEX messages_by_workspace ON messages (workspace_id, id);

-- What a campaign is and how far it is laid out. Its row is written by people
-- and by the layout; how far it is sent stands in ledgers, written by dispatch,
-- so that the two never wait for each other's row.
CREATE TABLE campaigns (
	id {{id}},
	workspace_id BIGINT NOT NULL REFERENCES workspaces (id),
	bot_id BIGINT NOT NULL REFERENCES bots (id),
	message_id BIGINT NOT NULL REFERENCES messages (id),
	name TEXT NOT NULL,
	kind TEXT NOT NULL CHECK (kind IN ('broadcast', 'triggered')),
	state TEXT NOT NULL CHECK (state IN ('draft', 'scheduled', 'launching', 'sending', 'paused', 'finished', 'cancelled')),
	state_reason TEXT NOT NULL DEFAULT '',
	state_detail TEXT NOT NULL DEFAULT '',
	audience TEXT NOT NULL,
	content TEXT NOT NULL DEFAULT '',
	allow_paid BOOLEAN NOT NULL DEFAULT FALSE,
	stars_budget BIGINT NOT NULL DEFAULT 0,
	resend_of BIGINT,
	laid_seq BIGINT NOT NULL DEFAULT 0,
	laid_cursor BIGINT NOT NULL DEFAULT 0,
	laid BOOLEAN NOT NULL DEFAULT FALSE,
	created_at BIGINT NOT NULL,
	updated_at BIGINT NOT NULL,
	scheduled_at BIGINT,
	launched_at BIGINT,
	finished_at BIGINT
);

CREATE INDEX campaigns_by_workspace ON campaigns (workspace_id, id);
CREATE INDEX campaigns_resent ON campaigns (resend_of) WHERE resend_of IS NOT NULL;
CREATE INDEX campaigns_active ON campaigns (bot_id) WHERE state IN ('scheduled', 'launching', 'sending');

-- The pace_ columns are two moments in the past at which it was noted how many
-- recipients were done, for the speed.
CREATE TABLE ledgers (
	campaign_id {{id}},
	bot_id BIGINT NOT NULL,
	epoch BIGINT NOT NULL DEFAULT 0,
	claimed_seq BIGINT NOT NULL DEFAULT 0,
	settled_seq BIGINT NOT NULL DEFAULT 0,
	waiting BIGINT NOT NULL DEFAULT 0,
	sent BIGINT NOT NULL DEFAULT 0,
	failed BIGINT NOT NULL DEFAULT 0,
	skipped BIGINT NOT NULL DEFAULT 0,
	unknown BIGINT NOT NULL DEFAULT 0,
	paid BIGINT NOT NULL DEFAULT 0,
	pace_from_at BIGINT NOT NULL DEFAULT 0,
	pace_from_done BIGINT NOT NULL DEFAULT 0,
	pace_mark_at BIGINT NOT NULL DEFAULT 0,
	pace_mark_done BIGINT NOT NULL DEFAULT 0
);

CREATE INDEX ledgers_by_bot ON ledgers (bot_id);

-- from_seq is the recipient's number in the campaign that is sent again.
CREATE TABLE recipients (
	campaign_id BIGINT NOT NULL,
	seq BIGINT NOT NULL,
	chat_id BIGINT NOT NULL,
	contact_id BIGINT NOT NULL,
	data TEXT,
	from_seq BIGINT,
	PRIMARY KEY (campaign_id, seq)
){{clustered}};

CREATE TABLE outcomes (
	campaign_id BIGINT NOT NULL,
	seq BIGINT NOT NULL,
	status TEXT NOT NULL,
	reason TEXT,
	detail TEXT,
	telegram_message_id BIGINT,
	settled_at BIGINT NOT NULL,
	PRIMARY KEY (campaign_id, seq)
){{clustered}};

CREATE INDEX outcomes_not_sent ON outcomes (campaign_id, status, seq) WHERE status <> 'sent';

-- claimed_step is the number of the sender's step that claimed the row, zero
-- while it waits. chat_id is the recipient's new id after a migration; lost
-- tells that an answer was lost once before.
CREATE TABLE deferred (
	campaign_id BIGINT NOT NULL,
	seq BIGINT NOT NULL,
	due_at BIGINT NOT NULL,
	attempts BIGINT NOT NULL,
	claimed_step BIGINT NOT NULL DEFAULT 0,
	chat_id BIGINT,
	lost BOOLEAN NOT NULL DEFAULT FALSE,
	reason TEXT NOT NULL,
	detail TEXT NOT NULL,
	PRIMARY KEY (campaign_id, seq)
){{clustered}};

CREATE INDEX deferred_due ON deferred (campaign_id, claimed_step, due_at);
