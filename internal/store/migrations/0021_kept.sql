-- The chats and the memberships that a deletion took from a contact, so that they
-- return with it. They are kept as long as the deleted contact's row.
CREATE TABLE kept_chats (
	contact_id BIGINT NOT NULL,
	bot_id BIGINT NOT NULL,
	chat_id BIGINT NOT NULL,
	muted_until BIGINT NOT NULL,
	inactive BOOLEAN NOT NULL,
	created_at BIGINT NOT NULL,
	PRIMARY KEY (contact_id, bot_id, chat_id)
){{clustered}};

CREATE TABLE kept_members (
	contact_id BIGINT NOT NULL,
	group_id BIGINT NOT NULL,
	added_at BIGINT NOT NULL,
	PRIMARY KEY (contact_id, group_id)
){{clustered}};
