package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"

	"bellman/internal/access"
	"bellman/internal/audit"
	"bellman/internal/fault"
)

var (
	errNoPasskey    = fault.New(fault.NotFound, "passkey_not_found", "there is no such passkey")
	errPasskeyTaken = fault.New(fault.Conflict, "passkey_taken", "this passkey is known already").In("credential")
)

// answer notes a challenge as answered, once.
func answer(ctx context.Context, tx *sql.Tx, a access.Answered) error {
	result, err := tx.ExecContext(ctx, `INSERT INTO answered (hash, expires_at) VALUES ($1, $2) ON CONFLICT (hash) DO NOTHING`,
		a.Hash, a.Until.UnixMilli())
	if err != nil {
		return err
	}
	if n, err := result.RowsAffected(); err != nil || n == 0 {
		return errors.Join(err, access.ErrCeremony)
	}
	return nil
}

// AddPasskey implements [access.PeopleStore]. Those of one user are added one after
// another.
func (s People) AddPasskey(ctx context.Context, k access.Passkey, a access.Answered) (id int64, err error) {
	content, err := json.Marshal(k.Credential)
	if err != nil {
		return 0, err
	}
	err = s.tx(ctx, func(tx *sql.Tx) error {
		if _, err := scanUser(tx.QueryRowContext(ctx, `SELECT `+userColumns+` FROM users u WHERE id = $1`+s.d.forUpdate, k.UserID)); err != nil {
			return s.found(err, errNoUser)
		}
		var n int
		if err := tx.QueryRowContext(ctx, `SELECT COUNT(*) FROM passkeys WHERE user_id = $1`, k.UserID).Scan(&n); err != nil {
			return err
		}
		if n >= access.MaxPasskeys {
			return access.ErrPasskeys
		}
		if err := answer(ctx, tx, a); err != nil {
			return err
		}
		if id, err = s.takeID(ctx, tx, "passkey_id"); err != nil {
			return err
		}
		audit.About(ctx, "passkeys", id)
		result, err := tx.ExecContext(ctx, `
			INSERT INTO passkeys (id, user_id, credential, name, content, created_at) VALUES ($1, $2, $3, $4, $5, $6)
			ON CONFLICT (credential) DO NOTHING`, id, k.UserID, k.CredentialText(), k.Name, string(content), k.CreatedAt.UnixMilli())
		if err != nil {
			return err
		}
		if n, err := result.RowsAffected(); err != nil || n == 0 {
			return errors.Join(err, errPasskeyTaken)
		}
		return nil
	})
	return id, err
}

const passkeyColumns = `id, user_id, name, content, created_at, COALESCE(used_at, 0)`

func scanPasskey(row scanner) (k access.Passkey, err error) {
	var (
		content       string
		created, used int64
	)
	if err := row.Scan(&k.ID, &k.UserID, &k.Name, &content, &created, &used); err != nil {
		return k, err
	}
	k.CreatedAt, k.UsedAt = fromMillis(created), fromMillis(used)
	if err := json.Unmarshal([]byte(content), &k.Credential); err != nil {
		return k, fmt.Errorf("store: passkey %d: %w", k.ID, err)
	}
	return k, nil
}

// PasskeyByCredential implements [access.PeopleStore].
func (s People) PasskeyByCredential(ctx context.Context, credential string) (access.Passkey, error) {
	k, err := scanPasskey(s.read.QueryRowContext(ctx, `SELECT `+passkeyColumns+` FROM passkeys WHERE credential = $1`, credential))
	return k, s.found(err, errNoPasskey)
}

// Passkeys implements [access.PeopleStore].
func (s People) Passkeys(ctx context.Context, userID int64) ([]access.Passkey, error) {
	rows, err := s.read.QueryContext(ctx, `SELECT `+passkeyColumns+` FROM passkeys WHERE user_id = $1 ORDER BY id`, userID)
	if err != nil {
		return nil, s.d.classify(err)
	}
	return scanAll(rows, func(r *sql.Rows) (access.Passkey, error) { return scanPasskey(r) })
}

// UsePasskey implements [access.PeopleStore].
func (s People) UsePasskey(ctx context.Context, k access.Passkey, a access.Answered) error {
	content, err := json.Marshal(k.Credential)
	if err != nil {
		return err
	}
	return s.tx(ctx, func(tx *sql.Tx) error {
		if err := answer(ctx, tx, a); err != nil {
			return err
		}
		result, err := tx.ExecContext(ctx, `UPDATE passkeys SET content = $2, used_at = $3 WHERE id = $1`,
			k.ID, string(content), k.UsedAt.UnixMilli())
		if err != nil {
			return err
		}
		// It may have been removed a moment ago.
		if n, err := result.RowsAffected(); err != nil || n == 0 {
			return errors.Join(err, errNoPasskey)
		}
		return nil
	})
}

// RemovePasskey implements [access.PeopleStore].
func (s People) RemovePasskey(ctx context.Context, userID, id int64) error {
	return s.removeWay(ctx, userID, id, `DELETE FROM passkeys WHERE user_id = $1 AND id = $2`, errNoPasskey)
}
