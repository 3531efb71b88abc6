package store

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"bellman/internal/audit"
	"bellman/internal/bot"
	"bellman/internal/fault"
	"bellman/internal/outcome"
)

// Bots keeps bots, each with its lease.
type Bots struct{ *pools }

var _ bot.Store = Bots{}

const botColumns = `id, workspace_id, app_uuid, telegram_id, username, name, token, api_url, state, state_reason,
	rate_per_second, paid_broadcast, paid_refused_until, frozen_until, frozen_reason, subscribers, created_at, updated_at,
	disconnected_at`

type scanner interface{ Scan(into ...any) error }

func scanBot(row scanner) (b bot.Bot, err error) {
	var created, updated, refused, frozen, disconnected int64
	err = row.Scan(&b.ID, &b.WorkspaceID, &b.AppUUID, &b.TelegramID, &b.Username, &b.Name, &b.SealedToken, &b.APIURL,
		&b.State, &b.StateReason, &b.RatePerSecond, &b.PaidBroadcast, &refused, &frozen, &b.PausedReason, &b.Subscribers, &created, &updated,
		&disconnected)
	if disconnected != 0 {
		b.State = bot.Disconnected
	}
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
			frozen_until = 0, frozen_reason = '', updated_at = $7, disconnected_at = 0
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

// ChangeLimits implements [bot.Store].
func (s Bots) ChangeLimits(ctx context.Context, workspaceID, id int64, change func(*bot.Bot) error) (b bot.Bot, err error) {
	err = s.tx(ctx, func(tx *sql.Tx) error {
		b, err = scanBot(tx.QueryRowContext(ctx,
			`SELECT `+botColumns+` FROM bots WHERE workspace_id = $1 AND id = $2`+s.d.forUpdate, workspaceID, id))
		if err != nil {
			return err
		}
		if err := change(&b); err != nil {
			return err
		}
		b.PaidRefusedUntil = time.Time{}
		_, err = tx.ExecContext(ctx, `
			UPDATE bots SET rate_per_second = $2, paid_broadcast = $3, paid_refused_until = 0, updated_at = $4 WHERE id = $1`,
			b.ID, b.RatePerSecond, b.PaidBroadcast, b.UpdatedAt.UnixMilli())
		return err
	})
	return b, s.found(err, bot.ErrNotFound)
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
		`SELECT `+botColumns+` FROM bots WHERE workspace_id = $1 AND app_uuid = $2 AND disconnected_at = 0`, workspaceID, appUUID))
	return b, s.found(err, bot.ErrNotFound)
}

// filtered renders the condition of a filter on bots: $2 is its states, $3 a pattern.
func (s Bots) filtered(f bot.Filter) (condition string, args []any) {
	states := f.States
	if len(states) == 0 {
		states = []bot.State{bot.Active, bot.Paused}
	}
	all := make([]string, len(states))
	for i, state := range states {
		all[i] = string(state)
	}
	return `CASE WHEN disconnected_at <> 0 THEN 'disconnected' ELSE state END IN ` + s.textsIn("$2"), []any{texts(all)}
}

// List implements [bot.Store]. A workspace has few bots, and names in any script have to be
// folded: they are searched here.
func (s Bots) List(ctx context.Context, workspaceID int64, f bot.Filter) (found []bot.Bot, err error) {
	condition, args := s.filtered(f)
	for after := f.After; len(found) < f.Limit; {
		rows, err := s.read.QueryContext(ctx,
			`SELECT `+botColumns+` FROM bots WHERE workspace_id = $1 AND id > $3 AND `+condition+` ORDER BY id LIMIT $4`,
			append([]any{workspaceID}, append(args, after, f.Limit)...)...)
		if err != nil {
			return nil, s.d.classify(err)
		}
		page, err := scanAll(rows, func(r *sql.Rows) (bot.Bot, error) { return scanBot(r) })
		if err != nil {
			return nil, s.d.classify(err)
		}
		for _, b := range page {
			if after = b.ID; len(found) < f.Limit && f.Fits(b) {
				found = append(found, b)
			}
		}
		if len(page) < f.Limit {
			break
		}
	}
	return found, nil
}

