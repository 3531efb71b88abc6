package store

import (
	"cmp"
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"time"

	"bellman/internal/track"
)

var _ track.Store = (*Store)(nil)

var (
	clickColumns = []column{
		{"campaign_id", "bigint"}, {"id", "text"}, {"seq", "bigint"}, {"contact_id", "bigint"}, {"link", "bigint"},
		{"agent", "text"}, {"target", "text"}, {"press", "text"}, {"data", "text"}, {"clicked_at", "bigint"},
	}
	clickedColumns    = []column{{"campaign_id", "bigint"}, {"seq", "bigint"}, {"clicked_at", "bigint"}}
	clickCountColumns = []column{{"campaign_id", "bigint"}, {"clicked", "bigint"}}
)

// RecordClicks implements [track.Store]. Rows are written in the order of their
// keys, so that processes that write the same ones wait for each other and do
// not lock each other out.
func (s *Store) RecordClicks(ctx context.Context, clicks []track.Click) error {
	if len(clicks) == 0 {
		return nil
	}
	var events, people rowWriter
	for i := range clicks {
		c := &clicks[i]
		at := c.At.UnixMilli()
		events.row().int(c.CampaignID).verbatim(c.ID).int(c.Seq).int(c.ContactID).int(int64(c.Link)).
			text(c.Agent).text(c.Target).text(c.Press).text(c.Data).int(at)
		people.row().int(c.CampaignID).int(c.Seq).int(at)
	}
	return s.tx(ctx, func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, `
			INSERT INTO clicks (campaign_id, id, seq, contact_id, link, agent, target, press, data, clicked_at)
			SELECT * FROM `+s.d.rows("$1", clickColumns)+` AS fresh
			WHERE TRUE ORDER BY campaign_id, id ON CONFLICT DO NOTHING`, events.String())
		if err != nil {
			return err
		}
		count, err := s.markClicked(ctx, tx, people.String())
		if err != nil || count == "" {
			return err
		}
		_, err = tx.ExecContext(ctx, `
			INSERT INTO click_counts (campaign_id, clicked)
			SELECT campaign_id, clicked FROM `+s.d.rows("$1", clickCountColumns)+` AS fresh
			WHERE TRUE ORDER BY campaign_id
			ON CONFLICT (campaign_id) DO UPDATE SET clicked = click_counts.clicked + excluded.clicked`, count)
		return err
	})
}

// markClicked marks the people who clicked, given as bulk input, and returns
// how many of each campaign had not clicked before, as bulk input; empty for
// none.
func (s *Store) markClicked(ctx context.Context, tx *sql.Tx, people string) (string, error) {
	marked, err := tx.QueryContext(ctx, `
		INSERT INTO clicked (campaign_id, seq, clicked_at)
		SELECT campaign_id, seq, clicked_at FROM `+s.d.rows("$1", clickedColumns)+` AS fresh
		WHERE TRUE ORDER BY campaign_id, seq, clicked_at
		ON CONFLICT (campaign_id, seq) DO NOTHING RETURNING campaign_id`, people)
	if err != nil {
		return "", err
	}
	fresh := map[int64]int64{}
	err = each(marked, func(r *sql.Rows) error {
		var id int64
		err := r.Scan(&id)
		fresh[id]++
		return err
	})
	if err != nil || len(fresh) == 0 {
		return "", err
	}
	var p rowWriter
	for id, n := range fresh {
		p.row().int(id).int(n)
	}
	return p.String(), nil
}

// Clicks implements [track.Store].
func (s *Store) Clicks(ctx context.Context, campaignID int64, before string, limit int) ([]track.Click, error) {
	// A tilde lies behind every UUID.
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
func (s *Store) LinkCounts(ctx context.Context, campaignID int64) ([]track.LinkCount, error) {
	rows, err := s.read.QueryContext(ctx, `
		SELECT link, COUNT(*), COUNT(DISTINCT seq) FROM clicks
		WHERE campaign_id = $1 AND press IS NULL GROUP BY link ORDER BY link`, campaignID)
	if err != nil {
		return nil, s.d.classify(err)
	}
	return scanAll(rows, func(r *sql.Rows) (c track.LinkCount, err error) { return c, r.Scan(&c.Link, &c.Clicks, &c.People) })
}

// PressedDelivery implements [track.Store].
func (s *Store) PressedDelivery(ctx context.Context, p track.Press) (c track.Click, err error) {
	err = s.read.QueryRowContext(ctx, `
		SELECT r.campaign_id, r.seq, r.contact_id FROM pressable p
		JOIN recipients r ON r.campaign_id = p.campaign_id AND r.seq = p.seq
		WHERE p.bot_id = $1 AND p.chat_id = $2 AND p.telegram_message_id = $3`, p.BotID, p.ChatID, p.MessageID).
		Scan(&c.CampaignID, &c.Seq, &c.ContactID)
	return c, s.found(err, track.ErrNotPressable)
}

// Launched implements [track.TargetStore].
func (s *Store) Launched(ctx context.Context, since time.Time, limit int) ([]int64, error) {
	rows, err := s.read.QueryContext(ctx,
		`SELECT id FROM campaigns WHERE launched_at >= $1 ORDER BY launched_at DESC, id DESC LIMIT $2`, since.UnixMilli(), limit)
	if err != nil {
		return nil, s.d.classify(err)
	}
	return scanAll(rows, func(r *sql.Rows) (id int64, err error) { return id, r.Scan(&id) })
}

// LinkCampaigns implements [track.TargetStore].
func (s *Store) LinkCampaigns(ctx context.Context, ids []int64) ([]track.Campaign, error) {
	rows, err := s.read.QueryContext(ctx, `
		SELECT c.id, c.workspace_id, c.message_id, m.name, c.kind = 'triggered', COALESCE(c.launched_at, 0), c.content
		FROM campaigns c JOIN messages m ON m.id = c.message_id WHERE c.id IN `+s.intsIn("$1")+` ORDER BY c.launched_at, c.id`, ints(ids))
	if err != nil {
		return nil, s.d.classify(err)
	}
	return scanAll(rows, func(r *sql.Rows) (c track.Campaign, err error) {
		var launched int64
		err = r.Scan(&c.ID, &c.WorkspaceID, &c.MessageID, &c.MessageName, &c.Triggered, &launched, &c.Content)
		c.LaunchedAt = fromMillis(launched)
		return c, err
	})
}

// UTMs implements [track.TargetStore].
func (s *Store) UTMs(ctx context.Context) (map[int64]track.UTM, error) {
	rows, err := s.read.QueryContext(ctx, `SELECT id, utm FROM workspaces WHERE utm <> '{}'`)
	if err != nil {
		return nil, s.d.classify(err)
	}
	utms := map[int64]track.UTM{}
	return utms, each(rows, func(r *sql.Rows) error {
		var (
			id   int64
			text string
		)
		if err := r.Scan(&id, &text); err != nil {
			return err
		}
		var u track.UTM
		if err := json.Unmarshal([]byte(text), &u); err != nil {
			return fmt.Errorf("store: utm of workspace %d: %w", id, err)
		}
		utms[id] = u
		return nil
	})
}
