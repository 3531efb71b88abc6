package store

import (
	"context"
	"database/sql"
	"strings"
	"time"

	"bellman/internal/audit"
	"bellman/internal/idempotency"
	"bellman/internal/outcome"
	"bellman/internal/webhook"
)

// Webhooks keeps webhooks and the activities that are still to be posted.
type Webhooks struct{ *pools }

var (
	_ webhook.Store       = Webhooks{}
	_ webhook.SenderStore = Webhooks{}
)

const webhookColumns = `id, workspace_id, name, url, login, password, secrets, statuses, state, state_reason, revision,
	attempts, last_error, failed_at, next_at, missed_since, delivered_at, created_at, updated_at`

func scanWebhook(row scanner) (w webhook.Webhook, err error) {
	var (
		statuses                                          string
		failed, next, missed, delivered, created, updated int64
	)
	err = row.Scan(&w.ID, &w.WorkspaceID, &w.Name, &w.URL, &w.Login, &w.SealedPassword, &w.SealedSecrets, &statuses,
		&w.State, &w.StateReason, &w.Revision, &w.Attempts, &w.LastError, &failed, &next, &missed, &delivered, &created, &updated)
	w.Statuses = readStatuses(statuses)
	w.FailedAt, w.MissedSince, w.DeliveredAt = fromMillis(failed), fromMillis(missed), fromMillis(delivered)
	if w.Attempts > 0 {
		w.NextAttemptAt = fromMillis(next)
	}
	w.CreatedAt, w.UpdatedAt = fromMillis(created), fromMillis(updated)
	return w, err
}

func readStatuses(list string) []outcome.Activity {
	var all []outcome.Activity
	for status := range strings.SplitSeq(list, ",") {
		all = append(all, outcome.Activity(status))
	}
	return all
}

func writeStatuses(statuses []outcome.Activity) string {
	texts := make([]string, len(statuses))
	for i, status := range statuses {
		texts[i] = string(status)
	}
	return strings.Join(texts, ",")
}

// NextWebhookID implements [webhook.Store].
func (s Webhooks) NextWebhookID(ctx context.Context) (id int64, err error) {
	err = s.tx(ctx, func(tx *sql.Tx) (err error) {
		id, err = s.takeID(ctx, tx, "webhook_id")
		return err
	})
	return id, err
}

// CreateWebhook implements [webhook.Store].
func (s Webhooks) CreateWebhook(ctx context.Context, w webhook.Webhook, check func(others []webhook.Webhook) error) error {
	return s.tx(ctx, func(tx *sql.Tx) error {
		if err := s.checkOthers(ctx, tx, w, check); err != nil {
			return err
		}
		idempotency.RecordID(ctx, w.ID)
		audit.About(ctx, "webhooks", w.ID)
		_, err := tx.ExecContext(ctx, `
			INSERT INTO webhooks (id, workspace_id, name, url, login, password, statuses, active, state, state_reason, created_at, updated_at)
			VALUES ($1, $2, $3, $4, $5, $6, $7, TRUE, $8, $9, $10, $11)`,
			w.ID, w.WorkspaceID, w.Name, w.URL, w.Login, w.SealedPassword, writeStatuses(w.Statuses), w.State, w.StateReason,
			w.CreatedAt.UnixMilli(), w.UpdatedAt.UnixMilli())
		return err
	})
}

// checkOthers has the other webhooks of a workspace checked. The lock on the workspace's
// row makes those who do it act one after another.
func (s Webhooks) checkOthers(ctx context.Context, tx *sql.Tx, w webhook.Webhook, check func(others []webhook.Webhook) error) error {
	var workspace int64
	err := tx.QueryRowContext(ctx, `SELECT id FROM workspaces WHERE id = $1`+s.d.forUpdate, w.WorkspaceID).Scan(&workspace)
	if err != nil {
		return err
	}
	rows, err := tx.QueryContext(ctx,
		`SELECT `+webhookColumns+` FROM webhooks WHERE workspace_id = $1 AND id <> $2 AND deleted_at = 0 ORDER BY id`, workspace, w.ID)
	if err != nil {
		return err
	}
	others, err := scanAll(rows, func(r *sql.Rows) (webhook.Webhook, error) { return scanWebhook(r) })
	if err != nil {
		return err
	}
	return check(others)
}

