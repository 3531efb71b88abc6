package store

import (
	"context"
	"database/sql"

	"bellman/internal/access"
)

// DraftFactor implements [access.PeopleStore].
func (s People) DraftFactor(ctx context.Context, userID int64, sealed []byte) error {
	return s.tx(ctx, func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, `UPDATE users SET totp_draft = $2 WHERE id = $1`, userID, sealed)
		return err
	})
}

// ChangeFactor implements [access.PeopleStore].
func (s People) ChangeFactor(ctx context.Context, userID int64, change func(access.Factor) (access.Factor, error)) error {
	return s.tx(ctx, func(tx *sql.Tx) error {
		var f access.Factor
		err := tx.QueryRowContext(ctx, `SELECT totp, totp_draft, totp_step FROM users WHERE id = $1`+s.d.forUpdate, userID).
			Scan(&f.Sealed, &f.Draft, &f.Step)
		if err != nil {
			return s.found(err, errNoUser)
		}
		rows, err := tx.QueryContext(ctx, `SELECT hash FROM recovery_codes WHERE user_id = $1 ORDER BY hash`, userID)
		if err != nil {
			return err
		}
		f.Recovery, err = scanAll(rows, func(r *sql.Rows) (hash string, err error) { return hash, r.Scan(&hash) })
		if err != nil {
			return err
		}
		if f, err = change(f); err != nil {
			return err
		}
		return writeFactor(ctx, tx, userID, f)
	})
}

// nullBytes stores no bytes as NULL.
func nullBytes(b []byte) any {
	if len(b) == 0 {
		return nil
	}
	return b
}

func writeFactor(ctx context.Context, tx *sql.Tx, userID int64, f access.Factor) error {
	_, err := tx.ExecContext(ctx, `UPDATE users SET totp = $2, totp_draft = $3, totp_step = $4 WHERE id = $1`,
		userID, nullBytes(f.Sealed), nullBytes(f.Draft), f.Step)
	if err != nil {
		return err
	}
	if _, err := tx.ExecContext(ctx, `DELETE FROM recovery_codes WHERE user_id = $1`, userID); err != nil {
		return err
	}
	for _, hash := range f.Recovery {
		if _, err := tx.ExecContext(ctx, `INSERT INTO recovery_codes (user_id, hash) VALUES ($1, $2)`, userID, hash); err != nil {
			return err
		}
	}
	return nil
}
