package store

import (
	"context"
	"database/sql"
	"fmt"

	"bellman/internal/contact"
)

// namesFolded marks, in installation, that every name has its key.
const namesFolded = "contact_names_folded"

// namesAtOnce is how many contacts one statement of foldNames looks at.
const namesAtOnce = 20_000

// foldNames writes the keys of names that were stored before there were keys, once
// in the life of a database. It is no migration, because no engine folds as
// [contact.Fold] does. It is one transaction: a process that dies in it has changed
// nothing, and one that starts beside it waits and finds its mark.
func (s Contacts) foldNames(ctx context.Context) error {
	if folded, err := s.folded(ctx, s.read); err != nil || folded {
		return s.d.classify(err)
	}
	return s.tx(ctx, func(tx *sql.Tx) error {
		if err := s.d.lock(ctx, tx, lockMigrate, 0); err != nil {
			return err
		}
		if folded, err := s.folded(ctx, tx); err != nil || folded {
			return err
		}
		if err := s.foldAll(ctx, tx); err != nil {
			return err
		}
		_, err := tx.ExecContext(ctx, `INSERT INTO installation (name, value) VALUES ($1, $2)`, namesFolded, []byte{1})
		return err
	})
}

func (s Contacts) folded(ctx context.Context, q queryer) (folded bool, err error) {
	err = q.QueryRowContext(ctx, `SELECT EXISTS (SELECT 1 FROM installation WHERE name = $1)`, namesFolded).Scan(&folded)
	return folded, err
}

// foldAll writes the keys without the indexes of contacts, which are made again
// afterwards: to write them row by row takes most of the time.
func (s Contacts) foldAll(ctx context.Context, tx *sql.Tx) error {
	var named bool
	err := tx.QueryRowContext(ctx, `SELECT EXISTS (SELECT 1 FROM contacts WHERE first_name <> '' OR last_name <> '')`).Scan(&named)
	if err != nil || !named {
		return err
	}
	return s.withoutIndexes(ctx, tx, "contacts", func() error {
		for last, more := int64(0), true; more; {
			if last, more, err = s.foldBehind(ctx, tx, last); err != nil {
				return err
			}
		}
		return nil
	})
}

var nameColumns = []column{{"id", "bigint"}, {"first_key", "text"}, {"last_key", "text"}}

// foldBehind writes the keys of the next contacts after the id, and returns the last
// of them.
func (s Contacts) foldBehind(ctx context.Context, tx *sql.Tx, id int64) (last int64, more bool, err error) {
	rows, err := tx.QueryContext(ctx, `SELECT id, first_name, last_name FROM contacts WHERE id > $1 ORDER BY id LIMIT $2`, id, namesAtOnce)
	if err != nil {
		return 0, false, err
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
		return last, more, err
	}
	_, err = tx.ExecContext(ctx, `
		UPDATE contacts SET first_key = f.first_key, last_key = f.last_key
		FROM `+s.d.rows("$1", nameColumns)+` AS f WHERE contacts.id = f.id`, w.String())
	return last, more, err
}

// withoutIndexes runs fn, which writes most of a table, while it has no index but its
// key. Nobody else can use the table until the transaction ends.
func (s *pools) withoutIndexes(ctx context.Context, tx *sql.Tx, table string, fn func() error) error {
	rows, err := tx.QueryContext(ctx, s.d.indexes, table)
	if err != nil {
		return err
	}
	type index struct{ name, definition string }
	all, err := scanAll(rows, func(r *sql.Rows) (i index, err error) { return i, r.Scan(&i.name, &i.definition) })
	if err != nil {
		return err
	}
	for _, i := range all {
		if _, err := tx.ExecContext(ctx, `DROP INDEX `+i.name); err != nil {
			return fmt.Errorf("store: drop %s: %w", i.name, err)
		}
	}
	if err := fn(); err != nil {
		return err
	}
	for _, i := range all {
		if _, err := tx.ExecContext(ctx, i.definition); err != nil {
			return fmt.Errorf("store: make %s again: %w", i.name, err)
		}
	}
	return nil
}
