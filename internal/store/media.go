package store

import (
	"context"
	"database/sql"
	"fmt"
	"strings"
	"time"

	"bellman/internal/audit"
	"bellman/internal/media"
	"bellman/internal/message"
)

// Media keeps what is known about uploaded files.
type Media struct{ *pools }

var _ media.Store = Media{}

const mediaColumns = `id, workspace_id, name, type, size, width, height, duration, kinds, sha256, key, created_at`

func scanMedia(row scanner) (f media.File, err error) {
	var (
		kinds             string
		duration, created int64
	)
	err = row.Scan(&f.ID, &f.WorkspaceID, &f.Name, &f.Type, &f.Size, &f.Width, &f.Height, &duration, &kinds, &f.SHA256, &f.Key, &created)
	f.Duration, f.CreatedAt = time.Duration(duration)*time.Millisecond, fromMillis(created)
	f.Kinds = splitKinds(kinds)
	return f, err
}

func joinKinds(kinds []message.Kind) string {
	words := make([]string, len(kinds))
	for i, kind := range kinds {
		words[i] = string(kind)
	}
	return strings.Join(words, ",")
}

func splitKinds(text string) (kinds []message.Kind) {
	for word := range strings.SplitSeq(text, ",") {
		kinds = append(kinds, message.Kind(word))
	}
	return kinds
}

// Create implements [media.Store].
func (s Media) Create(ctx context.Context, f media.File) (kept media.File, err error) {
	err = s.tx(ctx, func(tx *sql.Tx) error {
		id, err := s.takeID(ctx, tx, "media_id")
		if err != nil {
			return err
		}
		// The update changes nothing: it makes the statement return the row.
		kept, err = scanMedia(tx.QueryRowContext(ctx, `
			INSERT INTO media (`+mediaColumns+`) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
			ON CONFLICT (workspace_id, sha256) DO UPDATE SET sha256 = excluded.sha256
			RETURNING `+mediaColumns,
			id, f.WorkspaceID, f.Name, f.Type, f.Size, f.Width, f.Height, f.Duration.Milliseconds(), joinKinds(f.Kinds),
			f.SHA256, f.Key, f.CreatedAt.UnixMilli()))
		audit.About(ctx, "media", kept.ID)
		return err
	})
	return kept, err
}

// Find implements [media.Store].
func (s Media) Find(ctx context.Context, workspaceID, id int64) (media.File, error) {
	f, err := scanMedia(s.read.QueryRowContext(ctx,
		`SELECT `+mediaColumns+` FROM media WHERE workspace_id = $1 AND id = $2`, workspaceID, id))
	return f, s.found(err, media.ErrNotFound)
}

// FindBySHA256 implements [media.Store].
func (s Media) FindBySHA256(ctx context.Context, workspaceID int64, sha256 string) (media.File, error) {
	f, err := scanMedia(s.read.QueryRowContext(ctx,
		`SELECT `+mediaColumns+` FROM media WHERE workspace_id = $1 AND sha256 = $2`, workspaceID, sha256))
	return f, s.found(err, media.ErrNotFound)
}

// List implements [media.Store].
func (s Media) List(ctx context.Context, workspaceID, before int64, limit int) ([]media.File, error) {
	rows, err := s.read.QueryContext(ctx, `
		SELECT `+mediaColumns+` FROM media WHERE workspace_id = $1 AND id < $2 ORDER BY id DESC LIMIT $3`,
		workspaceID, before, limit)
	if err != nil {
		return nil, s.d.classify(err)
	}
	return scanAll(rows, func(r *sql.Rows) (media.File, error) { return scanMedia(r) })
}

// Kinds implements [media.Store].
func (s Media) Kinds(ctx context.Context, workspaceID int64, ids []int64) (map[int64][]message.Kind, error) {
	rows, err := s.read.QueryContext(ctx,
		`SELECT id, kinds FROM media WHERE workspace_id = $1 AND id IN `+s.intsIn("$2"), workspaceID, ints(ids))
	if err != nil {
		return nil, s.d.classify(err)
	}
	kinds := map[int64][]message.Kind{}
	err = each(rows, func(r *sql.Rows) error {
		var (
			id   int64
			text string
		)
		err := r.Scan(&id, &text)
		kinds[id] = splitKinds(text)
		return err
	})
	return kinds, s.d.classify(err)
}

