-- What lists and people want to know of an import: who started it, from which file, how
-- much of that was read. undo is JSON: how far the import is taken back; empty when nobody
-- has asked for it. undoing is true while there is something to take back.
ALTER TABLE imports ADD COLUMN author TEXT NOT NULL DEFAULT '';
ALTER TABLE imports ADD COLUMN file_name TEXT NOT NULL DEFAULT '';
ALTER TABLE imports ADD COLUMN size BIGINT NOT NULL DEFAULT 0;
ALTER TABLE imports ADD COLUMN bytes_read BIGINT NOT NULL DEFAULT 0;
ALTER TABLE imports ADD COLUMN rows_read BIGINT NOT NULL DEFAULT 0;
ALTER TABLE imports ADD COLUMN undo TEXT NOT NULL DEFAULT '';
ALTER TABLE imports ADD COLUMN undoing BOOLEAN NOT NULL DEFAULT FALSE;

CREATE INDEX imports_by_workspace ON imports (workspace_id, id);
CREATE INDEX imports_undoing ON imports (workspace_id) WHERE undoing;

-- lines are the rows of a part as they are in the file, as CSV, until it is imported, and
-- then those that were refused. made is what an undo has to know of the part, as JSON.
ALTER TABLE import_parts ADD COLUMN lines {{blob}};
ALTER TABLE import_parts ADD COLUMN made TEXT NOT NULL DEFAULT '';

-- A bot that is disconnected has no token, and keeps its chats for when it is connected
-- again.
ALTER TABLE bots ADD COLUMN disconnected_at BIGINT NOT NULL DEFAULT 0;
