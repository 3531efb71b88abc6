package store

import (
	"context"
	"database/sql"

	"bellman/internal/campaign"
)

// pickCauses selects the first outcomes of a status; the status is written out, so that
// the index of outcomes that are not sent serves.
func pickCauses(status campaign.Status, most string) string {
	return `SELECT status, reason FROM (SELECT status, reason FROM outcomes WHERE campaign_id = $1 AND status = '` + string(status) +
		`' ORDER BY seq LIMIT ` + most + `) AS ` + string(status)
}

// CountCauses implements [campaign.Store].
func (s Campaigns) CountCauses(ctx context.Context, campaignID int64, most map[campaign.Status]int64) ([]campaign.Cause, error) {
	rows, err := s.read.QueryContext(ctx, `
		SELECT status, COALESCE(reason, ''), COUNT(*) FROM (`+
		pickCauses(campaign.Failed, "$2")+` UNION ALL `+pickCauses(campaign.Skipped, "$3")+` UNION ALL `+pickCauses(campaign.Unknown, "$4")+`
		) AS causes GROUP BY 1, 2`, campaignID, most[campaign.Failed], most[campaign.Skipped], most[campaign.Unknown])
	if err != nil {
		return nil, s.d.classify(err)
	}
	return scanAll(rows, func(r *sql.Rows) (c campaign.Cause, err error) { return c, r.Scan(&c.Status, &c.Reason, &c.N) })
}
