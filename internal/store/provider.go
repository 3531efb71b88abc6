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

var errProviderTaken = fault.New(fault.Conflict, "provider_taken", "there is a provider with this name").In("name")

// NextProviderID implements [access.ProviderStore].
func (s People) NextProviderID(ctx context.Context) (id int64, err error) {
	err = s.tx(ctx, func(tx *sql.Tx) (err error) {
		id, err = s.takeID(ctx, tx, "provider_id")
		return err
	})
	return id, err
}

const providerColumns = `id, name, issuer, client_id, secret, workspace_id, domains, enabled, created_at`

func scanProvider(row scanner) (p access.Provider, err error) {
	var (
		domains string
		created int64
	)
	err = row.Scan(&p.ID, &p.Name, &p.Issuer, &p.ClientID, &p.Sealed, &p.WorkspaceID, &domains, &p.Enabled, &created)
	if err != nil {
		return p, err
	}
	p.CreatedAt = fromMillis(created)
	if err := json.Unmarshal([]byte(domains), &p.Domains); err != nil {
		return p, fmt.Errorf("store: provider %d: %w", p.ID, err)
	}
	return p, nil
}

// CreateProvider implements [access.ProviderStore].
func (s People) CreateProvider(ctx context.Context, p access.Provider) error {
	return s.tx(ctx, func(tx *sql.Tx) error {
		if err := s.lockWorkspace(ctx, tx, p.WorkspaceID); err != nil {
			return err
		}
		domains, err := json.Marshal(p.Domains)
		if err != nil {
			return err
		}
		audit.About(ctx, "providers", p.ID)
		result, err := tx.ExecContext(ctx, `
			INSERT INTO providers (`+providerColumns+`) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT (name) DO NOTHING`,
			p.ID, p.Name, p.Issuer, p.ClientID, p.Sealed, p.WorkspaceID, string(domains), p.Enabled, p.CreatedAt.UnixMilli())
		if err != nil {
			return err
		}
		if n, err := result.RowsAffected(); err != nil || n == 0 {
			return errors.Join(err, errProviderTaken)
		}
		return nil
	})
}

// Providers implements [access.ProviderStore].
func (s People) Providers(ctx context.Context) ([]access.Provider, error) {
	rows, err := s.read.QueryContext(ctx, `SELECT `+providerColumns+` FROM providers ORDER BY id`)
	if err != nil {
		return nil, s.d.classify(err)
	}
	return scanAll(rows, func(r *sql.Rows) (access.Provider, error) { return scanProvider(r) })
}

// Provider implements [access.ProviderStore].
func (s People) Provider(ctx context.Context, id int64) (access.Provider, error) {
	p, err := scanProvider(s.read.QueryRowContext(ctx, `SELECT `+providerColumns+` FROM providers WHERE id = $1`, id))
	return p, s.found(err, access.ErrNoProvider)
}

// lockProvider returns a provider, and keeps others who do so from going on until the
// transaction ends.
func (s People) lockProvider(ctx context.Context, tx *sql.Tx, id int64) (access.Provider, error) {
	p, err := scanProvider(tx.QueryRowContext(ctx, `SELECT `+providerColumns+` FROM providers WHERE id = $1`+s.d.forUpdate, id))
	return p, s.found(err, access.ErrNoProvider)
}

// ChangeProvider implements [access.ProviderStore].
func (s People) ChangeProvider(
	ctx context.Context, id, except int64, change func(access.Provider) (access.Provider, error),
) (p access.Provider, err error) {
	err = s.tx(ctx, func(tx *sql.Tx) error {
		was, err := s.lockProvider(ctx, tx, id)
		if err != nil {
			return err
		}
		if p, err = change(was); err != nil {
			return err
		}
		if err := s.writeProvider(ctx, tx, p); err != nil {
			return err
		}
		if was.Enabled && !p.Enabled {
			return endSessionsOf(ctx, tx, id, except)
		}
		return nil
	})
	return p, err
}

