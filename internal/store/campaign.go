package store

import (
	"cmp"
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"reflect"
	"strings"
	"time"

	"bellman/internal/access"
	"bellman/internal/audit"
	"bellman/internal/bot"
	"bellman/internal/campaign"
	"bellman/internal/contact"
	"bellman/internal/fault"
	"bellman/internal/idempotency"
	"bellman/internal/message"
	"bellman/internal/metrics"
)

// Campaigns keeps campaigns and lays out their recipients.
type Campaigns struct{ *pools }

var (
	_ campaign.Store       = Campaigns{}
	_ campaign.LayoutStore = Campaigns{}
	_ metrics.Store        = Campaigns{}
)

const campaignColumns = `c.id, c.workspace_id, c.bot_id, c.message_id, c.name, c.kind, c.state, c.state_reason, c.state_detail,
	c.audience, c.content, c.author, c.writer, c.approver, c.allow_paid, c.stars_budget, c.test, c.action, COALESCE(c.resend_of, 0),
	c.laid_seq, c.laid, c.created_at, c.updated_at,
	COALESCE(c.scheduled_at, 0), COALESCE(c.launched_at, 0), COALESCE(c.finished_at, 0), COALESCE(c.forgotten_at, 0),
	l.claimed_seq, l.waiting, l.sent, l.failed, l.skipped, l.unknown, COALESCE(k.clicked, 0), l.paid, l.pace_from_at, l.pace_from_done,
	b.frozen_until, b.frozen_reason, b.username, b.rate_per_second, b.paid_broadcast,
	CASE WHEN c.state = 'draft' OR c.message_name = '' THEN m.name ELSE c.message_name END`

const fromCampaigns = ` FROM campaigns c JOIN ledgers l ON l.campaign_id = c.id JOIN bots b ON b.id = c.bot_id
	JOIN messages m ON m.id = c.message_id
	LEFT JOIN click_counts k ON k.campaign_id = c.id `

func scanCampaign(row scanner) (c campaign.Campaign, l campaign.Ledger, err error) {
	var (
		audience                                                                     string
		authors                                                                      [3]string
		created, updated, scheduled, launched, finished, forgotten, paceFrom, frozen int64
	)
	err = row.Scan(&c.ID, &c.WorkspaceID, &c.BotID, &c.MessageID, &c.Name, &c.Kind, &c.State, &c.StateReason, &c.StateDetail,
		&audience, &c.Content, &authors[0], &authors[1], &authors[2], &c.AllowPaid, &c.StarsBudget, &c.Test,
		&c.Action, &c.Of, &c.LaidSeq, &c.Laid,
		&created, &updated, &scheduled, &launched, &finished, &forgotten,
		&l.ClaimedSeq, &l.Waiting, &l.Sent, &l.Failed, &l.Skipped, &l.Unknown, &l.Clicked, &l.Paid, &paceFrom, &l.PaceDone,
		&frozen, &l.BotReason, &c.BotUsername, &l.BotRate, &l.BotPays, &c.MessageName)
	if err != nil {
		return c, l, err
	}
	c.CreatedAt, c.UpdatedAt = fromMillis(created), fromMillis(updated)
	c.ScheduledAt, c.LaunchedAt, c.FinishedAt = fromMillis(scheduled), fromMillis(launched), fromMillis(finished)
	c.ForgottenAt = fromMillis(forgotten)
	l.PaceFrom, l.BotWaitsUntil = fromMillis(paceFrom), fromMillis(frozen)
	for i, author := range []*access.Author{&c.Author, &c.Writer, &c.Approver} {
		if *author, err = decodeAuthor(authors[i]); err != nil {
			return c, l, err
		}
	}
	if err := json.Unmarshal([]byte(audience), &c.Audience); err != nil {
		return c, l, fmt.Errorf("store: audience of campaign %d: %w", c.ID, err)
	}
	return c, l, nil
}

