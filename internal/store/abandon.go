package store

import (
	"context"
	"database/sql"
	"errors"

	"bellman/internal/dispatch"
)

// Abandon implements [dispatch.Store]. The ledgers go back to the epoch before, so
// that steps of the sender that had them change nothing any more, and whoever sends
// next adopts them.
func (s Ledgers) Abandon(ctx context.Context, a dispatch.Abandonment) (unknown int64, err error) {
	err = s.tx(ctx, func(tx *sql.Tx) error {
		rows, err := tx.QueryContext(ctx, `
			SELECT campaign_id FROM ledgers WHERE bot_id = $1 AND epoch = $2 AND CAST($3 AS BIGINT) IN (0, campaign_id)
			ORDER BY campaign_id`+s.d.forUpdate, a.BotID, a.Epoch, a.CampaignID)
		if err != nil {
			return err
		}
		open, err := scanAll(rows, func(r *sql.Rows) (id int64, err error) { return id, r.Scan(&id) })
		if err != nil {
			return err
		}
		if unknown, err = s.settleAllUnknown(ctx, tx, open, a.Reason, a.Now); err != nil {
			return err
		}
		if _, err := tx.ExecContext(ctx,
			`UPDATE ledgers SET epoch = epoch - 1 WHERE campaign_id IN `+s.intsIn("$1"), ints(open)); err != nil || a.CampaignID == 0 {
			return err
		}
		_, err = tx.ExecContext(ctx, pauseCampaign, a.CampaignID, a.Reason, a.Detail, a.Now.UnixMilli())
		return err
	})
	if unwritable(err) {
		err = errors.Join(dispatch.ErrUnwritable, err)
	}
	return unknown, err
}
