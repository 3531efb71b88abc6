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
func (s Campaigns) LayOut(ctx context.Context, id int64, limit int, now time.Time) (more bool, err error) {
	return s.layOut(ctx, layout{campaignID: id, limit: limit, lookUp: maxLookedUp}, now)
}

func (s Campaigns) layOut(ctx context.Context, chunk layout, now time.Time) (more bool, err error) {
	l := chunk
	err = s.tx(ctx, func(tx *sql.Tx) error {
		l = chunk
		text := ""
		err := tx.QueryRowContext(ctx, `
			SELECT bot_id, audience, action, COALESCE(resend_of, 0), laid_seq, laid_cursor, COALESCE(launched_at, created_at),
				CASE WHEN approver = ''
				THEN COALESCE((SELECT w.approval_above FROM workspaces w WHERE w.id = campaigns.workspace_id), 0) ELSE 0 END
			FROM campaigns WHERE id = $1 AND kind = 'broadcast' AND NOT laid AND state IN `+goesOut+s.d.forUpdate, l.campaignID).
			Scan(&l.botID, &text, &l.action, &l.of, &l.laidSeq, &l.cursor, &l.launched, &l.above)
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
		if l.uncounted() {
			return errAudienceUncounted
		}
		var added, cursor int64
		if added, cursor, more, err = l.append(ctx, tx); err != nil {
			return err
		}
		if l.above > 0 && l.laidSeq+added > l.above {
			return errBeyond
		}
		if !more {
			// It is the last recipient's chat, and nobody needs it any more.
			cursor = 0
		}
		_, err = tx.ExecContext(ctx, `
			UPDATE campaigns SET laid_seq = $2, laid_cursor = $3, laid = $4, updated_at = $5, state = 'sending' WHERE id = $1`,
			l.campaignID, l.laidSeq+added, cursor, !more, now.UnixMilli())
		if err != nil {
			return err
		}
		return s.notify(ctx, tx)
	})
	switch {
	case errors.Is(err, errAudienceUncounted):
		return s.layOutFew(ctx, l, now)
	case errors.Is(err, errBeyond):
		return false, s.awaitApproval(ctx, l.campaignID, now)
	}
	return more, err
}

// layout is one chunk of a campaign's layout.
type layout struct {
	campaignID, botID int64
	// of is the campaign to whose recipients it goes, zero for none.
	of       int64
	action   campaign.Action
	audience campaign.Audience
	// laidSeq is the number of recipients so far. cursor is where the audience
	// continues: a chat id, or a number in the campaign to whose recipients it goes.
	laidSeq, cursor int64
	launched        int64
	limit           int
	// lookUp is the largest number of group members whose chats are looked up one
	// by one.
	lookUp int64
	// above is the number of recipients above which somebody has to have agreed; zero when
	// somebody has, or nobody asks for it. counted is true when the audience was found not
	// to have more.
	above   int64
	counted bool
}

// uncounted reports whether the audience has to be counted before the first chunk. The
// recipients of another campaign were counted by that.
func (l layout) uncounted() bool {
	return l.above > 0 && !l.counted && l.laidSeq == 0 && l.of == 0
}

// append writes the chunk, and returns its size, the cursor after it and
// whether there may be more.
func (l layout) append(ctx context.Context, tx *sql.Tx) (added, cursor int64, more bool, err error) {
	if l.of == 0 && !l.audience.Everybody() {
		few, err := fewMembers(ctx, tx, l.audience, l.lookUp)
		if err != nil {
			return 0, 0, false, err
		}
		if !few {
			return l.appendStretch(ctx, tx)
		}
	}
	result, err := l.insert(ctx, tx)
	if err != nil {
		return 0, 0, false, err
	}
	if added, err = result.RowsAffected(); err != nil || added == 0 {
		return 0, l.cursor, false, err
	}
	last := `SELECT chat_id FROM recipients WHERE campaign_id = $1 AND seq = $2`
	if l.of != 0 {
		last = `SELECT from_seq FROM recipients WHERE campaign_id = $1 AND seq = $2`
	}
	err = tx.QueryRowContext(ctx, last, l.campaignID, l.laidSeq+added).Scan(&cursor)
	return added, cursor, added == int64(l.limit), err
}

