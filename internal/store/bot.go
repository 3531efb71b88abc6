package store

import (
	"context"
	"database/sql"
	"errors"

	"bellman/internal/audit"
	"bellman/internal/bot"
	"bellman/internal/fault"
	"bellman/internal/outcome"
)

// Bots keeps bots, each with its lease.
type Bots struct{ *pools }

var _ bot.Store = Bots{}

const botColumns = `id, workspace_id, app_uuid, telegram_id, username, name, token, api_url, state, state_reason,
	rate_per_second, paid_broadcast, paid_refused_until, frozen_until, frozen_reason, subscribers, created_at, updated_at`

type scanner interface{ Scan(into ...any) error }

func scanBot(row scanner) (b bot.Bot, err error) {
	var created, updated, refused, frozen int64
	err = row.Scan(&b.ID, &b.WorkspaceID, &b.AppUUID, &b.TelegramID, &b.Username, &b.Name, &b.SealedToken, &b.APIURL,
		&b.State, &b.StateReason, &b.RatePerSecond, &b.PaidBroadcast, &refused, &frozen, &b.PausedReason, &b.Subscribers, &created, &updated)
	b.PaidRefusedUntil, b.PausedUntil = fromMillis(refused), fromMillis(frozen)
	b.CreatedAt, b.UpdatedAt = fromMillis(created), fromMillis(updated)
	return b, err
}

// Save implements [bot.Store].
func (s Bots) Save(ctx context.Context, b bot.Bot) (saved bot.Bot, err error) {
	err = s.tx(ctx, func(tx *sql.Tx) error {
		var holder int64
		err := tx.QueryRowContext(ctx,
			`SELECT workspace_id FROM bots WHERE telegram_id = $1`+s.d.forUpdate, b.TelegramID).Scan(&holder)
		switch {
		case errors.Is(err, sql.ErrNoRows):
			saved, err = s.insertBot(ctx, tx, b)
			audit.About(ctx, "bots", saved.ID)
			return err
		case err != nil:
			return err
		case holder != b.WorkspaceID:
			return fault.New(fault.Conflict, "bot_taken", "another workspace of this installation has connected this bot").In("token")
		}
		saved, err = s.replaceBot(ctx, tx, b)
		audit.About(ctx, "bots", saved.ID)
		return err
	})
	return saved, err
}

func (s Bots) insertBot(ctx context.Context, tx *sql.Tx, b bot.Bot) (bot.Bot, error) {
	id, err := s.takeID(ctx, tx, "bot_id")
	if err != nil {
		return b, err
	}
	_, err = tx.ExecContext(ctx, `INSERT INTO leases (bot_id, owner, epoch, expires_at) VALUES ($1, '', 0, 0)`, id)
	if err != nil {
		return b, err
	}
	return scanBot(tx.QueryRowContext(ctx, `
		INSERT INTO bots (id, workspace_id, app_uuid, telegram_id, username, name, token, api_url, state, state_reason, created_at, updated_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, '', $10, $11) RETURNING `+botColumns,
		id, b.WorkspaceID, b.AppUUID, b.TelegramID, b.Username, b.Name, b.SealedToken, b.APIURL, b.State,
		b.CreatedAt.UnixMilli(), b.UpdatedAt.UnixMilli()))
}

// replaceBot writes the columns of a bot that may change. Campaigns that were
// paused because of the bot continue: those without recipients yet as launching.
func (s Bots) replaceBot(ctx context.Context, tx *sql.Tx, b bot.Bot) (bot.Bot, error) {
	saved, err := scanBot(tx.QueryRowContext(ctx, `
		UPDATE bots SET username = $2, name = $3, token = $4, api_url = $5, state = $6, state_reason = '',
			frozen_until = 0, frozen_reason = '', updated_at = $7
		WHERE telegram_id = $1 RETURNING `+botColumns,
		b.TelegramID, b.Username, b.Name, b.SealedToken, b.APIURL, b.State, b.UpdatedAt.UnixMilli()))
	if err != nil {
		return saved, err
	}
	_, err = tx.ExecContext(ctx, `
		UPDATE campaigns SET state = CASE WHEN laid_seq = 0 AND NOT laid THEN 'launching' ELSE 'sending' END,
			state_reason = '', state_detail = '', updated_at = $2
		WHERE bot_id = $1 AND state = 'paused' AND state_reason = $3`,
		saved.ID, b.UpdatedAt.UnixMilli(), outcome.BotRefused)
	if err != nil {
		return saved, err
	}
	return saved, s.notify(ctx, tx)
}

// UpdateLimits implements [bot.Store].
func (s Bots) UpdateLimits(ctx context.Context, b bot.Bot) error {
	return s.tx(ctx, func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, `
			UPDATE bots SET rate_per_second = $3, paid_broadcast = $4, paid_refused_until = 0, updated_at = $5
			WHERE workspace_id = $1 AND id = $2`, b.WorkspaceID, b.ID, b.RatePerSecond, b.PaidBroadcast, b.UpdatedAt.UnixMilli())
		return err
	})
}

// Find implements [bot.Store].
func (s Bots) Find(ctx context.Context, workspaceID, id int64) (bot.Bot, error) {
	b, err := scanBot(s.read.QueryRowContext(ctx,
		`SELECT `+botColumns+` FROM bots WHERE workspace_id = $1 AND id = $2`, workspaceID, id))
	return b, s.found(err, bot.ErrNotFound)
}

// FindByUUID implements [bot.Store].
func (s Bots) FindByUUID(ctx context.Context, workspaceID int64, appUUID string) (bot.Bot, error) {
	b, err := scanBot(s.read.QueryRowContext(ctx,
		`SELECT `+botColumns+` FROM bots WHERE workspace_id = $1 AND app_uuid = $2`, workspaceID, appUUID))
	return b, s.found(err, bot.ErrNotFound)
}

// List implements [bot.Store].
func (s Bots) List(ctx context.Context, workspaceID, after int64, limit int) ([]bot.Bot, error) {
	rows, err := s.read.QueryContext(ctx,
		`SELECT `+botColumns+` FROM bots WHERE workspace_id = $1 AND id > $2 ORDER BY id LIMIT $3`, workspaceID, after, limit)
	if err != nil {
		return nil, s.d.classify(err)
	}
	return scanAll(rows, func(r *sql.Rows) (bot.Bot, error) { return scanBot(r) })
}
