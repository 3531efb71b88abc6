package store

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
)

// ErrOtherKey is returned when the database was made with another secret key.
var ErrOtherKey = errors.New("the secret key is not the one that this database was made with")

// Installation keeps what belongs to the installation as a whole.
type Installation struct{ *pools }

// HasKey reports whether the database was made with a secret key.
func (s Installation) HasKey(ctx context.Context) (has bool, err error) {
	err = s.read.QueryRowContext(ctx, `SELECT EXISTS (SELECT 1 FROM installation WHERE name = 'key')`).Scan(&has)
	return has, s.d.classify(err)
}

// ForgetKey forgets the fingerprint of the secret key: the next key that is pinned is
// the installation's. What was sealed with the old one stays sealed.
func (s Installation) ForgetKey(ctx context.Context) error {
	return s.tx(ctx, func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, `DELETE FROM installation WHERE name = 'key'`)
		return err
	})
}

// PinKey stores the fingerprint of the installation's secret key on the first call
// and compares it on later ones: with another key no bot token could be unsealed,
// and it is better to learn that at the start.
func (s Installation) PinKey(ctx context.Context, fingerprint []byte) error {
	return s.tx(ctx, func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx,
			`INSERT INTO installation (name, value) VALUES ('key', $1) ON CONFLICT (name) DO NOTHING`, fingerprint)
		if err != nil {
			return err
		}
		var have []byte
		if err := tx.QueryRowContext(ctx, `SELECT value FROM installation WHERE name = 'key'`).Scan(&have); err != nil {
			return err
		}
		if !bytes.Equal(have, fingerprint) {
			return ErrOtherKey
		}
		return nil
	})
}
