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
