package store

import (
	"context"
	"database/sql"
	"errors"

	"bellman/internal/audit"
	"bellman/internal/idempotency"
	"bellman/internal/message"
)

// Messages keeps reusable content.
type Messages struct{ *pools }

var _ message.Store = Messages{}

const messageColumns = `id, workspace_id, name, content, draft, author, revision, revised_at, created_at, updated_at`

func scanMessage(row scanner) (m message.Message, err error) {
	var (
		content, author           string
		revised, created, updated int64
	)
	err = row.Scan(&m.ID, &m.WorkspaceID, &m.Name, &content, &m.Draft, &author, &m.Revision, &revised, &created, &updated)
	if err != nil {
		return m, err
	}
	m.RevisedAt, m.CreatedAt, m.UpdatedAt = fromMillis(revised), fromMillis(created), fromMillis(updated)
	if m.Author, err = decodeAuthor(author); err != nil {
		return m, err
	}
	m.Content, err = message.Decode(content)
	return m, err
}

// CreateMessage implements [message.Store].
func (s Messages) CreateMessage(ctx context.Context, m message.Message) (id int64, err error) {
	m.Revision, m.RevisedAt = 1, m.UpdatedAt
	err = s.tx(ctx, func(tx *sql.Tx) error {
		if m.ID, err = s.takeID(ctx, tx, "message_id"); err != nil {
			return err
		}
		id = m.ID
		idempotency.RecordID(ctx, id)
		audit.About(ctx, "messages", id)
		// Its row is the one that is written when it is saved again.
		_, err = tx.ExecContext(ctx, `
			INSERT INTO messages (id, workspace_id, name, content, created_at, updated_at) VALUES ($1, $2, '', '', $3, 0)`,
			id, m.WorkspaceID, m.CreatedAt.UnixMilli())
		if err != nil {
			return err
		}
		return s.put(ctx, tx, m)
	})
	return id, err
}

// put writes a message and its newest revision.
func (s Messages) put(ctx context.Context, tx *sql.Tx, m message.Message) error {
	content, err := m.Content.Encode()
	if err != nil {
		return err
	}
	author, err := encodeAuthor(m.Author)
	if err != nil {
		return err
	}
	_, err = tx.ExecContext(ctx, `
		UPDATE messages SET name = $2, content = $3, draft = $4, author = $5, revision = $6, revised_at = $7, updated_at = $8 WHERE id = $1`,
		m.ID, m.Name, content, m.Draft, author, m.Revision, m.RevisedAt.UnixMilli(), m.UpdatedAt.UnixMilli())
	if err != nil {
		return err
	}
	_, err = tx.ExecContext(ctx, `
		INSERT INTO revisions (message_id, number, name, content, draft, author, begun_at, saved_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (message_id, number) DO UPDATE
		SET name = excluded.name, content = excluded.content, draft = excluded.draft, author = excluded.author, saved_at = excluded.saved_at`,
		m.ID, m.Revision, m.Name, content, m.Draft, author, m.RevisedAt.UnixMilli(), m.UpdatedAt.UnixMilli())
	if err != nil {
		return err
	}
	_, err = tx.ExecContext(ctx, `DELETE FROM revisions WHERE message_id = $1 AND number <= $2`, m.ID, m.Revision-message.KeepRevisions)
	return err
}

// Message implements [message.Store].
func (s Messages) Message(ctx context.Context, workspaceID, id int64) (message.Message, error) {
	m, err := scanMessage(s.read.QueryRowContext(ctx,
		`SELECT `+messageColumns+` FROM messages WHERE workspace_id = $1 AND id = $2 AND NOT deleted`, workspaceID, id))
	return m, s.found(err, message.ErrNotFound)
}

// ChangeMessage implements [message.Store].
func (s Messages) ChangeMessage(
	ctx context.Context, workspaceID, id int64, change func(*message.Message) (changed bool, err error),
) (m message.Message, err error) {
	err = s.tx(ctx, func(tx *sql.Tx) error {
		if m, err = s.lockMessage(ctx, tx, workspaceID, id); err != nil {
			return err
		}
		changed, err := change(&m)
		if err != nil || !changed {
			return err
		}
		return s.put(ctx, tx, m)
	})
	return m, err
}

// lockMessage returns a message that stays as it is until the transaction ends.
func (s Messages) lockMessage(ctx context.Context, tx *sql.Tx, workspaceID, id int64) (message.Message, error) {
	m, err := scanMessage(tx.QueryRowContext(ctx,
		`SELECT `+messageColumns+` FROM messages WHERE workspace_id = $1 AND id = $2 AND NOT deleted`+s.d.forUpdate, workspaceID, id))
	if errors.Is(err, sql.ErrNoRows) {
		return m, message.ErrNotFound
	}
	return m, err
}

// DeleteMessage implements [message.Store]. A triggered campaign prevents the
// deletion only while it has something left to send.
func (s Messages) DeleteMessage(
	ctx context.Context, workspaceID, id int64, allow func(m message.Message, uses []message.Use) error,
) error {
	return s.tx(ctx, func(tx *sql.Tx) error {
		m, err := s.lockMessage(ctx, tx, workspaceID, id)
		if err != nil {
			return err
		}
		rows, err := tx.QueryContext(ctx, `
			SELECT c.id, c.name, c.kind, c.state FROM campaigns c JOIN ledgers l ON l.campaign_id = c.id
			WHERE c.workspace_id = $1 AND c.message_id = $2 AND c.state IN `+pending+`
				AND NOT (c.kind = 'triggered' AND c.laid_seq = l.sent + l.failed + l.skipped + l.unknown)
			ORDER BY c.id`, workspaceID, id)
		if err != nil {
			return err
		}
		uses, err := scanAll(rows, scanUse)
		if err != nil {
			return err
		}
		if err := allow(m, uses); err != nil {
			return err
		}
		for _, statement := range []string{`DELETE FROM revisions WHERE message_id = $1`, `UPDATE messages SET deleted = TRUE WHERE id = $1`} {
			if _, err := tx.ExecContext(ctx, statement, id); err != nil {
				return err
			}
		}
		return nil
	})
}

func scanUse(r *sql.Rows) (u message.Use, err error) {
	return u, r.Scan(&u.CampaignID, &u.Name, &u.Kind, &u.State)
}

// MessageUses implements [message.Store].
func (s Messages) MessageUses(ctx context.Context, workspaceID, id, before int64, limit int) ([]message.Use, error) {
	rows, err := s.read.QueryContext(ctx, `
		SELECT id, name, kind, state FROM campaigns
		WHERE message_id = $2 AND workspace_id + 0 = $1 AND id < $3 ORDER BY id DESC LIMIT $4`, workspaceID, id, before, limit)
	if err != nil {
		return nil, s.d.classify(err)
	}
	return scanAll(rows, scanUse)
}
