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

// People keeps users, their roles and sessions, and the links by which they come in.
type People struct{ *pools }

var _ access.PeopleStore = People{}

var (
	errNoUser     = fault.New(fault.NotFound, "user_not_found", "there is no such user")
	errEmailTaken = fault.New(fault.Conflict, "email_taken", "there is a user with this email").In("email")
)

// AnyUser implements [access.PeopleStore].
func (s People) AnyUser(ctx context.Context) (some bool, err error) {
	err = s.read.QueryRowContext(ctx, `SELECT EXISTS (SELECT 1 FROM users)`).Scan(&some)
	return some, s.d.classify(err)
}

const userColumns = `u.id, u.email, u.name, u.password, u.installer, u.totp IS NOT NULL, u.created_at`

// userFields are where the userColumns are scanned to; the last is the time.
func userFields(u *access.User, created *int64) []any {
	return []any{&u.ID, &u.Email, &u.Name, &u.Password, &u.Installer, &u.HasFactor, created}
}

func scanUser(row scanner) (u access.User, err error) {
	var created int64
	err = row.Scan(userFields(&u, &created)...)
	u.CreatedAt = fromMillis(created)
	return u, err
}

// UserByEmail implements [access.PeopleStore].
func (s People) UserByEmail(ctx context.Context, email string) (access.User, error) {
	u, err := scanUser(s.read.QueryRowContext(ctx, `SELECT `+userColumns+` FROM users u WHERE email = $1`, email))
	return u, s.found(err, errNoUser)
}

// User implements [access.PeopleStore].
func (s People) User(ctx context.Context, id int64) (access.User, error) {
	u, err := scanUser(s.read.QueryRowContext(ctx, `SELECT `+userColumns+` FROM users u WHERE id = $1`, id))
	return u, s.found(err, errNoUser)
}

// Users implements [access.PeopleStore].
func (s People) Users(ctx context.Context) ([]access.User, error) {
	rows, err := s.read.QueryContext(ctx, `SELECT `+userColumns+` FROM users u ORDER BY email`)
	if err != nil {
		return nil, s.d.classify(err)
	}
	return scanAll(rows, func(r *sql.Rows) (access.User, error) { return scanUser(r) })
}

// CreateUser implements [access.PeopleStore]. Two that would both be the first wait for
// each other at the workspace.
func (s People) CreateUser(ctx context.Context, u access.User, g access.Grant, by access.By) (access.User, error) {
	err := s.tx(ctx, func(tx *sql.Tx) error {
		// A change of a provider locks that first, too, and then its workspace.
		if by.Account != nil {
			if _, err := s.lockProvider(ctx, tx, by.Account.ProviderID); err != nil {
				return err
			}
		}
		if err := s.lockWorkspace(ctx, tx, g.WorkspaceID); err != nil {
			return err
		}
		var some, taken bool
		err := tx.QueryRowContext(ctx, `SELECT EXISTS (SELECT 1 FROM users), EXISTS (SELECT 1 FROM users WHERE email = $1)`, u.Email).
			Scan(&some, &taken)
		switch {
		case err != nil:
			return err
		case by.First && some:
			return access.ErrInstalled
		case taken:
			return errEmailTaken
		}
		if err := useLink(ctx, tx, by.Link); err != nil {
			return err
		}
		if u.ID, err = s.takeID(ctx, tx, "user_id"); err != nil {
			return err
		}
		audit.Enters(ctx, g.WorkspaceID, u.ID, u.Email)
		audit.About(ctx, "users", u.ID)
		result, err := tx.ExecContext(ctx, `
			INSERT INTO users (id, email, name, password, installer, created_at) VALUES ($1, $2, $3, $4, $5, $6)
			ON CONFLICT (email) DO NOTHING`, u.ID, u.Email, u.Name, u.Password, u.Installer, u.CreatedAt.UnixMilli())
		if err != nil {
			return err
		}
		// One with the same email may come into another workspace at the same moment.
		if n, err := result.RowsAffected(); err != nil || n == 0 {
			return errors.Join(err, errEmailTaken)
		}
		if by.Account != nil {
			account := *by.Account
			account.UserID = u.ID
			if err := addAccount(ctx, tx, account); err != nil {
				return err
			}
		}
		return giveRole(ctx, tx, u.ID, g)
	})
	return u, err
}

// lockWorkspace keeps others who do so from going on until the transaction ends.
func (s People) lockWorkspace(ctx context.Context, tx *sql.Tx, id int64) error {
	var found int64
	err := tx.QueryRowContext(ctx, `SELECT id FROM workspaces WHERE id = $1`+s.d.forUpdate, id).Scan(&found)
	return s.found(err, workspaceMissing(id))
}

func giveRole(ctx context.Context, tx *sql.Tx, userID int64, g access.Grant) error {
	_, err := tx.ExecContext(ctx, `
		INSERT INTO roles (workspace_id, user_id, role, given_at) VALUES ($1, $2, $3, $4) ON CONFLICT (workspace_id, user_id) DO NOTHING`,
		g.WorkspaceID, userID, g.Role, g.At.UnixMilli())
	return err
}

// useLink removes a link, so that it is good once. An empty hash is that of none.
func useLink(ctx context.Context, tx *sql.Tx, hash string) error {
	if hash == "" {
		return nil
	}
	result, err := tx.ExecContext(ctx, `DELETE FROM links WHERE hash = $1`, hash)
	if err != nil {
		return err
	}
	if n, err := result.RowsAffected(); err != nil || n == 0 {
		return errors.Join(err, access.ErrLink)
	}
	return nil
}

