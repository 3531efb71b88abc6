package store

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"bellman/internal/bot"
	"bellman/internal/campaign"
	"bellman/internal/outcome"
)

// ApprovalAbove implements [campaign.Store].
func (s Campaigns) ApprovalAbove(ctx context.Context, workspaceID int64) (above int64, err error) {
	err = s.read.QueryRowContext(ctx, `SELECT COALESCE(approval_above, 0) FROM workspaces WHERE id = $1`, workspaceID).Scan(&above)
	return above, s.found(err, workspaceMissing(workspaceID))
}

// ApprovalAbove implements [campaign.TriggerStore].
func (s Triggers) ApprovalAbove(ctx context.Context, workspaceID int64) (int64, error) {
	return Campaigns(s).ApprovalAbove(ctx, workspaceID)
}

// CountAudience implements [campaign.Store].
func (s Campaigns) CountAudience(ctx context.Context, c campaign.Campaign) (int64, error) {
	if err := exists(ctx, s.read, `bots`, c.WorkspaceID, c.BotID, bot.ErrNotFound.In("botId"), ``); err != nil {
		return 0, s.d.classify(err)
	}
	if err := s.checkGroups(ctx, s.read, c, ""); err != nil {
		return 0, s.d.classify(err)
	}
	total, err := s.countChats(ctx, c.BotID, c.Audience)
	return total, s.d.classify(err)
}

var (
	// errAudienceUncounted ends the transaction of a layout whose audience has to be counted before
	// anybody in it gets anything.
	errAudienceUncounted = errors.New("store: the audience was not counted")
	// errBeyond ends that of a layout that meets more recipients than may be reached
	// without approval.
	errBeyond = errors.New("store: there are more recipients than somebody has approved of")
)

// layOutFew lays out a first chunk of a campaign that may reach few unless somebody agrees
// to more. When the present audience shows that it is for more, it pauses and nobody was
// reached. Whoever comes into it later is met by the layout.
func (s Campaigns) layOutFew(ctx context.Context, chunk layout, now time.Time) (more bool, err error) {
	total, err := s.countChats(ctx, chunk.botID, chunk.audience)
	if err != nil {
		return false, s.d.classify(err)
	}
	if total > chunk.above {
		return false, s.awaitApproval(ctx, chunk.campaignID, now)
	}
	chunk.counted = true
	return s.layOut(ctx, chunk, now)
}

// countChats returns the number of a bot's chats that are in an audience.
func (s Campaigns) countChats(ctx context.Context, botID int64, a campaign.Audience) (total int64, err error) {
	from, condition := reached(a, true, "$1")
	err = s.widely(ctx, func(q queryer) error {
		return q.QueryRowContext(ctx, `SELECT COUNT(*) FROM `+from+` WHERE `+condition, botID).Scan(&total)
	})
	return total, err
}

// awaitApproval pauses a campaign until somebody agrees to its recipients.
func (s Campaigns) awaitApproval(ctx context.Context, id int64, now time.Time) error {
	return s.tx(ctx, func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, `
			UPDATE campaigns SET state = 'paused', state_reason = $2, state_detail = '', updated_at = $3
			WHERE id = $1 AND approver = '' AND kind = 'broadcast' AND NOT laid AND state IN `+goesOut, id, outcome.ApprovalNeeded, now.UnixMilli())
		if err != nil {
			return err
		}
		return s.notify(ctx, tx)
	})
}
