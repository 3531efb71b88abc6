package store

import (
	"context"
	"database/sql"

	"bellman/internal/campaign"
)

// Queues returns the queue of every campaign that goes out and has one.
func (s Campaigns) Queues(ctx context.Context) ([]campaign.Queue, error) {
	rows, err := s.read.QueryContext(ctx, `
		SELECT c.id, c.kind, c.laid_seq, l.claimed_seq, l.waiting, c.launched_at
		FROM campaigns c JOIN ledgers l ON l.campaign_id = c.id
		WHERE c.state IN `+goesOut+` AND NOT c.idle AND c.laid_seq - l.claimed_seq + l.waiting > 0 ORDER BY c.id`)
	if err != nil {
		return nil, s.d.classify(err)
	}
	return scanAll(rows, func(r *sql.Rows) (q campaign.Queue, err error) {
		var launched int64
		err = r.Scan(&q.CampaignID, &q.Kind, &q.LaidSeq, &q.ClaimedSeq, &q.Waiting, &launched)
		q.LaunchedAt = fromMillis(launched)
		return q, err
	})
}
