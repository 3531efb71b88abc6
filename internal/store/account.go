package store

import (
	"context"
	"database/sql"
	"errors"

	"bellman/internal/access"
	"bellman/internal/fault"
)

var errNoAccount = fault.New(fault.NotFound, "account_not_found", "you are not connected with this provider")

const accountColumns = `provider_id, subject, user_id, email, created_at, COALESCE(used_at, 0)`

func scanAccount(row scanner) (a access.Account, err error) {
	var created, used int64
	err = row.Scan(&a.ProviderID, &a.Subject, &a.UserID, &a.Email, &created, &used)
	a.CreatedAt, a.UsedAt = fromMillis(created), fromMillis(used)
	return a, err
}

// AccountBySubject implements [access.ProviderStore].
func (s People) AccountBySubject(ctx context.Context, providerID int64, subject string) (access.Account, error) {
	a, err := scanAccount(s.read.QueryRowContext(ctx,
		`SELECT `+accountColumns+` FROM accounts WHERE provider_id = $1 AND subject = $2`, providerID, subject))
	return a, s.found(err, errNoAccount)
}

// Accounts implements [access.ProviderStore].
func (s People) Accounts(ctx context.Context, userID int64) ([]access.Account, error) {
	rows, err := s.read.QueryContext(ctx, `SELECT `+accountColumns+` FROM accounts WHERE user_id = $1 ORDER BY provider_id`, userID)
	if err != nil {
		return nil, s.d.classify(err)
	}
	return scanAll(rows, func(r *sql.Rows) (access.Account, error) { return scanAccount(r) })
}

// AddAccount implements [access.ProviderStore].
func (s People) AddAccount(ctx context.Context, a access.Account) error {
	return s.tx(ctx, func(tx *sql.Tx) error {
		// It stays while somebody is being connected with it.
		if _, err := s.lockProvider(ctx, tx, a.ProviderID); err != nil {
			return err
		}
		return addAccount(ctx, tx, a)
	})
}

// addAccount writes an account at a provider that is locked.
func addAccount(ctx context.Context, tx *sql.Tx, a access.Account) error {
	var used any
	if !a.UsedAt.IsZero() {
		used = a.UsedAt.UnixMilli()
	}
	result, err := tx.ExecContext(ctx, `
		INSERT INTO accounts (provider_id, subject, user_id, email, created_at, used_at) VALUES ($1, $2, $3, $4, $5, $6)
		ON CONFLICT DO NOTHING`, a.ProviderID, a.Subject, a.UserID, a.Email, a.CreatedAt.UnixMilli(), used)
	if err != nil {
		return err
	}
	if n, err := result.RowsAffected(); err != nil || n > 0 {
		return err
	}
	var known bool
	err = tx.QueryRowContext(ctx, `SELECT EXISTS (SELECT 1 FROM accounts WHERE provider_id = $1 AND subject = $2)`, a.ProviderID, a.Subject).
		Scan(&known)
	if err == nil && !known {
		return access.ErrAccountSecond
	}
	return errors.Join(err, access.ErrAccountTaken)
}

// UseAccount implements [access.ProviderStore].
func (s People) UseAccount(ctx context.Context, a access.Account) error {
	return s.tx(ctx, func(tx *sql.Tx) error {
		result, err := tx.ExecContext(ctx, `
			UPDATE accounts SET email = $4, used_at = $5 WHERE provider_id = $1 AND subject = $2 AND user_id = $3`,
			a.ProviderID, a.Subject, a.UserID, a.Email, a.UsedAt.UnixMilli())
		if err != nil {
			return err
		}
		// It may have been disconnected a moment ago.
		if n, err := result.RowsAffected(); err != nil || n == 0 {
			return errors.Join(err, errNoAccount)
		}
		return nil
	})
}

// RemoveAccount implements [access.ProviderStore].
func (s People) RemoveAccount(ctx context.Context, userID, providerID int64) error {
	return s.removeWay(ctx, userID, providerID, `DELETE FROM accounts WHERE user_id = $1 AND provider_id = $2`, errNoAccount)
}

// Answer implements [access.ProviderStore].
func (s People) Answer(ctx context.Context, a access.Answered) error {
	return s.tx(ctx, func(tx *sql.Tx) error { return answer(ctx, tx, a) })
}
