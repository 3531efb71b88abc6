package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"slices"

	"bellman/internal/campaign"
	"bellman/internal/fault"
	"bellman/internal/idempotency"
)

// This file writes campaigns that go to the recipients of another one: that send it again,
// edit or delete what it has sent.

// CreateResend implements [campaign.Store].
func (s Campaigns) CreateResend(ctx context.Context, c campaign.Campaign) (id int64, err error) {
	return s.createFrom(ctx, c, func(tx *sql.Tx) error {
		rows, err := tx.QueryContext(ctx, `SELECT id, audience FROM campaigns WHERE resend_of = $1 AND action = 'send'`, c.Of)
		if err != nil {
			return err
		}
		return each(rows, func(r *sql.Rows) error {
			var (
				earlier int64
				text    string
				sentTo  campaign.Audience
			)
			if err := r.Scan(&earlier, &text); err != nil {
				return err
			}
			if err := json.Unmarshal([]byte(text), &sentTo); err != nil {
				return err
			}
			for _, status := range sentTo.Statuses {
				if slices.Contains(c.Audience.Statuses, status) {
					return fault.New(fault.Conflict, "resent_already",
						"the %s ones were resent as campaign %d: resend that one", status, earlier).In("statuses")
				}
			}
			return nil
		})
	})
}

// CreateChange implements [campaign.Store].
func (s Campaigns) CreateChange(ctx context.Context, c campaign.Campaign) (id int64, err error) {
	return s.createFrom(ctx, c, func(tx *sql.Tx) error {
		var other int64
		err := tx.QueryRowContext(ctx, `
			SELECT id FROM campaigns WHERE resend_of = $1 AND action <> 'send' AND state NOT IN ('finished', 'cancelled')
			ORDER BY id LIMIT 1`, c.Of).Scan(&other)
		if errors.Is(err, sql.ErrNoRows) {
			return nil
		}
		if err != nil {
			return err
		}
		return fault.New(fault.Conflict, "change_under_way",
			"campaign %d is changing these messages still: wait for its end, or cancel it", other)
	})
}

// createFrom writes a campaign that goes to recipients of another one, unless allow returns
// an error. The lock on the other one's row makes two of them act one after the other.
func (s Campaigns) createFrom(ctx context.Context, c campaign.Campaign, allow func(*sql.Tx) error) (id int64, err error) {
	err = s.tx(ctx, func(tx *sql.Tx) error {
		if err := s.lockCampaign(ctx, tx, c.WorkspaceID, c.Of); err != nil {
			return err
		}
		var kept bool
		if err := tx.QueryRowContext(ctx, `SELECT forgotten_at IS NULL FROM campaigns WHERE id = $1`, c.Of).Scan(&kept); err != nil {
			return err
		}
		if !kept {
			return campaign.ErrNotKept
		}
		if err := allow(tx); err != nil {
			return err
		}
		if err := s.checkBot(ctx, tx, c); err != nil {
			return err
		}
		if id, err = s.insertCampaign(ctx, tx, c); err != nil {
			return err
		}
		idempotency.RecordID(ctx, id)
		return s.notify(ctx, tx)
	})
	return id, err
}
