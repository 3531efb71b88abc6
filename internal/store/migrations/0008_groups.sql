-- Lists of contacts that are kept by hand. name_key is the name without case.
-- A deleted group is gone for everybody; its row is there while its members are
-- being removed.
CREATE TABLE groups (
	id {{id}},
	workspace_id BIGINT NOT NULL REFERENCES workspaces (id),
	name TEXT NOT NULL,
	name_key TEXT NOT NULL,
	deleted BOOLEAN NOT NULL DEFAULT FALSE,
	created_at BIGINT NOT NULL
);

CREATE INDEX groups_by_workspace ON groups (workspace_id, id);
CREATE UNIQUE INDEX groups_by_name ON groups (workspace_id, name_key) WHERE NOT deleted;
CREATE INDEX groups_deleted ON groups (id) WHERE deleted;

CREATE TABLE members (
	group_id BIGINT NOT NULL,
	contact_id BIGINT NOT NULL,
	PRIMARY KEY (group_id, contact_id)
){{clustered}};

CREATE INDEX members_by_contact ON members (contact_id, group_id);

-- How many members a group has in each block of 1024 contact ids, so that their
-- number and any page of them are found without a walk over all. It changes
-- with members, in the same transaction.
CREATE TABLE member_blocks (
	group_id BIGINT NOT NULL,
	block BIGINT NOT NULL,
	members BIGINT NOT NULL,
	PRIMARY KEY (group_id, block)
){{clustered}};
