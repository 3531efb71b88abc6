-- identities are the values by which contacts are found: externalCustomerId (kind 1),
-- phone (2) and email (3). Of those who share one, the first has the sharer 0 and each
-- other one its own id: so two transactions that both find nobody, and would both make
-- somebody, meet in the key.
CREATE TABLE identities (
	workspace_id BIGINT NOT NULL,
	kind SMALLINT NOT NULL,
	value TEXT {{collate}}NOT NULL,
	sharer BIGINT NOT NULL,
	contact_id BIGINT NOT NULL,
	PRIMARY KEY (workspace_id, kind, value, sharer)
){{clustered}};

INSERT INTO identities (workspace_id, kind, value, sharer, contact_id)
SELECT workspace_id, 1, external_customer_id, 0, id FROM contacts WHERE external_customer_id IS NOT NULL
ORDER BY workspace_id, external_customer_id;

INSERT INTO identities (workspace_id, kind, value, sharer, contact_id)
SELECT workspace_id, 2, phone,
	CASE WHEN ROW_NUMBER() OVER (PARTITION BY workspace_id, phone ORDER BY id) = 1 THEN 0 ELSE id END, id
FROM contacts WHERE phone IS NOT NULL;

INSERT INTO identities (workspace_id, kind, value, sharer, contact_id)
SELECT workspace_id, 3, email_key,
	CASE WHEN ROW_NUMBER() OVER (PARTITION BY workspace_id, email_key ORDER BY id) = 1 THEN 0 ELSE id END, id
FROM contacts WHERE email_key IS NOT NULL;

DROP INDEX contacts_by_external;
DROP INDEX contacts_by_phone;
DROP INDEX contacts_by_email;
