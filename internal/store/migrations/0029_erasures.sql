-- Contacts that were erased, and how far that is: person is by what they are found in
-- tables that do not name them by their ids, as JSON, until done_at; progress is where
-- the erasure goes on, empty before the first piece. The row stays, so that whoever comes
-- later with the id (a click, a request) is known to be nobody.
CREATE TABLE erasures (
	contact_id {{id}},
	workspace_id BIGINT NOT NULL,
	asked_at BIGINT NOT NULL,
	done_at BIGINT NOT NULL DEFAULT 0,
	progress TEXT NOT NULL DEFAULT '',
	person TEXT NOT NULL
);

CREATE INDEX erasures_open ON erasures (asked_at, contact_id) WHERE done_at = 0;

-- held is true while an erasure has not gone through the import yet: nobody works on it.
ALTER TABLE imports ADD COLUMN held BOOLEAN NOT NULL DEFAULT FALSE;
CREATE INDEX imports_open ON imports (workspace_id) WHERE state IN ('started', 'importing');

-- Every click of a person is found, and not those alone that say where they led. What
-- was given for a triggered message is found by its request.
DROP INDEX clicks_personal;
CREATE INDEX clicks_by_contact ON clicks (contact_id) WHERE contact_id <> 0;
DROP INDEX recipients_personal;

-- Events that name nobody who is known may name somebody who was erased.
CREATE INDEX events_loose ON events (workspace_id, id) WHERE contact_id IS NULL;

-- The cursor of a layout is the chat of its last recipient. A finished one needs none.
UPDATE campaigns SET laid_cursor = 0 WHERE laid;
