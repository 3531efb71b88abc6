package store

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"bellman/internal/access"
	"bellman/internal/audit"
	"bellman/internal/fault"
)

var errNoSession = fault.New(fault.NotFound, "session_not_found", "there is no such session")

// CreateSession implements [access.PeopleStore].
func (s People) CreateSession(ctx context.Context, e access.Session) (id int64, err error) {
	err = s.tx(ctx, func(tx *sql.Tx) error {
		if id, err = s.takeID(ctx, tx, "session_id"); err != nil {
			return err
		}
		audit.About(ctx, "sessions", id)
		_, err = tx.ExecContext(ctx, `
			INSERT INTO sessions (id, hash, user_id, workspace_id, created_at, seen_at, confirmed_at, address, agent)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`, id, e.Hash, e.UserID, e.WorkspaceID, e.CreatedAt.UnixMilli(), e.SeenAt.UnixMilli(),
			e.ConfirmedAt.UnixMilli(), e.Address, e.Agent)
		return err
	})
	return id, err
}

const sessionColumns = `s.id, s.hash, s.user_id, s.workspace_id, s.created_at, s.seen_at, s.confirmed_at, s.address, s.agent`

func scanSession(row scanner, more ...any) (e access.Session, err error) {
	var created, seen, confirmed int64
	into := []any{&e.ID, &e.Hash, &e.UserID, &e.WorkspaceID, &created, &seen, &confirmed, &e.Address, &e.Agent}
	err = row.Scan(append(into, more...)...)
	e.CreatedAt, e.SeenAt, e.ConfirmedAt = fromMillis(created), fromMillis(seen), fromMillis(confirmed)
	return e, err
}

// SessionByHash implements [access.PeopleStore].
func (s People) SessionByHash(ctx context.Context, hash string, workspaceID int64) (e access.Signed, err error) {
	var created int64
	more := append(userFields(&e.User, &created), &e.Role, &e.Archived, &e.Nowhere)
	e.Session, err = scanSession(s.read.QueryRowContext(ctx, `
		SELECT `+sessionColumns+`, `+userColumns+`, COALESCE(r.role, ''), w.archived_at IS NOT NULL, w.id IS NULL
		FROM sessions s JOIN users u ON u.id = s.user_id
		LEFT JOIN workspaces w ON w.id = COALESCE(NULLIF(CAST($2 AS BIGINT), 0), s.workspace_id)
		LEFT JOIN roles r ON r.workspace_id = w.id AND r.user_id = s.user_id
		WHERE s.hash = $1`, hash, workspaceID), more...)
	e.User.CreatedAt = fromMillis(created)
	return e, s.found(err, errNoSession)
}

// RenewSession implements [access.PeopleStore].
func (s People) RenewSession(ctx context.Context, e access.Session) error {
	return s.tx(ctx, func(tx *sql.Tx) error {
		result, err := tx.ExecContext(ctx, `UPDATE sessions SET hash = $2, confirmed_at = $3 WHERE id = $1`,
			e.ID, e.Hash, e.ConfirmedAt.UnixMilli())
		if err != nil {
			return err
		}
		if n, err := result.RowsAffected(); err != nil || n == 1 {
			return err
		}
		return errNoSession
	})
}

// ChooseWorkspace implements [access.PeopleStore].
func (s People) ChooseWorkspace(ctx context.Context, id, workspaceID int64) error {
	return s.tx(ctx, func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, `UPDATE sessions SET workspace_id = $2 WHERE id = $1`, id, workspaceID)
		return err
	})
}

// Sessions implements [access.PeopleStore].
func (s People) Sessions(ctx context.Context, userID int64) ([]access.Session, error) {
	return s.sessions(ctx, s.read, userID)
}

func (s People) sessions(ctx context.Context, q queryer, userID int64) ([]access.Session, error) {
	rows, err := q.QueryContext(ctx, `SELECT `+sessionColumns+` FROM sessions s WHERE user_id = $1 ORDER BY id DESC`, userID)
	if err != nil {
		return nil, s.d.classify(err)
	}
	return scanAll(rows, func(r *sql.Rows) (access.Session, error) { return scanSession(r) })
}

