-- What happened in each quarter of an hour, of which quarter is the beginning: messages
-- by the kind of their campaign, the message, the outcome and its reason, people who
-- clicked, and chats that came and left, which have neither a kind nor a message. The
-- rows are moved by the transactions that record what they count, so that reports read
-- nothing else. They stay for ever.
CREATE TABLE stats (
	workspace_id BIGINT NOT NULL,
	quarter BIGINT NOT NULL,
	bot_id BIGINT NOT NULL,
	kind TEXT NOT NULL,
	message_id BIGINT NOT NULL,
	what TEXT NOT NULL,
	reason TEXT NOT NULL,
	n BIGINT NOT NULL,
	PRIMARY KEY (workspace_id, quarter, bot_id, kind, message_id, what, reason)
){{clustered}};

INSERT INTO stats (workspace_id, quarter, bot_id, kind, message_id, what, reason, n)
SELECT c.workspace_id, o.quarter, c.bot_id, c.kind, c.message_id, o.status, o.reason, SUM(o.n)
FROM (
	SELECT campaign_id, settled_at - settled_at % 900000 AS quarter, status, COALESCE(reason, '') AS reason, COUNT(*) AS n
	FROM outcomes GROUP BY campaign_id, settled_at - settled_at % 900000, status, COALESCE(reason, '')
) AS o JOIN campaigns c ON c.id = o.campaign_id
WHERE NOT c.test GROUP BY c.workspace_id, o.quarter, c.bot_id, c.kind, c.message_id, o.status, o.reason;

INSERT INTO stats (workspace_id, quarter, bot_id, kind, message_id, what, reason, n)
SELECT c.workspace_id, k.quarter, c.bot_id, c.kind, c.message_id, 'clicked', '', SUM(k.n)
FROM (
	SELECT campaign_id, clicked_at - clicked_at % 900000 AS quarter, COUNT(*) AS n
	FROM clicked GROUP BY campaign_id, clicked_at - clicked_at % 900000
) AS k JOIN campaigns c ON c.id = k.campaign_id
WHERE NOT c.test GROUP BY c.workspace_id, k.quarter, c.bot_id, c.kind, c.message_id;

-- Of chats that left before, nothing is known.
INSERT INTO stats (workspace_id, quarter, bot_id, kind, message_id, what, reason, n)
SELECT b.workspace_id, h.quarter, h.bot_id, '', 0, 'subscribed', '', h.n
FROM (
	SELECT bot_id, created_at - created_at % 900000 AS quarter, COUNT(*) AS n
	FROM chats GROUP BY bot_id, created_at - created_at % 900000
) AS h JOIN bots b ON b.id = h.bot_id;
