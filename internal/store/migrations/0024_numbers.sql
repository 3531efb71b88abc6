-- key is by what messages speak of a field; the program gives one to those that have
-- none when it starts.
ALTER TABLE fields ADD COLUMN key TEXT NOT NULL DEFAULT '';
CREATE UNIQUE INDEX fields_by_key ON fields (workspace_id, key) WHERE key <> '';

-- num is what the value of a number or a date is compared by: the number, or the
-- milliseconds since 1970.
ALTER TABLE contact_fields ADD COLUMN num DOUBLE PRECISION;

-- Days are counted in years that begin in March, from 4801 years before our time on:
-- then every division is one of whole numbers above zero, which both engines cut off
-- alike, and a leap day is the last of its year. The sum keeps a planner from reading
-- the rows in the order of their values.
UPDATE contact_fields SET num = CASE WHEN field_id IN (SELECT id FROM fields WHERE type = 'number')
	THEN CAST(value AS DOUBLE PRECISION)
	ELSE (
		SELECT (day + (153 * month + 2) / 5 + 365 * year + year / 4 - year / 100 + year / 400 - 2472633) * 86400000 + clock
		FROM (
			SELECT
				CAST(substr(value, 9, 2) AS BIGINT) AS day,
				(CAST(substr(value, 6, 2) AS BIGINT) + 9) % 12 AS month,
				CAST(substr(value, 1, 4) AS BIGINT) + 4800 - (14 - CAST(substr(value, 6, 2) AS BIGINT)) / 12 AS year,
				CASE WHEN length(value) = 10 THEN 0 ELSE 1000 * (
					CAST(substr(value, 12, 2) AS BIGINT) * 3600 + CAST(substr(value, 15, 2) AS BIGINT) * 60 + CAST(substr(value, 18, 2) AS BIGINT)
				) END AS clock
		) AS parts)
	END
WHERE field_id + 0 IN (SELECT id FROM fields WHERE type IN ('number', 'date'));

CREATE INDEX contact_fields_by_num ON contact_fields (field_id, num) WHERE num IS NOT NULL;
