package store

import (
	"cmp"
	"context"
	"database/sql"
	"strconv"
	"time"

	"bellman/internal/activity"
	"bellman/internal/track"
)

// Clicks keeps clicks on links and presses of buttons.
type Clicks struct{ *pools }

var _ track.Store = Clicks{}

// Clicks implements [track.Store].
func (s Clicks) Clicks(ctx context.Context, campaignID int64, before string, limit int) ([]track.Click, error) {
	// A tilde sorts after every UUID.
	rows, err := s.read.QueryContext(ctx, `
		SELECT id, seq, contact_id, link, COALESCE(agent, ''), COALESCE(target, ''), COALESCE(press, ''), COALESCE(data, ''), clicked_at
		FROM clicks WHERE campaign_id = $1 AND id < $2 ORDER BY id DESC LIMIT $3`, campaignID, cmp.Or(before, "~"), limit)
	if err != nil {
		return nil, s.d.classify(err)
	}
	return scanAll(rows, func(r *sql.Rows) (track.Click, error) {
		c := track.Click{CampaignID: campaignID}
		var at int64
		err := r.Scan(&c.ID, &c.Seq, &c.ContactID, &c.Link, &c.Agent, &c.Target, &c.Press, &c.Data, &at)
		c.At = fromMillis(at)
		return c, err
	})
}

// LinkCounts implements [track.Store].
func (s Clicks) LinkCounts(ctx context.Context, campaignID int64) ([]track.LinkCount, error) {
	rows, err := s.read.QueryContext(ctx, `
		SELECT link, COUNT(*), COUNT(DISTINCT seq) FROM clicks
		WHERE campaign_id = $1 AND press IS NULL GROUP BY link ORDER BY link`, campaignID)
	if err != nil {
		return nil, s.d.classify(err)
	}
	return scanAll(rows, func(r *sql.Rows) (c track.LinkCount, err error) { return c, r.Scan(&c.Link, &c.Clicks, &c.People) })
}

// HourlyClicks implements [track.Store].
func (s Clicks) HourlyClicks(ctx context.Context, campaignID int64, from, to time.Time) ([]track.Hour, error) {
	first, last := clickIDs(activity.Window{From: from, To: to})
	nth := `(clicked_at - $4) / ` + strconv.FormatInt(time.Hour.Milliseconds(), 10)
	rows, err := s.read.QueryContext(ctx, `
		SELECT nth, CAST(SUM(clicks) AS BIGINT), CAST(SUM(people) AS BIGINT) FROM (
			SELECT `+nth+` AS nth, COUNT(*) AS clicks, 0 AS people FROM clicks
			WHERE campaign_id = $1 AND id >= $2 AND id < $3 AND clicked_at >= $4 AND clicked_at < $5 GROUP BY 1
			UNION ALL
			SELECT `+nth+` AS nth, 0 AS clicks, COUNT(*) AS people FROM clicked
			WHERE campaign_id = $1 AND clicked_at >= $4 AND clicked_at < $5 GROUP BY 1
		) AS hours GROUP BY nth ORDER BY nth`, campaignID, first, last, from.UnixMilli(), to.UnixMilli())
	if err != nil {
		return nil, s.d.classify(err)
	}
	return scanAll(rows, func(r *sql.Rows) (h track.Hour, err error) {
		var nth int64
		err = r.Scan(&nth, &h.Clicks, &h.People)
		h.From = from.Add(time.Duration(nth) * time.Hour)
		return h, err
	})
}

// PressedDelivery implements [track.Store].
func (s Clicks) PressedDelivery(ctx context.Context, p track.Press) (c track.Click, err error) {
	err = s.read.QueryRowContext(ctx, `
		SELECT r.campaign_id, r.seq, r.contact_id FROM (
			SELECT campaign_id, seq FROM pressable WHERE bot_id = $1 AND chat_id = $2 AND telegram_message_id = $3
		) AS p CROSS JOIN recipients r WHERE r.campaign_id = p.campaign_id AND r.seq = p.seq`, p.BotID, p.ChatID, p.MessageID).
		Scan(&c.CampaignID, &c.Seq, &c.ContactID)
	return c, s.found(err, track.ErrNotPressable)
}