func (s People) writeProvider(ctx context.Context, tx *sql.Tx, p access.Provider) error {
	if err := s.lockWorkspace(ctx, tx, p.WorkspaceID); err != nil {
		return err
	}
	var taken bool
	err := tx.QueryRowContext(ctx, `SELECT EXISTS (SELECT 1 FROM providers WHERE name = $1 AND id <> $2)`, p.Name, p.ID).Scan(&taken)
	if err != nil {
		return err
	}
	if taken {
		return errProviderTaken
	}
	domains, err := json.Marshal(p.Domains)
	if err != nil {
		return err
	}
	_, err = tx.ExecContext(ctx, `
		UPDATE providers SET name = $2, client_id = $3, secret = $4, workspace_id = $5, domains = $6, enabled = $7 WHERE id = $1`,
		p.ID, p.Name, p.ClientID, p.Sealed, p.WorkspaceID, string(domains), p.Enabled)
	return err
}

// endSessionsOf ends those of all who have an account at a provider.
func endSessionsOf(ctx context.Context, tx *sql.Tx, providerID, except int64) error {
	_, err := tx.ExecContext(ctx,
		`DELETE FROM sessions WHERE id <> $2 AND user_id IN (SELECT user_id FROM accounts WHERE provider_id = $1)`, providerID, except)
	return err
}

// RemoveProvider implements [access.ProviderStore].
func (s People) RemoveProvider(
	ctx context.Context, id, except int64, allow func(p access.Provider, stranded int) error,
) error {
	return s.tx(ctx, func(tx *sql.Tx) error {
		p, err := s.lockProvider(ctx, tx, id)
		if err != nil {
			return err
		}
		stranded := 0
		err = tx.QueryRowContext(ctx, `
			SELECT COUNT(*) FROM users u
			WHERE u.id IN (SELECT user_id FROM accounts WHERE provider_id = $1) AND NOT `+hasWay(`a.provider_id <> $1`), id).Scan(&stranded)
		if err != nil {
			return err
		}
		if err := allow(p, stranded); err != nil {
			return err
		}
		if err := endSessionsOf(ctx, tx, id, except); err != nil {
			return err
		}
		for _, removal := range []string{`DELETE FROM accounts WHERE provider_id = $1`, `DELETE FROM providers WHERE id = $1`} {
			if _, err := tx.ExecContext(ctx, removal, id); err != nil {
				return err
			}
		}
		return nil
	})
}

// hasWay is a condition: that the user u has a password, a passkey, or one of those
// accounts a whose provider lets people in.
func hasWay(those string) string {
	return `(u.password <> '' OR EXISTS (SELECT 1 FROM passkeys k WHERE k.user_id = u.id) OR EXISTS (
		SELECT 1 FROM accounts a JOIN providers p ON p.id = a.provider_id WHERE a.user_id = u.id AND p.enabled AND ` + those + `))`
}

// removeWay removes one of the ways by which a user signs in, by a statement for the user
// and its number, unless it is the last one. Those of one user go one after another.
func (s People) removeWay(ctx context.Context, userID, id int64, statement string, missing error) error {
	return s.tx(ctx, func(tx *sql.Tx) error {
		var found int64
		if err := tx.QueryRowContext(ctx, `SELECT id FROM users WHERE id = $1`+s.d.forUpdate, userID).Scan(&found); err != nil {
			return s.found(err, errNoUser)
		}
		result, err := tx.ExecContext(ctx, statement, userID, id)
		if err != nil {
			return err
		}
		if n, err := result.RowsAffected(); err != nil || n == 0 {
			return errors.Join(err, missing)
		}
		var some bool
		if err := tx.QueryRowContext(ctx, `SELECT `+hasWay(`TRUE`)+` FROM users u WHERE u.id = $1`, userID).Scan(&some); err != nil {
			return err
		}
		if !some {
			return access.ErrLastWay
		}
		return nil
	})
}
