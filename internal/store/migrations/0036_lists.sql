-- draft is true when a message was saved although Telegram would not take it. revision is
-- the number of its newest revision, revised_at when that was begun.
ALTER TABLE messages ADD COLUMN draft BOOLEAN NOT NULL DEFAULT FALSE;
ALTER TABLE messages ADD COLUMN revision BIGINT NOT NULL DEFAULT 1;
ALTER TABLE messages ADD COLUMN revised_at BIGINT NOT NULL DEFAULT 0;
UPDATE messages SET revised_at = updated_at;

-- Messages as they were saved, the newest ones of each. They go with their message.
CREATE TABLE revisions (
	message_id BIGINT NOT NULL REFERENCES messages (id),
	number BIGINT NOT NULL,
	name TEXT NOT NULL,
	content TEXT NOT NULL,
	draft BOOLEAN NOT NULL,
	author TEXT NOT NULL,
	begun_at BIGINT NOT NULL,
	saved_at BIGINT NOT NULL,
	PRIMARY KEY (message_id, number)
);

INSERT INTO revisions (message_id, number, name, content, draft, author, begun_at, saved_at)
SELECT id, 1, name, content, FALSE, author, updated_at, updated_at FROM messages WHERE NOT deleted;

CREATE INDEX campaigns_by_message ON campaigns (message_id, id);

-- name_key is the name in the form in which names are compared; empty for one that was
-- stored before there were keys, and that is folded at the start of the program.
ALTER TABLE campaigns ADD COLUMN name_key TEXT NOT NULL DEFAULT '';

CREATE INDEX campaigns_unfolded ON campaigns (id) WHERE name_key = '';

-- Lists of campaigns are found without a look at the campaigns, whose rows are long.
DROP INDEX campaigns_by_workspace;
CREATE INDEX campaigns_by_workspace ON campaigns (workspace_id, id, state, kind, bot_id, message_id, test, launched_at);
CREATE INDEX campaigns_by_name ON campaigns (workspace_id, name_key, id);
CREATE INDEX campaigns_by_creation ON campaigns (workspace_id, created_at, id);
CREATE INDEX campaigns_by_launch ON campaigns (workspace_id, (COALESCE(launched_at, 0)), id);
CREATE INDEX campaigns_by_schedule ON campaigns (workspace_id, (COALESCE(scheduled_at, 0)), id);