// Count implements [bot.Store].
func (s Bots) Count(ctx context.Context, workspaceID int64, f bot.Filter) (n int64, err error) {
	condition, args := s.filtered(f)
	rows, err := s.read.QueryContext(ctx,
		`SELECT `+botColumns+` FROM bots WHERE workspace_id = $1 AND `+condition, append([]any{workspaceID}, args...)...)
	if err != nil {
		return 0, s.d.classify(err)
	}
	return n, s.d.classify(each(rows, func(r *sql.Rows) error {
		b, err := scanBot(r)
		if f.Fits(b) {
			n++
		}
		return err
	}))
}

// Uses implements [bot.Store].
func (s Bots) Uses(ctx context.Context, workspaceID, id int64) (bot.Uses, error) {
	u, err := s.uses(ctx, s.read, workspaceID, id, "")
	return u, s.found(err, bot.ErrNotFound)
}

func (s Bots) uses(ctx context.Context, from queryer, workspaceID, id int64, lock string) (u bot.Uses, err error) {
	err = from.QueryRowContext(ctx,
		`SELECT subscribers FROM bots WHERE workspace_id = $1 AND id = $2 AND disconnected_at = 0`+lock, workspaceID, id).
		Scan(&u.Subscribers)
	if err != nil {
		return u, err
	}
	err = from.QueryRowContext(ctx, `
		SELECT COUNT(*) FROM campaigns WHERE workspace_id = $1 AND bot_id = $2 AND kind = 'triggered' AND NOT laid AND NOT test
			AND state IN ('sending', 'paused')`, workspaceID, id).Scan(&u.Triggered)
	if err != nil {
		return u, err
	}
	for _, of := range []struct {
		into   *[]bot.Use
		states string
	}{{&u.Pending, `('scheduled', 'launching', 'sending', 'paused')`}, {&u.Drafts, `('draft')`}} {
		rows, err := from.QueryContext(ctx, `
			SELECT id, name, state FROM campaigns WHERE workspace_id = $1 AND bot_id = $2 AND kind = 'broadcast' AND state IN `+of.states+`
			ORDER BY id LIMIT $3`, workspaceID, id, bot.MostUses)
		if err != nil {
			return u, err
		}
		*of.into, err = scanAll(rows, func(r *sql.Rows) (use bot.Use, err error) {
			return use, r.Scan(&use.CampaignID, &use.Name, &use.State)
		})
		if err != nil {
			return u, err
		}
	}
	return u, nil
}

// Disconnect implements [bot.Store]. The lock on the bot's row makes it act before or after
// a launch, which takes the same one.
func (s Bots) Disconnect(ctx context.Context, workspaceID, id int64, now time.Time, allow func(bot.Uses) error) error {
	err := s.tx(ctx, func(tx *sql.Tx) error {
		u, err := s.uses(ctx, tx, workspaceID, id, s.d.forUpdate)
		if err != nil {
			return err
		}
		if err := allow(u); err != nil {
			return err
		}
		_, err = tx.ExecContext(ctx, `
			UPDATE bots SET token = $2, state = 'paused', state_reason = $3, disconnected_at = $4, updated_at = $4 WHERE id = $1`,
			id, []byte{}, outcome.BotRefused, now.UnixMilli())
		if err != nil {
			return err
		}
		_, err = tx.ExecContext(ctx, `
			UPDATE campaigns SET state = 'paused', state_reason = $2, state_detail = '', updated_at = $3
			WHERE bot_id = $1 AND kind = 'triggered' AND state = 'sending'`, id, outcome.BotRefused, now.UnixMilli())
		if err != nil {
			return err
		}
		return s.notify(ctx, tx)
	})
	return s.found(err, bot.ErrNotFound)
}
