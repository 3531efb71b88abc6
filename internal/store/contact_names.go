package store

import (
	"context"
	"database/sql"

	"bellman/internal/contact"
)

// namesFolded marks, in installation, that every name has its key.
const namesFolded = "contact_names_folded"

// namesAtOnce is how many contacts one transaction of foldNames looks at.
const namesAtOnce = 20_000

// foldNames writes the keys of names that were stored before there were keys, once
// in the life of a database. It is no migration, because no engine folds as
// [contact.Fold] does.
func (s Contacts) foldNames(ctx context.Context) error {
	var folded bool
	err := s.read.QueryRowContext(ctx, `SELECT EXISTS (SELECT 1 FROM installation WHERE name = $1)`, namesFolded).Scan(&folded)
	if err != nil || folded {
		return s.d.classify(err)
	}
	for last, more := int64(0), true; more; {
		if last, more, err = s.foldNamesBehind(ctx, last); err != nil {
			return err
		}
	}
	return s.tx(ctx, func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx,
			`INSERT INTO installation (name, value) VALUES ($1, $2) ON CONFLICT (name) DO NOTHING`, namesFolded, []byte{1})
		return err
	})
}

var nameColumns = []column{{"id", "bigint"}, {"first_key", "text"}, {"last_key", "text"}}

// foldNamesBehind does so for the next contacts after the id, and returns the last
// of them.
func (s Contacts) foldNamesBehind(ctx context.Context, id int64) (last int64, more bool, err error) {
	err = s.tx(ctx, func(tx *sql.Tx) error {
		rows, err := tx.QueryContext(ctx,
			`SELECT id, first_name, last_name FROM contacts WHERE id > $1 ORDER BY id LIMIT $2`+s.d.forUpdate, id, namesAtOnce)
		if err != nil {
			return err
		}
		var (
			w    rowWriter
			seen int
		)
		err = each(rows, func(r *sql.Rows) error {
			var first, name string
			err := r.Scan(&last, &first, &name)
			seen++
			if first != "" || name != "" {
				w.row().int(last).verbatim(contact.Fold(first)).verbatim(contact.Fold(name))
			}
			return err
		})
		more = seen == namesAtOnce
		if err != nil || w.n == 0 {
			return err
		}
		_, err = tx.ExecContext(ctx, `
			UPDATE contacts SET first_key = f.first_key, last_key = f.last_key
			FROM `+s.d.rows("$1", nameColumns)+` AS f WHERE contacts.id = f.id`, w.String())
		return err
	})
	return last, more, err
}
