package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"strings"
	"time"

	"bellman/internal/campaign"
)

// LayOut implements [campaign.LayoutStore].
func (s *Store) LayOut(ctx context.Context, id int64, limit int, now time.Time) (more bool, err error) {
	err = s.tx(ctx, func(tx *sql.Tx) error {
		var (
			l    = layout{campaignID: id, limit: limit}
			text string
		)
		err := tx.QueryRowContext(ctx, `
			SELECT bot_id, audience, COALESCE(resend_of, 0), laid_seq, laid_cursor, COALESCE(launched_at, created_at) FROM campaigns
			WHERE id = $1 AND kind = 'broadcast' AND NOT laid AND state IN ('launching', 'sending')`+s.d.forUpdate, id).
			Scan(&l.botID, &text, &l.resendOf, &l.laidSeq, &l.cursor, &l.launched)
		if errors.Is(err, sql.ErrNoRows) {
			more = false
			return nil
		}
		if err != nil {
			return err
		}
		if err := json.Unmarshal([]byte(text), &l.audience); err != nil {
			return err
		}
		added, cursor, err := l.append(ctx, tx)
		if err != nil {
			return err
		}
		more = added == int64(limit)
		_, err = tx.ExecContext(ctx, `
			UPDATE campaigns SET laid_seq = $2, laid_cursor = $3, laid = $4, updated_at = $5, state = 'sending' WHERE id = $1`,
			id, l.laidSeq+added, cursor, !more, now.UnixMilli())
		if err != nil {
			return err
		}
		return s.notify(ctx, tx)
	})
	return more, err
}

// layout is one chunk of a campaign's layout.
type layout struct {
	campaignID, botID, resendOf int64
	audience                    campaign.Audience
	// laidSeq is the number of recipients so far; cursor is where the audience
	// goes on: a chat id, or a number in the campaign that is sent again.
	laidSeq, cursor int64
	launched        int64
	limit           int
}

// append writes the chunk and returns its size and the cursor after it.
func (l layout) append(ctx context.Context, tx *sql.Tx) (added, cursor int64, err error) {
	result, err := l.insert(ctx, tx)
	if err != nil {
		return 0, 0, err
	}
	if added, err = result.RowsAffected(); err != nil || added == 0 {
		return 0, l.cursor, err
	}
	last := `SELECT chat_id FROM recipients WHERE campaign_id = $1 AND seq = $2`
	if l.resendOf != 0 {
		last = `SELECT from_seq FROM recipients WHERE campaign_id = $1 AND seq = $2`
	}
	err = tx.QueryRowContext(ctx, last, l.campaignID, l.laidSeq+added).Scan(&cursor)
	return added, cursor, err
}

func (l layout) insert(ctx context.Context, tx *sql.Tx) (sql.Result, error) {
	if l.resendOf != 0 {
		return tx.ExecContext(ctx, `
			INSERT INTO recipients (campaign_id, seq, chat_id, contact_id, data, from_seq)
			SELECT CAST($1 AS BIGINT), CAST($2 AS BIGINT) + ROW_NUMBER() OVER (ORDER BY from_seq), chat_id, contact_id, data, from_seq
			FROM (
				SELECT r.seq AS from_seq, r.chat_id, r.contact_id, r.data FROM recipients r
				JOIN outcomes o ON o.campaign_id = r.campaign_id AND o.seq = r.seq
				WHERE o.campaign_id = $3 AND o.seq > $4 AND o.status IN (`+quoted(l.audience.Statuses)+`)
				ORDER BY o.seq LIMIT $5
			) AS page`, l.campaignID, l.laidSeq, l.resendOf, l.cursor, l.limit)
	}
	// Those who came after the launch are left out.
	return tx.ExecContext(ctx, `
		INSERT INTO recipients (campaign_id, seq, chat_id, contact_id)
		SELECT CAST($1 AS BIGINT), CAST($2 AS BIGINT) + ROW_NUMBER() OVER (ORDER BY chat_id), chat_id, contact_id
		FROM (
			SELECT chat_id, contact_id FROM chats
			WHERE bot_id = $3 AND chat_id > $4 AND created_at <= $5 ORDER BY chat_id LIMIT $6
		) AS page`, l.campaignID, l.laidSeq, l.botID, l.cursor, l.launched, l.limit)
}

// quoted renders statuses, which are ours, as literals: only those let a
// planner use an index that covers some of them.
func quoted(statuses []campaign.Status) string {
	all := make([]string, len(statuses))
	for i, s := range statuses {
		all[i] = "'" + string(s) + "'"
	}
	return strings.Join(all, ", ")
}
