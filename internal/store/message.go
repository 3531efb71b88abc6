package store

import (
	"context"
	"database/sql"

	"bellman/internal/message"
)

var _ message.Store = (*Store)(nil)

const messageColumns = `id, workspace_id, name, content, created_at, updated_at`

func scanMessage(row scanner) (m message.Message, err error) {
	var (
		content          string
		created, updated int64
	)
	if err := row.Scan(&m.ID, &m.WorkspaceID, &m.Name, &content, &created, &updated); err != nil {
		return m, err
	}
	m.CreatedAt, m.UpdatedAt = fromMillis(created), fromMillis(updated)
	m.Content, err = message.Decode(content)
	return m, err
}

// CreateMessage implements [message.Store].
func (s *Store) CreateMessage(ctx context.Context, m message.Message) (id int64, err error) {
	content, err := m.Content.Encode()
	if err != nil {
		return 0, err
	}
	err = s.tx(ctx, func(tx *sql.Tx) error {
		if id, err = s.takeID(ctx, tx, "message_id"); err != nil {
			return err
		}
		_, err = tx.ExecContext(ctx, `
			INSERT INTO messages (id, workspace_id, name, content, created_at, updated_at) VALUES ($1, $2, $3, $4, $5, $6)`,
			id, m.WorkspaceID, m.Name, content, m.CreatedAt.UnixMilli(), m.UpdatedAt.UnixMilli())
		return err
	})
	return id, err
}

// Message implements [message.Store].
func (s *Store) Message(ctx context.Context, workspaceID, id int64) (message.Message, error) {
	m, err := scanMessage(s.read.QueryRowContext(ctx,
		`SELECT `+messageColumns+` FROM messages WHERE workspace_id = $1 AND id = $2`, workspaceID, id))
	return m, s.found(err, message.ErrNotFound)
}

// Messages implements [message.Store].
func (s *Store) Messages(ctx context.Context, workspaceID, before int64, limit int) ([]message.Message, error) {
	rows, err := s.read.QueryContext(ctx, `
		SELECT `+messageColumns+` FROM messages WHERE workspace_id = $1 AND id < $2 ORDER BY id DESC LIMIT $3`,
		workspaceID, before, limit)
	if err != nil {
		return nil, s.d.classify(err)
	}
	return scanAll(rows, func(r *sql.Rows) (message.Message, error) { return scanMessage(r) })
}

// UpdateMessage implements [message.Store].
func (s *Store) UpdateMessage(ctx context.Context, m message.Message) error {
	content, err := m.Content.Encode()
	if err != nil {
		return err
	}
	return s.tx(ctx, func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx,
			`UPDATE messages SET name = $3, content = $4, updated_at = $5 WHERE workspace_id = $1 AND id = $2`,
			m.WorkspaceID, m.ID, m.Name, content, m.UpdatedAt.UnixMilli())
		return err
	})
}
