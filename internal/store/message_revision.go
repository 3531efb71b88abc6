package store

import (
	"context"
	"database/sql"

	"bellman/internal/message"
)

// Revisions implements [message.Store].
func (s Messages) Revisions(ctx context.Context, workspaceID, id, before int64, limit int) ([]message.Revision, error) {
	rows, err := s.read.QueryContext(ctx, `
		SELECT r.number, r.name, '{}', r.draft, r.author, r.begun_at, r.saved_at FROM revisions r
		JOIN messages m ON m.id = r.message_id
		WHERE m.workspace_id = $1 AND r.message_id = $2 AND r.number < $3 ORDER BY r.number DESC LIMIT $4`, workspaceID, id, before, limit)
	if err != nil {
		return nil, s.d.classify(err)
	}
	return scanAll(rows, func(r *sql.Rows) (message.Revision, error) { return scanRevision(r) })
}

// Revision implements [message.Store].
func (s Messages) Revision(ctx context.Context, workspaceID, id, number int64) (message.Revision, error) {
	r, err := scanRevision(s.read.QueryRowContext(ctx, `
		SELECT r.number, r.name, r.content, r.draft, r.author, r.begun_at, r.saved_at FROM revisions r
		JOIN messages m ON m.id = r.message_id
		WHERE m.workspace_id = $1 AND r.message_id = $2 AND r.number = $3`, workspaceID, id, number))
	return r, s.found(err, message.ErrRevisionNotFound)
}

func scanRevision(row scanner) (r message.Revision, err error) {
	var (
		content, author string
		begun, saved    int64
	)
	if err := row.Scan(&r.Number, &r.Name, &content, &r.Draft, &author, &begun, &saved); err != nil {
		return r, err
	}
	r.BegunAt, r.SavedAt = fromMillis(begun), fromMillis(saved)
	if r.Author, err = decodeAuthor(author); err != nil {
		return r, err
	}
	r.Content, err = message.Decode(content)
	return r, err
}

// MessageNames implements [message.Store].
func (s Messages) MessageNames(ctx context.Context, workspaceID int64, prefix string) ([]string, error) {
	return s.namesOf(ctx, `messages WHERE NOT deleted AND`, workspaceID, prefix)
}

// namesOf returns the names of things of a workspace that begin with the prefix. There are
// few: they are read one by one, because engines sort and compare texts in different ways.
func (s *pools) namesOf(ctx context.Context, from string, workspaceID int64, prefix string) ([]string, error) {
	rows, err := s.read.QueryContext(ctx,
		`SELECT name FROM `+from+` workspace_id = $1 AND SUBSTR(name, 1, LENGTH($2)) = $2`, workspaceID, prefix)
	if err != nil {
		return nil, s.d.classify(err)
	}
	return scanAll(rows, func(r *sql.Rows) (name string, err error) { return name, r.Scan(&name) })
}
