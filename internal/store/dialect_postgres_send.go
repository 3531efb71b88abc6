package store

import (
	"context"
	"database/sql"

	"github.com/jackc/pgx/v5"
)

// bare is a connection whose driver's own form can be had.
type bare interface{ bare() *pgx.Conn }

func (c conn) bare() *pgx.Conn { return c.Conn.Conn() }

// sendPostgres implements dialect.send. The server runs one statement after another,
// each seeing what was committed before it, and none after one that has failed.
func sendPostgres(ctx context.Context, on *sql.Conn, b batch) error {
	return on.Raw(func(raw any) error {
		var all pgx.Batch
		if b.begin {
			all.Queue("BEGIN")
		}
		for _, st := range b.statements {
			queued := all.Queue(st.query, st.args...)
			if st.each != nil {
				queued.Query(func(rows pgx.Rows) error { return eachSent(rows, st.each) })
			}
		}
		if b.commit {
			all.Queue("COMMIT")
		}
		return raw.(bare).bare().SendBatch(ctx, &all).Close()
	})
}

func eachSent(rows pgx.Rows, fn func(scanner) error) error {
	defer rows.Close()
	for rows.Next() {
		if err := fn(rows); err != nil {
			return err
		}
	}
	return rows.Err()
}
