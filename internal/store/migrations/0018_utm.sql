-- What links get when they are followed is frozen with the content: the parameters of
-- the workspace and the name of the message, as they were.
ALTER TABLE campaigns ADD COLUMN utm TEXT NOT NULL DEFAULT '{}';
ALTER TABLE campaigns ADD COLUMN message_name TEXT NOT NULL DEFAULT '';
UPDATE campaigns SET
	utm = (SELECT w.utm FROM workspaces w WHERE w.id = campaigns.workspace_id),
	message_name = (SELECT m.name FROM messages m WHERE m.id = campaigns.message_id)
WHERE content <> '';

-- Parameters are on by default where nothing has been sent yet; who has sent without
-- goes on without.
UPDATE workspaces SET utm =
	'{"source":"bellman-$type","medium":"$mediaType","campaign":"$messageName","content":"$contactId"}'
WHERE utm = '{}' AND NOT EXISTS (SELECT 1 FROM bots WHERE bots.workspace_id = workspaces.id);
