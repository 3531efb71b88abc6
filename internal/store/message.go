package store

import (
	"context"
	"database/sql"
	"errors"
	"slices"
	"strings"

	"bellman/internal/audit"
	"bellman/internal/contact"
	"bellman/internal/idempotency"
	"bellman/internal/message"
)

// Messages keeps reusable content.
type Messages struct{ *pools }

var _ message.Store = Messages{}

const messageColumns = `id, workspace_id, name, content, author, created_at, updated_at`

func scanMessage(row scanner) (m message.Message, err error) {
	var (
		content, author  string
		created, updated int64
	)
	if err := row.Scan(&m.ID, &m.WorkspaceID, &m.Name, &content, &author, &created, &updated); err != nil {
		return m, err
	}
	m.CreatedAt, m.UpdatedAt = fromMillis(created), fromMillis(updated)
	if m.Author, err = decodeAuthor(author); err != nil {
		return m, err
	}
	m.Content, err = message.Decode(content)
	return m, err
}

// CreateMessage implements [message.Store].
func (s Messages) CreateMessage(ctx context.Context, m message.Message) (id int64, err error) {
	content, err := m.Content.Encode()
	if err != nil {
		return 0, err
	}
	author, err := encodeAuthor(m.Author)
	if err != nil {
		return 0, err
	}
	err = s.tx(ctx, func(tx *sql.Tx) error {
		if id, err = s.takeID(ctx, tx, "message_id"); err != nil {
			return err
		}
		idempotency.RecordID(ctx, id)
		audit.About(ctx, "messages", id)
		_, err = tx.ExecContext(ctx, `
			INSERT INTO messages (id, workspace_id, name, content, author, created_at, updated_at) VALUES ($1, $2, $3, $4, $5, $6, $7)`,
			id, m.WorkspaceID, m.Name, content, author, m.CreatedAt.UnixMilli(), m.UpdatedAt.UnixMilli())
		return err
	})
	return id, err
}

// Message implements [message.Store].
func (s Messages) Message(ctx context.Context, workspaceID, id int64) (message.Message, error) {
	m, err := scanMessage(s.read.QueryRowContext(ctx,
		`SELECT `+messageColumns+` FROM messages WHERE workspace_id = $1 AND id = $2 AND NOT deleted`, workspaceID, id))
	return m, s.found(err, message.ErrNotFound)
}

// Messages implements [message.Store].
func (s Messages) Messages(ctx context.Context, workspaceID, before int64, limit int) ([]message.Message, error) {
	rows, err := s.read.QueryContext(ctx, `
		SELECT `+messageColumns+` FROM messages WHERE workspace_id = $1 AND id < $2 AND NOT deleted ORDER BY id DESC LIMIT $3`,
		workspaceID, before, limit)
	if err != nil {
		return nil, s.d.classify(err)
	}
	return scanAll(rows, func(r *sql.Rows) (message.Message, error) { return scanMessage(r) })
}

// UpdateMessage implements [message.Store].
func (s Messages) UpdateMessage(ctx context.Context, m message.Message) error {
	content, err := m.Content.Encode()
	if err != nil {
		return err
	}
	author, err := encodeAuthor(m.Author)
	if err != nil {
		return err
	}
	return s.tx(ctx, func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx,
			`UPDATE messages SET name = $3, content = $4, author = $5, updated_at = $6 WHERE workspace_id = $1 AND id = $2 AND NOT deleted`,
			m.WorkspaceID, m.ID, m.Name, content, author, m.UpdatedAt.UnixMilli())
		return err
	})
}

// FindMessages implements [message.Store]. A workspace has few messages, so their
// names and tags are folded while they are compared.
//
// spec: messages-tag-search
func (s Messages) FindMessages(ctx context.Context, workspaceID int64, f message.Filter) ([]message.Message, int64, error) {
	rows, err := s.read.QueryContext(ctx,
		`SELECT id, name, content FROM messages WHERE workspace_id = $1 AND NOT deleted ORDER BY id DESC`, workspaceID)
	if err != nil {
		return nil, 0, s.d.classify(err)
	}
	var found []int64
	err = each(rows, func(r *sql.Rows) error {
		var (
			id            int64
			name, content string
		)
		if err := r.Scan(&id, &name, &content); err != nil {
			return err
		}
		fits, err := searched(name, content, contact.Fold(f.Search))
		if fits {
			found = append(found, id)
		}
		return err
	})
	if err != nil {
		return nil, 0, s.d.classify(err)
	}
	total := int64(len(found))
	found = found[min(f.Offset, total):]
	found = found[:min(f.Limit, len(found))]
	rows, err = s.read.QueryContext(ctx,
		`SELECT `+messageColumns+` FROM messages WHERE id IN `+s.intsIn("$1")+` ORDER BY id DESC`, ints(found))
	if err != nil {
		return nil, 0, s.d.classify(err)
	}
	messages, err := scanAll(rows, func(r *sql.Rows) (message.Message, error) { return scanMessage(r) })
	return messages, total, s.d.classify(err)
}

// searched reports whether a folded text is a part of the message's name, or one of
// its tags.
func searched(name, content, text string) (bool, error) {
	if strings.Contains(contact.Fold(name), text) {
		return true, nil
	}
	c, err := message.Decode(content)
	return slices.ContainsFunc(c.Tags, func(tag string) bool { return contact.Fold(tag) == text }), err
}

// DeleteMessage implements [message.Store]. A triggered campaign prevents the
// deletion only while it has something left to send.
func (s Messages) DeleteMessage(ctx context.Context, workspaceID, id int64, allow func(uses []message.Use) error) error {
	return s.tx(ctx, func(tx *sql.Tx) error {
		var locked int64
		err := tx.QueryRowContext(ctx,
			`SELECT id FROM messages WHERE workspace_id = $1 AND id = $2 AND NOT deleted`+s.d.forUpdate, workspaceID, id).Scan(&locked)
		if errors.Is(err, sql.ErrNoRows) {
			return message.ErrNotFound
		}
		if err != nil {
			return err
		}
		rows, err := tx.QueryContext(ctx, `
			SELECT c.id, c.name FROM campaigns c JOIN ledgers l ON l.campaign_id = c.id
			WHERE c.workspace_id = $1 AND c.message_id = $2 AND c.state IN `+pending+`
				AND NOT (c.kind = 'triggered' AND c.laid_seq = l.sent + l.failed + l.skipped + l.unknown)
			ORDER BY c.id`, workspaceID, id)
		if err != nil {
			return err
		}
		uses, err := scanAll(rows, func(r *sql.Rows) (u message.Use, err error) { return u, r.Scan(&u.CampaignID, &u.Name) })
		if err != nil {
			return err
		}
		if err := allow(uses); err != nil {
			return err
		}
		_, err = tx.ExecContext(ctx, `UPDATE messages SET deleted = TRUE WHERE id = $1`, id)
		return err
	})
}