// Create implements [campaign.Store].
func (s Campaigns) Create(ctx context.Context, c campaign.Campaign) (id int64, err error) {
	err = s.tx(ctx, func(tx *sql.Tx) error {
		if err := s.checkParts(ctx, tx, c, campaign.Campaign{}); err != nil {
			return err
		}
		if id, err = s.insertCampaign(ctx, tx, c); err != nil {
			return err
		}
		idempotency.RecordID(ctx, id)
		audit.About(ctx, "campaigns", id)
		if c.State == campaign.Draft {
			return nil
		}
		return s.notify(ctx, tx)
	})
	return id, err
}

// checkParts returns NotFound for a bot, message or group of the campaign that its
// workspace does not have. What is as it was before is not looked at: it may have been
// deleted, which the launch will tell. Groups stay until the transaction ends.
func (s Campaigns) checkParts(ctx context.Context, tx *sql.Tx, c, before campaign.Campaign) error {
	if c.BotID != before.BotID {
		if err := exists(ctx, tx, `bots`, c.WorkspaceID, c.BotID, bot.ErrNotFound.In("botId"), connected); err != nil {
			return err
		}
	}
	if c.MessageID != before.MessageID {
		err := exists(ctx, tx, `messages`, c.WorkspaceID, c.MessageID, message.ErrNotFound.In("messageId"), `AND NOT deleted`)
		if err != nil {
			return err
		}
	}
	if reflect.DeepEqual(c.Audience, before.Audience) {
		return nil
	}
	return s.checkGroups(ctx, tx, c, s.d.forUpdate)
}

// connected is the condition of bots that were not disconnected.
const connected = `AND disconnected_at = 0`

// checkBot returns NotFound for a bot that was disconnected, and keeps others from being so
// until the transaction ends.
func (s Campaigns) checkBot(ctx context.Context, tx *sql.Tx, c campaign.Campaign) error {
	var one int
	err := tx.QueryRowContext(ctx, `SELECT 1 FROM bots WHERE id = $1 `+connected+s.d.forShare, c.BotID).Scan(&one)
	if errors.Is(err, sql.ErrNoRows) {
		return bot.ErrNotFound.In("botId")
	}
	return err
}

// insertCampaign writes a campaign and its empty ledger.
func (s Campaigns) insertCampaign(ctx context.Context, tx *sql.Tx, c campaign.Campaign) (int64, error) {
	audience, err := json.Marshal(c.Audience)
	if err != nil {
		return 0, err
	}
	authors, err := encodeAuthors(c.Author, c.Writer, c.Approver)
	if err != nil {
		return 0, err
	}
	id, err := s.takeID(ctx, tx, "campaign_id")
	if err != nil {
		return 0, err
	}
	_, err = tx.ExecContext(ctx, `
		INSERT INTO campaigns (id, workspace_id, bot_id, message_id, name, kind, state, audience, content,
			allow_paid, stars_budget, test, resend_of, laid_cursor, created_at, updated_at, launched_at, scheduled_at,
			author, writer, approver, name_key, action, utm, message_name)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23,
			(SELECT utm FROM workspaces WHERE id = $2), (SELECT name FROM messages WHERE id = $4))`,
		id, c.WorkspaceID, c.BotID, c.MessageID, c.Name, c.Kind, c.State, string(audience), c.Content,
		c.AllowPaid, c.StarsBudget, c.Test, nullID(c.Of), int64(math.MinInt64),
		c.CreatedAt.UnixMilli(), c.UpdatedAt.UnixMilli(), nullMillis(c.LaunchedAt), nullMillis(c.ScheduledAt),
		authors[0], authors[1], authors[2], contact.Fold(c.Name), cmp.Or(c.Action, campaign.Send))
	if err != nil {
		return 0, err
	}
	_, err = tx.ExecContext(ctx, `INSERT INTO ledgers (campaign_id, bot_id) VALUES ($1, $2)`, id, c.BotID)
	return id, err
}

