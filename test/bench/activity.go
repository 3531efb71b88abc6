package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"bellman/internal/activity"
	"bellman/internal/campaign"
	"bellman/internal/message"
	"bellman/internal/seal"
	"bellman/internal/store"
	"bellman/internal/summary"
	"bellman/internal/workspace"
)

const (
	activityRecipients = 1_000_000
	activityCampaigns  = 10
)

// benchActivity reads a window of a million outcomes from one end to the other, a
// window that is empty except for its last minutes, and the history of one contact.
func benchActivity(ctx context.Context, b *bench) (err error) {
	s, err := store.Open(ctx, b.address)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	start := time.Now().Add(-24 * time.Hour).Truncate(time.Second)
	if err := b.fillOutcomes(ctx, s, start); err != nil {
		return err
	}
	service := activity.New(s.Activity, summary.NewCache(s.Summaries, time.Now, slog.New(slog.DiscardHandler)))
	for _, round := range []struct {
		name string
		from time.Time
		want int
	}{
		{"activity: 1,000,000 of 1,000,000", start, activityRecipients},
		{"activity: the last 1,000 of them",
			start.Add((activityRecipients/activityCampaigns - 100) * 100 * time.Millisecond), 100 * activityCampaigns},
	} {
		q := activity.Query{Window: activity.Window{From: round.from, To: time.Now()}, Limit: activity.MaxPage}
		var took []float64
		rows, started := 0, time.Now()
		for {
			asked := time.Now()
			page, err := service.List(ctx, workspace.Default, q)
			if err != nil {
				return err
			}
			took = append(took, time.Since(asked).Seconds()*1000)
			if rows += len(page); len(page) < q.Limit {
				break
			}
			q.Offset = page[len(page)-1].Offset
		}
		if rows != round.want {
			return fmt.Errorf("activity: %d of %d rows", rows, round.want)
		}
		b.row(round.name, "%8.0f rows/s   page p50 %.0f ms, highest %.0f ms",
			float64(rows)/time.Since(started).Seconds(), percentile(took, 50), percentile(took, 100))
	}
	var took []float64
	for i := range int64(200) {
		asked := time.Now()
		_, total, err := service.History(ctx, workspace.Default, []int64{i*487 + 1},
			activity.Past{Now: time.Now(), Limit: activity.MaxHistory})
		if err != nil {
			return err
		}
		if total != activityCampaigns {
			return fmt.Errorf("activity: %d of %d messages to a contact", total, activityCampaigns)
		}
		took = append(took, time.Since(asked).Seconds()*1000)
	}
	b.row("activity: one contact's history", "p50 %.1f ms, highest %.1f ms", percentile(took, 50), percentile(took, 100))
	return nil
}

// fillOutcomes writes broadcasts that have ended, straight into the tables: each
// to the same people, one every tenth of a second.
func (b *bench) fillOutcomes(ctx context.Context, s *store.DB, start time.Time) error {
	ring := seal.Of(seal.NewKey())
	mine, err := addBot(ctx, s, ring, 1, "")
	if err != nil {
		return err
	}
	const people = activityRecipients / activityCampaigns
	if err := b.fill(ctx, mine.ID, people); err != nil {
		return err
	}
	clock := func() time.Time { return start }
	messages := message.New(s.Messages, nil, clock)
	m, err := messages.Create(ctx, workspace.Default, "bench", message.Text("x"))
	if err != nil {
		return err
	}
	campaigns := campaign.New(s.Campaigns, messages, clock, func() {})
	db, err := b.raw()
	if err != nil {
		return err
	}
	for range activityCampaigns {
		c, err := campaigns.Start(ctx, campaign.Campaign{
			WorkspaceID: workspace.Default, BotID: mine.ID, MessageID: m.ID,
			Name: "bench", Audience: campaign.Audience{All: true},
		}, time.Time{})
		if err != nil {
			return errors.Join(err, db.Close())
		}
		for more := true; more; {
			if more, err = s.Campaigns.LayOut(ctx, c.ID, 5000, start); err != nil {
				return errors.Join(err, db.Close())
			}
		}
		_, err = db.ExecContext(ctx, `
			INSERT INTO outcomes (campaign_id, seq, status, settled_at)
			SELECT campaign_id, seq, 'sent', CAST($2 AS BIGINT) + (seq - 1) * 100 FROM recipients WHERE campaign_id = $1`, c.ID, start.UnixMilli())
		if err != nil {
			return errors.Join(err, db.Close())
		}
	}
	_, err = db.ExecContext(ctx, `ANALYZE`)
	return errors.Join(err, db.Close())
}
