-- Contacts are listed by their update, and members of a group by the time at which
-- they came to it: zero for those who came before that was kept.
CREATE INDEX contacts_by_update ON contacts (workspace_id, updated_at, id) WHERE deleted_at = 0;
DROP INDEX contacts_by_first;
DROP INDEX contacts_by_last;
CREATE INDEX contacts_by_first ON contacts (workspace_id, first_key, updated_at, id) WHERE deleted_at = 0 AND first_key <> '';
CREATE INDEX contacts_by_last ON contacts (workspace_id, last_key, updated_at, id) WHERE deleted_at = 0 AND last_key <> '';

ALTER TABLE members ADD COLUMN added_at BIGINT NOT NULL DEFAULT 0;
CREATE INDEX members_by_time ON members (group_id, added_at, contact_id);
