-- A deadline goes by the clock of the process that set it. What that clock said
-- then is kept beside it: a time that has not come yet shows that the clock was set
-- back since. A lease keeps it for all deadlines of its bot.
ALTER TABLE leases ADD COLUMN clock BIGINT NOT NULL DEFAULT 0;
ALTER TABLE webhooks ADD COLUMN next_from BIGINT NOT NULL DEFAULT 0;
ALTER TABLE webhook_replays ADD COLUMN due_from BIGINT NOT NULL DEFAULT 0;
