-- Who changed it last, as JSON; empty for what was changed before that was noted.
ALTER TABLE messages ADD COLUMN author TEXT NOT NULL DEFAULT '';
ALTER TABLE campaigns ADD COLUMN author TEXT NOT NULL DEFAULT '';

-- writer is the author of the message, as it was when the content was fixed, and approver
-- who agreed to more recipients than the workspace lets an author reach; empty for nobody.
ALTER TABLE campaigns ADD COLUMN writer TEXT NOT NULL DEFAULT '';
ALTER TABLE campaigns ADD COLUMN approver TEXT NOT NULL DEFAULT '';

-- Above how many recipients somebody else than the author launches; NULL for never.
ALTER TABLE workspaces ADD COLUMN approval_above BIGINT;
