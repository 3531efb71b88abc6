package store

import (
	"context"
	"database/sql"
)

// A BulkRow is a row of bulk input in tests. Its word is NULL when it is empty.
type BulkRow struct {
	Number     int64
	Text, Word string
	Float      float64
	HasFloat   bool
}

var bulkColumns = []column{
	{"place", "bigint"}, {"number", "bigint"}, {"text", "text"}, {"word", "text"}, {"float", "double precision"},
}

// BulkForTest returns rows as the engine reads them.
func (s *DB) BulkForTest(ctx context.Context, rows []BulkRow) ([]BulkRow, error) {
	var w rowWriter
	for i, r := range rows {
		w.row().int(int64(i)).int(r.Number).verbatim(r.Text).text(r.Word).float(r.Float, r.HasFloat)
	}
	found, err := s.read.QueryContext(ctx, `
		SELECT number, text, COALESCE(word, ''), COALESCE(float, 0.0), float IS NOT NULL FROM `+s.d.rows("$1", bulkColumns)+` AS b
		ORDER BY place`, w.String())
	if err != nil {
		return nil, err
	}
	return scanAll(found, func(r *sql.Rows) (b BulkRow, err error) {
		return b, r.Scan(&b.Number, &b.Text, &b.Word, &b.Float, &b.HasFloat)
	})
}

// ListsForTest returns numbers and texts as the engine reads them.
func (s *DB) ListsForTest(ctx context.Context, numbers []int64, words []string) (n []int64, t []string, err error) {
	found, err := s.read.QueryContext(ctx, `SELECT v FROM `+s.intsIn("$1")+` AS list`, ints(numbers))
	if err != nil {
		return nil, nil, err
	}
	if n, err = scanAll(found, func(r *sql.Rows) (v int64, err error) { return v, r.Scan(&v) }); err != nil {
		return nil, nil, err
	}
	if found, err = s.read.QueryContext(ctx, `SELECT v FROM `+s.textsIn("$1")+` AS list`, texts(words)); err != nil {
		return nil, nil, err
	}
	t, err = scanAll(found, func(r *sql.Rows) (v string, err error) { return v, r.Scan(&v) })
	return n, t, err
}

// InputForTest counts the rows that SQLite reads in a text as bulk input.
func (s *DB) InputForTest(ctx context.Context, text string) (n int, err error) {
	return n, s.read.QueryRowContext(ctx, `SELECT COUNT(c0) FROM input($1)`, text).Scan(&n)
}