// exists returns the given fault when the workspace has no such row, or none for
// which the condition is true.
func exists(ctx context.Context, q querier, table string, workspaceID, id int64, missing *fault.Error, condition string) error {
	var one int
	err := q.QueryRowContext(ctx, `SELECT 1 FROM `+table+` WHERE workspace_id = $1 AND id = $2 `+condition, workspaceID, id).Scan(&one)
	if errors.Is(err, sql.ErrNoRows) {
		return missing
	}
	return err
}

// Find implements [campaign.Store].
func (s Campaigns) Find(ctx context.Context, workspaceID, id int64) (campaign.Campaign, campaign.Ledger, error) {
	c, l, err := scanCampaign(s.read.QueryRowContext(ctx,
		`SELECT `+campaignColumns+fromCampaigns+`WHERE c.workspace_id = $1 AND c.id = $2`, workspaceID, id))
	return c, l, s.found(err, campaign.ErrNotFound)
}

// activeColumns are those of campaigns whose content and audience nobody asks for.
var activeColumns = strings.NewReplacer("c.audience, c.content", `'{}', ''`).Replace(campaignColumns)

// Active implements [campaign.Store].
func (s Campaigns) Active(ctx context.Context, workspaceID int64) (all []campaign.Campaign, ledgers []campaign.Ledger, err error) {
	rows, err := s.read.QueryContext(ctx, `
		SELECT `+activeColumns+fromCampaigns+`
		WHERE b.workspace_id = $1 AND c.state IN ('scheduled', 'launching', 'sending') ORDER BY c.id DESC`, workspaceID)
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

// Change implements [campaign.Store].
func (s Campaigns) Change(
	ctx context.Context, workspaceID, id int64, change func(*campaign.Campaign) error,
) (c campaign.Campaign, l campaign.Ledger, err error) {
	err = s.tx(ctx, func(tx *sql.Tx) error {
		// The row is locked first, by a statement of its own: a joined read would
		// return the ledger as it was before the wait for the lock.
		if err := s.lockCampaign(ctx, tx, workspaceID, id); err != nil {
			return err
		}
		c, l, err = scanCampaign(tx.QueryRowContext(ctx, `SELECT `+campaignColumns+fromCampaigns+`WHERE c.id = $1`, id))
		if err != nil {
			return err
		}
		before := c
		if err := change(&c); err != nil {
			return err
		}
		frozen := freezes(before, c)
		switch c.State {
		case campaign.Draft:
			err = s.putDraft(ctx, tx, c, before)
		case campaign.Scheduled, campaign.Launching:
			if err = s.checkBot(ctx, tx, c); err == nil {
				err = s.checkGroups(ctx, tx, c, s.d.forUpdate)
			}
		}
		if err != nil {
			return err
		}
		authors, err := encodeAuthors(c.Author, c.Writer, c.Approver)
		if err != nil {
			return err
		}
		_, err = tx.ExecContext(ctx, `
			UPDATE campaigns SET state = $2, state_reason = $3, state_detail = $4, content = $5,
				updated_at = $6, scheduled_at = $7, launched_at = $8, finished_at = $9, allow_paid = $10, stars_budget = $11,
				author = $13, writer = $14, approver = $15,
				utm = CASE WHEN $12 THEN (SELECT w.utm FROM workspaces w WHERE w.id = campaigns.workspace_id) ELSE utm END,
				message_name = CASE WHEN $12 THEN (SELECT m.name FROM messages m WHERE m.id = campaigns.message_id) ELSE message_name END
			WHERE id = $1`,
			id, c.State, c.StateReason, c.StateDetail, c.Content, c.UpdatedAt.UnixMilli(),
			nullMillis(c.ScheduledAt), nullMillis(c.LaunchedAt), nullMillis(c.FinishedAt), c.AllowPaid, c.StarsBudget, frozen,
			authors[0], authors[1], authors[2])
		if err != nil {
			return err
		}
		if c.BotID != before.BotID || c.MessageID != before.MessageID {
			// It has other names now.
			if c, l, err = scanCampaign(tx.QueryRowContext(ctx, `SELECT `+campaignColumns+fromCampaigns+`WHERE c.id = $1`, id)); err != nil {
				return err
			}
		}
		return s.notify(ctx, tx)
	})
	return c, l, err
}

// freezes reports whether a change freezes the content, and with it what links get.
func freezes(before, after campaign.Campaign) bool {
	switch after.State {
	case campaign.Scheduled:
		return before.State == campaign.Draft || before.Content != after.Content
	case campaign.Launching:
		return before.State == campaign.Draft || before.State == campaign.Scheduled
	}
	return false
}

// putDraft writes what can be changed of a draft alone.
func (s Campaigns) putDraft(ctx context.Context, tx *sql.Tx, c, before campaign.Campaign) error {
	if err := s.checkParts(ctx, tx, c, before); err != nil {
		return err
	}
	audience, err := json.Marshal(c.Audience)
	if err != nil {
		return err
	}
	_, err = tx.ExecContext(ctx, `UPDATE campaigns SET name = $2, name_key = $6, bot_id = $3, message_id = $4, audience = $5 WHERE id = $1`,
		c.ID, c.Name, c.BotID, c.MessageID, string(audience), contact.Fold(c.Name))
	if err != nil {
		return err
	}
	_, err = tx.ExecContext(ctx, `UPDATE ledgers SET bot_id = $2 WHERE campaign_id = $1`, c.ID, c.BotID)
	return err
}

// Delete implements [campaign.Store].
func (s Campaigns) Delete(ctx context.Context, workspaceID, id int64, allow func(campaign.Campaign) error) error {
	return s.tx(ctx, func(tx *sql.Tx) error {
		if err := s.lockCampaign(ctx, tx, workspaceID, id); err != nil {
			return err
		}
		c, _, err := scanCampaign(tx.QueryRowContext(ctx, `SELECT `+campaignColumns+fromCampaigns+`WHERE c.id = $1`, id))
		if err != nil {
			return err
		}
		if err := allow(c); err != nil {
			return err
		}
		for _, statement := range []string{`DELETE FROM ledgers WHERE campaign_id = $1`, `DELETE FROM campaigns WHERE id = $1`} {
			if _, err := tx.ExecContext(ctx, statement, id); err != nil {
				return err
			}
		}
		return nil
	})
}

func (s Campaigns) lockCampaign(ctx context.Context, tx *sql.Tx, workspaceID, id int64) error {
	err := tx.QueryRowContext(ctx,
		`SELECT id FROM campaigns WHERE workspace_id = $1 AND id = $2`+s.d.forUpdate, workspaceID, id).Scan(&id)
	if errors.Is(err, sql.ErrNoRows) {
		return campaign.ErrNotFound
	}
	return err
}

// StartScheduled implements [campaign.LayoutStore].
func (s Campaigns) StartScheduled(ctx context.Context, now time.Time) error {
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
func (s Campaigns) Unlaid(ctx context.Context) ([]int64, error) {
	rows, err := s.read.QueryContext(ctx,
		`SELECT id FROM campaigns WHERE state IN `+goesOut+` AND NOT idle AND kind = 'broadcast' AND NOT laid ORDER BY id`)
	if err != nil {
		return nil, s.d.classify(err)
	}
	return scanAll(rows, func(r *sql.Rows) (id int64, err error) { return id, r.Scan(&id) })
}

// rememberedBy is an expression for the workspace of the campaign whose id the column
// has; it is NULL for one that is forgotten. Where few rows are wanted of many, it keeps
// a plan that was made when the workspace had few campaigns from beginning with them.
func rememberedBy(column string) string {
	return `(SELECT owned.workspace_id FROM campaigns owned WHERE owned.id = ` + column + ` AND owned.forgotten_at IS NULL)`
}
