package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"time"

	"bellman/internal/bot"
	"bellman/internal/campaign"
	"bellman/internal/fault"
	"bellman/internal/message"
)

var (
	_ campaign.Store       = (*Store)(nil)
	_ campaign.LayoutStore = (*Store)(nil)
)

const campaignColumns = `c.id, c.workspace_id, c.bot_id, c.message_id, c.name, c.kind, c.state, c.state_reason, c.state_detail,
	c.audience, c.content, c.laid_seq, c.laid, c.created_at, c.updated_at,
	COALESCE(c.scheduled_at, 0), COALESCE(c.launched_at, 0), COALESCE(c.finished_at, 0),
	l.claimed_seq, l.waiting, l.sent, l.failed, l.skipped, l.unknown`

const fromCampaigns = ` FROM campaigns c JOIN ledgers l ON l.campaign_id = c.id `

func scanCampaign(row scanner) (c campaign.Campaign, l campaign.Ledger, err error) {
	var (
		audience                                        string
		created, updated, scheduled, launched, finished int64
	)
	err = row.Scan(&c.ID, &c.WorkspaceID, &c.BotID, &c.MessageID, &c.Name, &c.Kind, &c.State, &c.StateReason, &c.StateDetail,
		&audience, &c.Content, &c.LaidSeq, &c.Laid, &created, &updated, &scheduled, &launched, &finished,
		&l.ClaimedSeq, &l.Waiting, &l.Sent, &l.Failed, &l.Skipped, &l.Unknown)
	if err != nil {
		return c, l, err
	}
	c.CreatedAt, c.UpdatedAt = fromMillis(created), fromMillis(updated)
	c.ScheduledAt, c.LaunchedAt, c.FinishedAt = fromMillis(scheduled), fromMillis(launched), fromMillis(finished)
	if err := json.Unmarshal([]byte(audience), &c.Audience); err != nil {
		return c, l, fmt.Errorf("store: audience of campaign %d: %w", c.ID, err)
	}
	return c, l, nil
}

// CreateCampaign implements [campaign.Store].
func (s *Store) CreateCampaign(ctx context.Context, c campaign.Campaign) (id int64, err error) {
	audience, err := json.Marshal(c.Audience)
	if err != nil {
		return 0, err
	}
	err = s.tx(ctx, func(tx *sql.Tx) error {
		if err := exists(ctx, tx, `bots`, c.WorkspaceID, c.BotID, bot.ErrNotFound.In("botId")); err != nil {
			return err
		}
		if err := exists(ctx, tx, `messages`, c.WorkspaceID, c.MessageID, message.ErrNotFound.In("messageId")); err != nil {
			return err
		}
		if id, err = s.takeID(ctx, tx, "campaign_id"); err != nil {
			return err
		}
		_, err = tx.ExecContext(ctx, `
			INSERT INTO campaigns (id, workspace_id, bot_id, message_id, name, kind, state, audience, content, laid_chat, created_at, updated_at)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)`,
			id, c.WorkspaceID, c.BotID, c.MessageID, c.Name, c.Kind, c.State, string(audience), c.Content, int64(math.MinInt64),
			c.CreatedAt.UnixMilli(), c.UpdatedAt.UnixMilli())
		if err != nil {
			return err
		}
		_, err = tx.ExecContext(ctx, `INSERT INTO ledgers (campaign_id, bot_id) VALUES ($1, $2)`, id, c.BotID)
		return err
	})
	return id, err
}

// exists returns the given fault when the workspace has no such row.
func exists(ctx context.Context, tx *sql.Tx, table string, workspaceID, id int64, missing *fault.Error) error {
	var one int
	err := tx.QueryRowContext(ctx, `SELECT 1 FROM `+table+` WHERE workspace_id = $1 AND id = $2`, workspaceID, id).Scan(&one)
	if errors.Is(err, sql.ErrNoRows) {
		return missing
	}
	return err
}

// Campaign implements [campaign.Store].
func (s *Store) Campaign(ctx context.Context, workspaceID, id int64) (campaign.Campaign, campaign.Ledger, error) {
	c, l, err := scanCampaign(s.read.QueryRowContext(ctx,
		`SELECT `+campaignColumns+fromCampaigns+`WHERE c.workspace_id = $1 AND c.id = $2`, workspaceID, id))
	return c, l, s.found(err, campaign.ErrNotFound)
}

// Campaigns implements [campaign.Store].
func (s *Store) Campaigns(ctx context.Context, workspaceID, before int64, limit int) (all []campaign.Campaign, ledgers []campaign.Ledger, err error) {
	rows, err := s.read.QueryContext(ctx,
		`SELECT `+campaignColumns+fromCampaigns+`WHERE c.workspace_id = $1 AND c.id < $2 ORDER BY c.id DESC LIMIT $3`,
		workspaceID, before, limit)
	if err != nil {
		return nil, nil, s.d.classify(err)
	}
	err = each(rows, func(r *sql.Rows) error {
		c, l, err := scanCampaign(r)
		all, ledgers = append(all, c), append(ledgers, l)
		return err
	})
	return all, ledgers, err
}