// EndSessions implements [access.PeopleStore].
func (s People) EndSessions(ctx context.Context, userID int64, of func(access.Session) bool) (n int, err error) {
	err = s.tx(ctx, func(tx *sql.Tx) error {
		n = 0
		all, err := s.sessions(ctx, tx, userID)
		if err != nil {
			return err
		}
		for _, e := range all {
			if !of(e) {
				continue
			}
			if _, err := tx.ExecContext(ctx, `DELETE FROM sessions WHERE id = $1`, e.ID); err != nil {
				return err
			}
			n++
		}
		if n == 0 {
			audit.Idle(ctx)
		}
		return nil
	})
	return n, err
}

// SessionsSeen implements [access.PeopleStore].
func (s People) SessionsSeen(ctx context.Context, seen map[int64]time.Time) error {
	return s.writeTimes(ctx, `UPDATE sessions SET seen_at = $2 WHERE id = $1 AND seen_at < $2`, seen)
}

// errUncounted takes back the rows of an attempt that is not counted: whoever has to wait
// would fill the table with them, by ever other emails.
var errUncounted = errors.New("store: the attempt is not counted")

// Attempt implements [access.PeopleStore].
func (s People) Attempt(ctx context.Context, names []string, now, since time.Time, allow func([]access.Attempts) bool) error {
	err := s.tx(ctx, func(tx *sql.Tx) error {
		before := make([]access.Attempts, len(names))
		for i, name := range names {
			var err error
			if before[i], err = s.attempts(ctx, tx, name, now, since); err != nil {
				return err
			}
		}
		if !allow(before) {
			return errUncounted
		}
		for i, name := range names {
			_, err := tx.ExecContext(ctx, `UPDATE attempts SET failures = $2, last_at = $3 WHERE name = $1`,
				name, before[i].Failures+1, now.UnixMilli())
			if err != nil {
				return err
			}
		}
		return nil
	})
	if errors.Is(err, errUncounted) {
		return nil
	}
	return err
}

// attempts returns what was attempted under a name, and keeps others from it until the
// transaction ends: also when there is nothing yet.
func (s People) attempts(ctx context.Context, tx *sql.Tx, name string, now, since time.Time) (a access.Attempts, err error) {
	_, err = tx.ExecContext(ctx, `INSERT INTO attempts (name, failures, last_at) VALUES ($1, 0, $2) ON CONFLICT (name) DO NOTHING`,
		name, now.UnixMilli())
	if err != nil {
		return a, err
	}
	var last int64
	err = tx.QueryRowContext(ctx, `SELECT failures, last_at FROM attempts WHERE name = $1`+s.d.forUpdate, name).Scan(&a.Failures, &last)
	if a.LastAt = fromMillis(last); a.LastAt.Before(since) {
		a.Failures = 0
	}
	return a, err
}

// Forgive implements [access.PeopleStore].
func (s People) Forgive(ctx context.Context, whole, once []string) error {
	return s.tx(ctx, func(tx *sql.Tx) error {
		for _, name := range whole {
			if _, err := tx.ExecContext(ctx, `DELETE FROM attempts WHERE name = $1`, name); err != nil {
				return err
			}
		}
		for _, name := range once {
			if _, err := tx.ExecContext(ctx, `UPDATE attempts SET failures = failures - 1 WHERE name = $1 AND failures > 0`, name); err != nil {
				return err
			}
		}
		return nil
	})
}

// Sweep implements [access.PeopleStore].
func (s People) Sweep(ctx context.Context, now time.Time, over access.Over) error {
	return s.tx(ctx, func(tx *sql.Tx) error {
		for _, what := range []struct {
			text string
			args []any
		}{
			{`DELETE FROM sessions WHERE seen_at <= $1 OR created_at <= $2`, []any{over.Seen.UnixMilli(), over.Created.UnixMilli()}},
			{`DELETE FROM answered WHERE expires_at <= $1`, []any{now.UnixMilli()}},
			{`DELETE FROM links WHERE expires_at <= $1`, []any{now.UnixMilli()}},
			{`DELETE FROM attempts WHERE last_at <= $1`, []any{over.Attempted.UnixMilli()}},
		} {
			if _, err := tx.ExecContext(ctx, what.text, what.args...); err != nil {
				return err
			}
		}
		return nil
	})
}