// Webhook implements [webhook.Store].
func (s Webhooks) Webhook(ctx context.Context, workspaceID, id int64) (webhook.Webhook, error) {
	w, err := scanWebhook(s.read.QueryRowContext(ctx,
		`SELECT `+webhookColumns+` FROM webhooks WHERE workspace_id = $1 AND id = $2 AND deleted_at = 0`, workspaceID, id))
	return w, s.found(err, webhook.ErrNotFound)
}

// Webhooks implements [webhook.Store].
func (s Webhooks) Webhooks(ctx context.Context, workspaceID, after int64, limit int) ([]webhook.Webhook, error) {
	rows, err := s.read.QueryContext(ctx, `
		SELECT `+webhookColumns+` FROM webhooks WHERE workspace_id = $1 AND id > $2 AND deleted_at = 0
		ORDER BY id LIMIT $3`, workspaceID, after, limit)
	if err != nil {
		return nil, s.d.classify(err)
	}
	return scanAll(rows, func(r *sql.Rows) (webhook.Webhook, error) { return scanWebhook(r) })
}

// ChangeWebhook implements [webhook.Store]. A webhook that was switched off by an
// earlier program records again when it is made active.
func (s Webhooks) ChangeWebhook(ctx context.Context, w webhook.Webhook, retry bool, check func(others []webhook.Webhook) error) error {
	return s.tx(ctx, func(tx *sql.Tx) error {
		if check != nil {
			if err := s.checkOthers(ctx, tx, w, check); err != nil {
				return err
			}
		}
		var revision int64
		err := tx.QueryRowContext(ctx,
			`SELECT revision FROM webhooks WHERE workspace_id = $1 AND id = $2 AND deleted_at = 0`+s.d.forUpdate,
			w.WorkspaceID, w.ID).Scan(&revision)
		if err != nil {
			return s.found(err, webhook.ErrNotFound)
		}
		if revision != w.Revision {
			return webhook.ErrChanged
		}
		_, err = tx.ExecContext(ctx, `
			UPDATE webhooks SET name = $2, url = $3, login = $4, password = $5, statuses = $6, state = $7, state_reason = $8,
				updated_at = $9, secrets = $10,
				active = active OR $7 = 'active' AND missed_since = 0, revision = revision + 1
			WHERE id = $1`,
			w.ID, w.Name, w.URL, w.Login, w.SealedPassword, writeStatuses(w.Statuses), w.State, w.StateReason,
			w.UpdatedAt.UnixMilli(), w.SealedSecrets)
		if err != nil || !retry {
			return err
		}
		_, err = tx.ExecContext(ctx,
			`UPDATE webhooks SET attempts = 0, last_error = '', failed_at = 0, next_at = $2, next_from = $2 WHERE id = $1`,
			w.ID, w.UpdatedAt.UnixMilli())
		return err
	})
}

// RetryWebhook implements [webhook.Store].
func (s Webhooks) RetryWebhook(ctx context.Context, id int64, now time.Time) error {
	return s.tx(ctx, func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, `UPDATE webhooks SET next_at = $2, next_from = $2 WHERE id = $1 AND next_at > $2`, id, now.UnixMilli())
		return err
	})
}

// DeleteWebhook implements [webhook.Store].
func (s Webhooks) DeleteWebhook(ctx context.Context, workspaceID, id int64, now time.Time) error {
	return s.tx(ctx, func(tx *sql.Tx) error {
		result, err := tx.ExecContext(ctx, `
			UPDATE webhooks SET deleted_at = $3, active = FALSE, password = NULL, secrets = NULL
			WHERE workspace_id = $1 AND id = $2 AND deleted_at = 0`, workspaceID, id, now.UnixMilli())
		if err != nil {
			return err
		}
		if n, err := result.RowsAffected(); err != nil || n == 1 {
			return err
		}
		return webhook.ErrNotFound
	})
}

// Backlog implements [webhook.Store].
func (s Webhooks) Backlog(ctx context.Context, id int64, most int) (b webhook.Backlog, err error) {
	var since int64
	err = s.read.QueryRowContext(ctx, `
		SELECT (SELECT COUNT(*) FROM (SELECT 1 FROM activities WHERE webhook_id = $1 LIMIT $2) AS waiting),
			COALESCE((SELECT at FROM activities WHERE webhook_id = $1 ORDER BY id LIMIT 1), 0)`, id, most).Scan(&b.Waiting, &since)
	b.Since = fromMillis(since)
	return b, s.d.classify(err)
}