// Delete implements [media.Store].
func (s Media) Delete(ctx context.Context, workspaceID, id int64, allow func(uses []media.Use) error) (f media.File, err error) {
	err = s.tx(ctx, func(tx *sql.Tx) error {
		f, err = scanMedia(tx.QueryRowContext(ctx,
			`SELECT `+mediaColumns+` FROM media WHERE workspace_id = $1 AND id = $2`+s.d.forUpdate, workspaceID, id))
		if err != nil {
			return s.found(err, media.ErrNotFound)
		}
		uses, err := mediaUses(ctx, tx, workspaceID, id)
		if err != nil {
			return err
		}
		if err := allow(uses); err != nil {
			return err
		}
		if _, err := tx.ExecContext(ctx, `DELETE FROM media_files WHERE source = $1`, fmt.Sprint("id:", id)); err != nil {
			return err
		}
		_, err = tx.ExecContext(ctx, `DELETE FROM media WHERE id = $1`, id)
		return err
	})
	return f, err
}

// mediaUses returns the messages and the pending campaigns whose content has the
// file. In encoded content nothing but a file has a numeric id, and within a text
// the quotes would be escaped.
func mediaUses(ctx context.Context, tx *sql.Tx, workspaceID, id int64) ([]media.Use, error) {
	rows, err := tx.QueryContext(ctx, `
		SELECT 'message' AS what, id, name FROM messages
		WHERE workspace_id = $1 AND (content LIKE $2 OR content LIKE $3)
		UNION ALL
		SELECT 'campaign', id, name FROM campaigns
		WHERE workspace_id = $1 AND state IN `+pending+` AND (content LIKE $2 OR content LIKE $3)
		ORDER BY 1 DESC, 2`,
		workspaceID, fmt.Sprintf(`%%"id":%d,%%`, id), fmt.Sprintf(`%%"id":%d}%%`, id))
	if err != nil {
		return nil, err
	}
	return scanAll(rows, func(r *sql.Rows) (u media.Use, err error) { return u, r.Scan(&u.What, &u.ID, &u.Name) })
}

// Keys implements [media.Store].
func (s Media) Keys(ctx context.Context, keys []string) ([]string, error) {
	rows, err := s.read.QueryContext(ctx, `SELECT key FROM media WHERE key IN `+s.textsIn("$1"), texts(keys))
	if err != nil {
		return nil, s.d.classify(err)
	}
	return scanAll(rows, func(r *sql.Rows) (key string, err error) { return key, r.Scan(&key) })
}

// SentFiles keeps how bots have sent files.
type SentFiles struct{ *pools }

var _ media.SentStore = SentFiles{}

// Find implements [media.SentStore].
func (s SentFiles) Find(ctx context.Context, botID int64, sources []string) ([]media.SentFile, error) {
	rows, err := s.read.QueryContext(ctx, `
		SELECT bot_id, source, kind, sent_as, file_id, updated_at FROM media_files
		WHERE bot_id = $1 AND source IN `+s.textsIn("$2"), botID, texts(sources))
	if err != nil {
		return nil, s.d.classify(err)
	}
	return scanAll(rows, func(r *sql.Rows) (f media.SentFile, err error) {
		var updated int64
		err = r.Scan(&f.BotID, &f.Source, &f.Kind, &f.File.Kind, &f.File.ID, &updated)
		f.UpdatedAt = fromMillis(updated)
		return f, err
	})
}

// Keep implements [media.SentStore].
func (s SentFiles) Keep(ctx context.Context, f media.SentFile) error {
	return s.tx(ctx, func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, `
			INSERT INTO media_files (bot_id, source, kind, sent_as, file_id, updated_at) VALUES ($1, $2, $3, $4, $5, $6)
			ON CONFLICT (bot_id, source, kind) DO UPDATE
			SET sent_as = excluded.sent_as, file_id = excluded.file_id, updated_at = excluded.updated_at`,
			f.BotID, f.Source, f.Kind, f.File.Kind, f.File.ID, f.UpdatedAt.UnixMilli())
		return err
	})
}

// Forget implements [media.SentStore].
func (s SentFiles) Forget(ctx context.Context, f media.SentFile) error {
	return s.tx(ctx, func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, `
			DELETE FROM media_files WHERE bot_id = $1 AND source = $2 AND kind = $3 AND file_id = $4`,
			f.BotID, f.Source, f.Kind, f.File.ID)
		return err
	})
}