// Join implements [access.PeopleStore].
func (s People) Join(ctx context.Context, userID int64, g access.Grant, link string) error {
	return s.tx(ctx, func(tx *sql.Tx) error {
		if err := useLink(ctx, tx, link); err != nil {
			return err
		}
		return giveRole(ctx, tx, userID, g)
	})
}

// RenameUser implements [access.PeopleStore].
func (s People) RenameUser(ctx context.Context, id int64, name string) (u access.User, err error) {
	err = s.tx(ctx, func(tx *sql.Tx) error {
		u, err = s.setUser(ctx, tx, id, "name", name)
		return err
	})
	return u, err
}

// setUser writes a column of a user, and returns the user.
func (s People) setUser(ctx context.Context, tx *sql.Tx, id int64, column, value string) (access.User, error) {
	if _, err := tx.ExecContext(ctx, `UPDATE users SET `+column+` = $2 WHERE id = $1`, id, value); err != nil {
		return access.User{}, err
	}
	u, err := scanUser(tx.QueryRowContext(ctx, `SELECT `+userColumns+` FROM users u WHERE id = $1`, id))
	return u, s.found(err, errNoUser)
}

// SetPassword implements [access.PeopleStore].
func (s People) SetPassword(ctx context.Context, id int64, hashed string, except int64, link string) (u access.User, err error) {
	err = s.tx(ctx, func(tx *sql.Tx) error {
		if err := useLink(ctx, tx, link); err != nil {
			return err
		}
		if u, err = s.setUser(ctx, tx, id, "password", hashed); err != nil {
			return err
		}
		if _, err := tx.ExecContext(ctx, `DELETE FROM sessions WHERE user_id = $1 AND id <> $2`, id, except); err != nil {
			return err
		}
		_, err = tx.ExecContext(ctx, `DELETE FROM links WHERE user_id = $1`, id)
		return err
	})
	return u, err
}

// Members implements [access.PeopleStore].
func (s People) Members(ctx context.Context, workspaceID int64) ([]access.Member, error) {
	rows, err := s.read.QueryContext(ctx, memberQuery+` WHERE r.workspace_id = $1 ORDER BY u.email`, workspaceID)
	if err != nil {
		return nil, s.d.classify(err)
	}
	return scanAll(rows, func(r *sql.Rows) (access.Member, error) { return scanMember(r) })
}

const memberQuery = `
	SELECT ` + userColumns + `, r.role, r.given_at, COALESCE((SELECT MAX(seen_at) FROM sessions s WHERE s.user_id = u.id), 0)
	FROM roles r JOIN users u ON u.id = r.user_id`

func scanMember(row scanner) (m access.Member, err error) {
	var created, since, seen int64
	err = row.Scan(append(userFields(&m.User, &created), &m.Role, &since, &seen)...)
	m.CreatedAt, m.Since, m.SeenAt = fromMillis(created), fromMillis(since), fromMillis(seen)
	return m, err
}

// ChangeRole implements [access.PeopleStore]. Changes in one workspace wait for each
// other, so that two owners cannot dismiss each other.
func (s People) ChangeRole(
	ctx context.Context, workspaceID, userID int64, at time.Time, change func(m access.Member, owners int) (access.Role, error),
) (m access.Member, err error) {
	err = s.tx(ctx, func(tx *sql.Tx) error {
		if err := s.lockWorkspace(ctx, tx, workspaceID); err != nil {
			return err
		}
		m, err = scanMember(tx.QueryRowContext(ctx, memberQuery+` WHERE r.workspace_id = $1 AND r.user_id = $2`, workspaceID, userID))
		if err != nil {
			return s.found(err, errNoUser)
		}
		var owners int
		err := tx.QueryRowContext(ctx, `SELECT COUNT(*) FROM roles WHERE workspace_id = $1 AND role = 'owner'`, workspaceID).Scan(&owners)
		if err != nil {
			return err
		}
		role, err := change(m, owners)
		if err != nil || role == m.Role {
			return err
		}
		if role == "" {
			_, err = tx.ExecContext(ctx, `DELETE FROM roles WHERE workspace_id = $1 AND user_id = $2`, workspaceID, userID)
		} else {
			_, err = tx.ExecContext(ctx, `UPDATE roles SET role = $3, given_at = $4 WHERE workspace_id = $1 AND user_id = $2`,
				workspaceID, userID, role, at.UnixMilli())
		}
		m.Role, m.Since = role, at
		if err != nil {
			return err
		}
		for _, ends := range []string{`DELETE FROM sessions WHERE user_id = $1`, `DELETE FROM links WHERE made_by = $1`} {
			if _, err := tx.ExecContext(ctx, ends, userID); err != nil {
				return err
			}
		}
		return nil
	})
	return m, err
}

// Places implements [access.PeopleStore].
func (s People) Places(ctx context.Context, userID int64, all bool) ([]access.Place, error) {
	rows, err := s.read.QueryContext(ctx, `
		SELECT w.id, w.name, w.time_zone, COALESCE(w.archived_at, 0), COALESCE(r.role, '')
		FROM workspaces w LEFT JOIN roles r ON r.workspace_id = w.id AND r.user_id = $1
		WHERE $2 OR r.user_id IS NOT NULL ORDER BY w.archived_at IS NOT NULL, w.name`, userID, all)
	if err != nil {
		return nil, s.d.classify(err)
	}
	return scanAll(rows, func(r *sql.Rows) (p access.Place, err error) {
		var archived int64
		err = r.Scan(&p.WorkspaceID, &p.Name, &p.TimeZone, &archived, &p.Role)
		p.ArchivedAt = fromMillis(archived)
		return p, err
	})
}