// appendStretch writes those of the bot's next chats that are in the audience.
// However few those are, a chunk reads no more chats than it may have recipients,
// so that it holds the database up for little longer than a chunk of a broadcast to
// everybody.
func (l layout) appendStretch(ctx context.Context, tx *sql.Tx) (added, cursor int64, more bool, err error) {
	var seen int
	err = tx.QueryRowContext(ctx, `
		SELECT COUNT(*), COALESCE(MAX(chat_id), 0) FROM (
			SELECT chat_id FROM chats
			WHERE bot_id = $1 AND chat_id > $2 AND created_at <= $3 ORDER BY chat_id LIMIT $4
		) AS stretch`, l.botID, l.cursor, l.launched, l.limit).Scan(&seen, &cursor)
	if err != nil || seen == 0 {
		return 0, l.cursor, false, err
	}
	from, condition := reached(l.audience, false, "$3")
	result, err := tx.ExecContext(ctx, `
		INSERT INTO recipients (campaign_id, seq, chat_id, contact_id)
		SELECT CAST($1 AS BIGINT), CAST($2 AS BIGINT) + ROW_NUMBER() OVER (ORDER BY chat_id), chat_id, contact_id
		FROM (
			SELECT c.chat_id, c.contact_id FROM `+from+`
			WHERE `+condition+` AND c.chat_id > $4 AND c.chat_id <= $5 AND c.created_at <= $6
		) AS page`, l.campaignID, l.laidSeq, l.botID, l.cursor, cursor, l.launched)
	if err != nil {
		return 0, 0, false, err
	}
	added, err = result.RowsAffected()
	return added, cursor, seen == l.limit, err
}

func (l layout) insert(ctx context.Context, tx *sql.Tx) (sql.Result, error) {
	switch {
	case l.of != 0:
		target := `CAST(NULL AS BIGINT)`
		known := ``
		if l.action.Changes() {
			// Who was erased is nobody, and has no message any more.
			target, known = `o.telegram_message_id`, ` AND o.telegram_message_id IS NOT NULL`
		}
		return tx.ExecContext(ctx, `
			INSERT INTO recipients (campaign_id, seq, chat_id, contact_id, data, language, from_seq, target_message_id)
			SELECT CAST($1 AS BIGINT), CAST($2 AS BIGINT) + ROW_NUMBER() OVER (ORDER BY from_seq), chat_id, contact_id, data, language, from_seq,
				target_message_id
			FROM (
				SELECT r.seq AS from_seq, r.chat_id, r.contact_id, r.data, r.language, `+target+` AS target_message_id FROM recipients r
				JOIN outcomes o ON o.campaign_id = r.campaign_id AND o.seq = r.seq
				WHERE o.campaign_id = $3 AND o.seq > $4 AND o.status IN (`+quoted(l.audience.Statuses)+`)`+known+`
				ORDER BY o.seq LIMIT $5
			) AS page`, l.campaignID, l.laidSeq, l.of, l.cursor, l.limit)
	case !l.audience.Everybody():
		from, condition := reached(l.audience, true, "$3")
		return tx.ExecContext(ctx, `
			INSERT INTO recipients (campaign_id, seq, chat_id, contact_id)
			SELECT CAST($1 AS BIGINT), CAST($2 AS BIGINT) + ROW_NUMBER() OVER (ORDER BY chat_id), chat_id, contact_id
			FROM (
				SELECT c.chat_id, c.contact_id FROM `+from+`
				WHERE `+condition+` AND +c.chat_id > $4 AND c.created_at <= $5 ORDER BY c.chat_id LIMIT $6
			) AS page`, l.campaignID, l.laidSeq, l.botID, l.cursor, l.launched, l.limit)
	}
	// Chats that came after the launch are left out.
	return tx.ExecContext(ctx, `
		INSERT INTO recipients (campaign_id, seq, chat_id, contact_id)
		SELECT CAST($1 AS BIGINT), CAST($2 AS BIGINT) + ROW_NUMBER() OVER (ORDER BY chat_id), chat_id, contact_id
		FROM (
			SELECT chat_id, contact_id FROM chats
			WHERE bot_id = $3 AND chat_id > $4 AND created_at <= $5 ORDER BY chat_id LIMIT $6
		) AS page`, l.campaignID, l.laidSeq, l.botID, l.cursor, l.launched, l.limit)
}

// quoted renders statuses, which are our own words, as literals: a planner uses a
// partial index only for literals.
func quoted(statuses []campaign.Status) string {
	all := make([]string, len(statuses))
	for i, s := range statuses {
		all[i] = "'" + string(s) + "'"
	}
	return strings.Join(all, ", ")
}
