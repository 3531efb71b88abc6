-- For how many months what a workspace sent, and its events, are kept.
ALTER TABLE workspaces ADD COLUMN keep_recipients BIGINT NOT NULL DEFAULT 13;
ALTER TABLE workspaces ADD COLUMN keep_events BIGINT NOT NULL DEFAULT 13;

-- From forgotten_at on nobody is shown the recipients of a campaign, and what happened to
-- them, and nothing is added to it. swept is true when their rows are gone. The campaign's
-- own row, its ledger and its sums stay.
ALTER TABLE campaigns ADD COLUMN forgotten_at BIGINT;
ALTER TABLE campaigns ADD COLUMN swept BOOLEAN NOT NULL DEFAULT FALSE;

CREATE INDEX campaigns_ended ON campaigns (workspace_id, finished_at) WHERE finished_at IS NOT NULL AND forgotten_at IS NULL;
CREATE INDEX campaigns_unswept ON campaigns (id) WHERE forgotten_at IS NOT NULL AND NOT swept;
