package store

import (
	"context"
	"database/sql"
	"errors"
)

// ErrDeaf is the reason for which [DB.Listen] returns where processes cannot notify
// each other: the database does not do it, or something in between takes it away.
var ErrDeaf = errors.New("store: processes cannot notify each other over this database")

// Listen calls wake when any process has written something to lay out or to send,
// and once at the beginning; wake must not block. It returns when the context ends
// or the connection is lost, with the reason, which may be [ErrDeaf]; the caller calls
// it again. Without it work is found too, only later.
//
// Where there is only one process at a time, it only waits for the context to end.
func (s *DB) Listen(ctx context.Context, wake func()) error {
	return s.d.classify(s.d.listen(ctx, wake))
}

// notify notifies the listeners of every process that there is work, once the
// transaction is committed.
func (s *pools) notify(ctx context.Context, tx *sql.Tx) error {
	if s.d.notify == "" {
		return nil
	}
	_, err := tx.ExecContext(ctx, s.d.notify)
	return err
}
