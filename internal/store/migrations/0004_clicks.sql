-- utm is JSON: the parameters that are added to links when they are followed.
ALTER TABLE workspaces ADD COLUMN utm TEXT NOT NULL DEFAULT '{}';

CREATE INDEX campaigns_launched ON campaigns (launched_at) WHERE launched_at IS NOT NULL;

-- Every link followed and every button pressed. id is a UUID that grows with
-- time. target is stored where it is not the same for everybody; press is
-- Telegram's id of the callback query, NULL for a link, and data what the
-- button sent.
CREATE TABLE clicks (
	campaign_id BIGINT NOT NULL,
	id TEXT NOT NULL,
	seq BIGINT NOT NULL,
	contact_id BIGINT NOT NULL,
	link BIGINT NOT NULL,
	agent TEXT,
	target TEXT,
	press TEXT,
	data TEXT,
	clicked_at BIGINT NOT NULL,
	PRIMARY KEY (campaign_id, id)
){{clustered}};

CREATE UNIQUE INDEX clicks_pressed ON clicks (campaign_id, press) WHERE press IS NOT NULL;

-- Who clicked, once for each recipient, with the time of the click that was
-- stored first.
CREATE TABLE clicked (
	campaign_id BIGINT NOT NULL,
	seq BIGINT NOT NULL,
	clicked_at BIGINT NOT NULL,
	PRIMARY KEY (campaign_id, seq)
){{clustered}};

-- How many clicked. It is not in ledgers, so that clicks and dispatch do not
-- wait for each other's row.
CREATE TABLE click_counts (
	campaign_id {{id}},
	clicked BIGINT NOT NULL
);
