package store

import (
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5/pgconn"
)

// postgresPartitions implements dialect.partitions.
//
// A partition is made as a table and then attached: that takes a lock on the partition
// of the rest, which is next to empty, and on no other one, where making it in its place
// would lock them all.
var postgresPartitions = &partitioner{
	list: `
		SELECT t.relname, p.relname, COALESCE(substring(b.text FROM 'FROM \(''?(-?\d+)'), '')::text, substring(b.text FROM 'TO \(''?(-?\d+)')
		FROM pg_inherits i JOIN pg_class t ON t.oid = i.inhparent JOIN pg_class p ON p.oid = i.inhrelid
		CROSS JOIN LATERAL (SELECT pg_get_expr(p.relpartbound, p.oid) AS text) AS b
		WHERE t.relkind = 'p' AND t.relnamespace = current_schema()::regnamespace AND b.text <> 'DEFAULT'`,
	given: func(sequence string) string {
		return `SELECT CASE WHEN is_called THEN last_value ELSE last_value - 1 END FROM ` + sequence
	},
	give: `SELECT setval($1::text::regclass, $2)`,
	// Attaching reads the partition of the rest while nobody else may, whose size is that
	// of what went wrong.
	patience: []string{`SET LOCAL lock_timeout = '100ms'`, `SET LOCAL statement_timeout = '1s'`},
	make: func(p partition) []string {
		return []string{
			fmt.Sprintf(`CREATE TABLE %s (LIKE %s INCLUDING ALL)`, p.name, p.of.table),
			fmt.Sprintf(`ALTER TABLE %s ATTACH PARTITION %s FOR VALUES FROM (%d) TO (%d)`, p.of.table, p.name, p.low, p.high),
		}
	},
	lock: func(table string) string { return `LOCK TABLE ` + table + ` IN ACCESS EXCLUSIVE MODE` },
	drop: func(p partition) string { return `DROP TABLE ` + p.name },
	busy: func(err error) bool {
		var e *pgconn.PgError
		return errors.As(err, &e) && (e.Code == "55P03" || e.Code == "57014")
	},
}
