-- What was sent and what happened lies in partitions by ids that grow with time, so that
-- what nobody keeps any more is dropped with its partition (partition.go). The table that
-- is there becomes the first partition, with its indexes; PostgreSQL reads it once, to see
-- that its ids are below the bound. _rest takes what no other partition does.
DO $$
DECLARE
	t RECORD;
	i RECORD;
	bound BIGINT;
	made TEXT[];
	part TEXT;
	made_now TEXT;
BEGIN
	FOR t IN SELECT * FROM (VALUES
		('recipients', 'campaign_id', 'campaign_id', 1000000), ('outcomes', 'campaign_id', 'campaign_id', 1000000),
		('requests', 'campaign_id', 'campaign_id', 1000000), ('clicks', 'campaign_id', 'campaign_id', 1000000),
		('clicked', 'campaign_id', 'campaign_id', 1000000), ('events', 'id', 'event_id', 1000000000)
	) AS v (name, divided_by, sequence, width) LOOP
		EXECUTE format('SELECT (last_value / %s + 1) * %s FROM %I', t.width, t.width, t.sequence) INTO bound;
		part := t.name || '_0';
		made := '{}';
		FOR i IN
			SELECT r.relname AS name, CASE WHEN x.indisprimary
				THEN format('ALTER TABLE %I ADD CONSTRAINT %I %s', t.name, r.relname, pg_get_constraintdef(c.oid))
				ELSE pg_get_indexdef(x.indexrelid) END AS text
			FROM pg_index x JOIN pg_class r ON r.oid = x.indexrelid LEFT JOIN pg_constraint c ON c.conindid = x.indexrelid
			WHERE x.indrelid = to_regclass(t.name) ORDER BY r.relname
		LOOP
			made := made || i.text;
			EXECUTE format('ALTER INDEX %I RENAME TO %I', i.name, i.name || '_0');
		END LOOP;
		EXECUTE format('ALTER TABLE %I RENAME TO %I', t.name, part);
		EXECUTE format('CREATE TABLE %I (LIKE %I INCLUDING DEFAULTS INCLUDING CONSTRAINTS) PARTITION BY RANGE (%I)', t.name, part, t.divided_by);
		EXECUTE format('ALTER TABLE %I ATTACH PARTITION %I FOR VALUES FROM (MINVALUE) TO (%s)', t.name, part, bound);
		FOREACH made_now IN ARRAY made LOOP
			EXECUTE made_now;
		END LOOP;
		EXECUTE format('CREATE TABLE %I PARTITION OF %I DEFAULT', t.name || '_rest', t.name);
	END LOOP;
END $$;