// ChangeCampaign implements [campaign.Store].
func (s *Store) ChangeCampaign(ctx context.Context, workspaceID, id int64, change func(*campaign.Campaign) error) (c campaign.Campaign, l campaign.Ledger, err error) {
	err = s.tx(ctx, func(tx *sql.Tx) error {
		// The row lock comes first, and on its own: a joined read would take the
		// ledger as it was before the wait.
		if err := s.lockCampaign(ctx, tx, workspaceID, id); err != nil {
			return err
		}
		c, l, err = scanCampaign(tx.QueryRowContext(ctx, `SELECT `+campaignColumns+fromCampaigns+`WHERE c.id = $1`, id))
		if err != nil {
			return err
		}
		if err := change(&c); err != nil {
			return err
		}
		_, err = tx.ExecContext(ctx, `
			UPDATE campaigns SET name = $2, state = $3, state_reason = $4, state_detail = $5, content = $6,
				updated_at = $7, scheduled_at = $8, launched_at = $9, finished_at = $10
			WHERE id = $1`,
			id, c.Name, c.State, c.StateReason, c.StateDetail, c.Content, c.UpdatedAt.UnixMilli(),
			nullMillis(c.ScheduledAt), nullMillis(c.LaunchedAt), nullMillis(c.FinishedAt))
		return err
	})
	return c, l, err
}

func (s *Store) lockCampaign(ctx context.Context, tx *sql.Tx, workspaceID, id int64) error {
	err := tx.QueryRowContext(ctx,
		`SELECT id FROM campaigns WHERE workspace_id = $1 AND id = $2`+s.d.forUpdate, workspaceID, id).Scan(&id)
	if errors.Is(err, sql.ErrNoRows) {
		return campaign.ErrNotFound
	}
	return err
}

// StartScheduled implements [campaign.LayoutStore].
func (s *Store) StartScheduled(ctx context.Context, now time.Time) error {
	var due bool
	err := s.read.QueryRowContext(ctx,
		`SELECT EXISTS (SELECT 1 FROM campaigns WHERE state = 'scheduled' AND scheduled_at <= $1)`, now.UnixMilli()).Scan(&due)
	if err != nil || !due {
		return s.d.classify(err)
	}
	return s.tx(ctx, func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, `
			UPDATE campaigns SET state = 'launching', launched_at = $1, updated_at = $1
			WHERE state = 'scheduled' AND scheduled_at <= $1`, now.UnixMilli())
		return err
	})
}

// Unlaid implements [campaign.LayoutStore].
func (s *Store) Unlaid(ctx context.Context) ([]int64, error) {
	rows, err := s.read.QueryContext(ctx,
		`SELECT id FROM campaigns WHERE state IN ('launching', 'sending') AND kind = 'broadcast' AND NOT laid ORDER BY id`)
	if err != nil {
		return nil, s.d.classify(err)
	}
	return scanAll(rows, func(r *sql.Rows) (id int64, err error) { return id, r.Scan(&id) })
}

// LayOut implements [campaign.LayoutStore]. Chats are taken in the order of
// their ids; those that came after the launch are left out.
func (s *Store) LayOut(ctx context.Context, id int64, limit int, now time.Time) (more bool, err error) {
	err = s.tx(ctx, func(tx *sql.Tx) error {
		var botID, laidSeq, lastChat, launched int64
		err := tx.QueryRowContext(ctx, `
			SELECT bot_id, laid_seq, laid_chat, launched_at FROM campaigns
			WHERE id = $1 AND NOT laid AND state IN ('launching', 'sending')`+s.d.forUpdate, id).
			Scan(&botID, &laidSeq, &lastChat, &launched)
		if errors.Is(err, sql.ErrNoRows) {
			more = false
			return nil
		}
		if err != nil {
			return err
		}
		result, err := tx.ExecContext(ctx, `
			INSERT INTO recipients (campaign_id, seq, chat_id, contact_id)
			SELECT CAST($1 AS BIGINT), CAST($2 AS BIGINT) + ROW_NUMBER() OVER (ORDER BY chat_id), chat_id, contact_id
			FROM (
				SELECT chat_id, contact_id FROM chats
				WHERE bot_id = $3 AND chat_id > $4 AND created_at <= $5 ORDER BY chat_id LIMIT $6
			) AS page`, id, laidSeq, botID, lastChat, launched, limit)
		if err != nil {
			return err
		}
		added, err := result.RowsAffected()
		if err != nil {
			return err
		}
		more = added == int64(limit)
		_, err = tx.ExecContext(ctx, `
			UPDATE campaigns SET laid_seq = $2, laid = $3, updated_at = $4,
				laid_chat = COALESCE((SELECT chat_id FROM recipients WHERE campaign_id = $1 AND seq = $2), laid_chat),
				state = 'sending'
			WHERE id = $1`, id, laidSeq+added, !more, now.UnixMilli())
		return err
	})
	return more, err
}
