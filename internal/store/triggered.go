package store

import (
	"context"
	"database/sql"
	"errors"
	"slices"
	"time"

	"bellman/internal/bot"
	"bellman/internal/campaign"
)

// Triggers appends to triggered campaigns and keeps the requests behind them.
type Triggers struct{ *pools }

var _ campaign.TriggerStore = Triggers{}

// Reach implements [campaign.TriggerStore].
func (s Triggers) Reach(ctx context.Context, workspaceID, botID int64, contactIDs, chatIDs []int64) ([]campaign.Chat, error) {
	b, err := Bots(s).Find(ctx, workspaceID, botID)
	if err == nil && b.State == bot.Disconnected {
		err = bot.ErrNotFound
	}
	if err != nil {
		if errors.Is(err, bot.ErrNotFound) {
			return nil, bot.ErrNotFound.In("botId")
		}
		return nil, err
	}
	rows, err := s.read.QueryContext(ctx, `
		SELECT chat_id, contact_id FROM chats WHERE bot_id = $1 AND chat_id`+s.d.among(s.intsIn("$2"))+`
		UNION
		SELECT chat_id, contact_id FROM chats WHERE +bot_id = $1 AND contact_id`+s.d.among(s.intsIn("$3"))+`
		ORDER BY 1`, botID, ints(chatIDs), ints(contactIDs))
	if err != nil {
		return nil, s.d.classify(err)
	}
	return scanAll(rows, func(r *sql.Rows) (c campaign.Chat, err error) { return c, r.Scan(&c.ChatID, &c.ContactID) })
}

// AcceptedRequests implements [campaign.TriggerStore].
func (s Triggers) AcceptedRequests(ctx context.Context, workspaceID int64, keys []string, since time.Time) ([]campaign.Accepted, error) {
	kept, err := s.accepted(ctx, s.read, workspaceID, keys, since)
	return kept, s.d.classify(err)
}

// accepted returns what is stored under the keys.
func (s Triggers) accepted(
	ctx context.Context, q queryer, workspaceID int64, keys []string, since time.Time,
) ([]campaign.Accepted, error) {
	rows, err := q.QueryContext(ctx, `
		SELECT key, request_id, chat_id FROM accepted WHERE workspace_id = $2 AND key`+s.d.among(s.textsIn("$1"))+` AND created_at > $3`,
		texts(keys), workspaceID, since.UnixMilli())
	if err != nil {
		return nil, err
	}
	return scanAll(rows, func(r *sql.Rows) (a campaign.Accepted, err error) { return a, r.Scan(&a.Key, &a.RequestID, &a.ChatID) })
}

// Append implements [campaign.TriggerStore].
func (s Triggers) Append(ctx context.Context, a campaign.Append) error {
	return s.tx(ctx, func(tx *sql.Tx) error {
		w := appendWriter{s: s, Append: a}
		earlier, err := w.claimAccepted(ctx, tx)
		if err != nil {
			return err
		}
		if err := a.Settled(ctx, earlier); err != nil || len(w.Messages) == 0 {
			return err
		}
		if err := w.open(ctx, tx); err != nil {
			return err
		}
		return w.insert(ctx, tx)
	})
}

// appendWriter writes one send in one transaction.
type appendWriter struct {
	s Triggers
	campaign.Append
	// campaignID is the open campaign, whose row is locked, and laidSeq the number
	// of its recipients so far.
	campaignID, laidSeq int64
}

var acceptedColumns = []column{{"key", "text"}, {"request_id", "text"}, {"chat_id", "bigint"}}

// claimAccepted stores the requests of addressees under their keys, and drops the
// messages whose keys are taken. It returns the requests that took them.
func (w *appendWriter) claimAccepted(ctx context.Context, tx *sql.Tx) ([]campaign.Accepted, error) {
	if len(w.Accepted) == 0 {
		return nil, nil
	}
	var p rowWriter
	keys := make([]string, len(w.Accepted))
	for i, a := range w.Accepted {
		p.row().verbatim(a.Key).verbatim(a.RequestID).int(a.ChatID)
		keys[i] = a.Key
	}
	old := w.Now.Add(-campaign.KeepRequests)
	result, err := tx.ExecContext(ctx, `
		INSERT INTO accepted (workspace_id, key, request_id, chat_id, created_at)
		SELECT CAST($1 AS BIGINT), key, request_id, chat_id, CAST($2 AS BIGINT) FROM `+w.s.d.rows("$3", acceptedColumns)+` AS fresh
		WHERE TRUE ORDER BY key ON CONFLICT (workspace_id, key) DO UPDATE
		SET request_id = excluded.request_id, chat_id = excluded.chat_id, created_at = excluded.created_at
		WHERE accepted.created_at <= $4`, w.WorkspaceID, w.Now.UnixMilli(), p.String(), old.UnixMilli())
	if err != nil {
		return nil, err
	}
	if n, err := result.RowsAffected(); err != nil || n == int64(len(keys)) {
		return nil, err
	}
	kept, err := w.s.accepted(ctx, tx, w.WorkspaceID, keys, old)
	w.leaveOut(kept)
	return kept, err
}

// leaveOut drops the messages of requests whose keys are taken.
func (w *appendWriter) leaveOut(kept []campaign.Accepted) {
	holders, lost := map[string]string{}, map[string]bool{}
	for _, k := range kept {
		holders[k.Key] = k.RequestID
	}
	for _, a := range w.Accepted {
		lost[a.RequestID] = holders[a.Key] != a.RequestID
	}
	w.Messages = slices.DeleteFunc(slices.Clone(w.Messages), func(m campaign.Appended) bool { return lost[m.RequestID] })
}

// open locks the campaign that takes the messages. When none fits, one is created,
// by one transaction at a time.
func (w *appendWriter) open(ctx context.Context, tx *sql.Tx) error {
	fits, _, err := w.find(ctx, tx)
	if err != nil || fits {
		return err
	}
	if err := w.s.d.lock(ctx, tx, lockTriggered, w.BotID); err != nil {
		return err
	}
	fits, before, err := w.find(ctx, tx)
	if err != nil || fits {
		return err
	}
	if before != nil {
		if _, err := tx.ExecContext(ctx, `UPDATE campaigns SET laid = TRUE WHERE id = $1`, before.ID); err != nil {
			return err
		}
	}
	c := w.Opened(before)
	if w.campaignID, err = Campaigns(w.s).insertCampaign(ctx, tx, c); err != nil {
		return err
	}
	w.laidSeq = 0
	_, err = tx.ExecContext(ctx, `UPDATE campaigns SET period = $2, state_reason = $3, state_detail = $4 WHERE id = $1`,
		w.campaignID, w.Period, c.StateReason, c.StateDetail)
	return err
}

// find locks the open campaign, nil when there is none, and reports whether it
// fits. A period in the future comes from a process whose clock is ahead.
func (w *appendWriter) find(ctx context.Context, tx *sql.Tx) (fits bool, open *campaign.Campaign, err error) {
	var (
		c      campaign.Campaign
		period string
		// alike is true when links get the parameters that they would get now.
		alike bool
	)
	err = tx.QueryRowContext(ctx, `
		SELECT id, state, state_reason, state_detail, content, period, laid_seq,
			utm = (SELECT w.utm FROM workspaces w WHERE w.id = campaigns.workspace_id) FROM campaigns
		WHERE bot_id = $1 AND message_id = $2 AND test = $3 AND kind = 'triggered' AND NOT laid
			AND state IN ('sending', 'paused')`+w.s.d.forUpdate,
		w.BotID, w.MessageID, w.Test).
		Scan(&c.ID, &c.State, &c.StateReason, &c.StateDetail, &c.Content, &period, &c.LaidSeq, &alike)
	if errors.Is(err, sql.ErrNoRows) {
		return false, nil, nil
	}
	w.campaignID, w.laidSeq = c.ID, c.LaidSeq
	resting := w.Test && c.State == campaign.Paused
	return period >= w.Period && c.Content == w.Content && alike && !resting, &c, err
}

var appendedColumns = []column{
	{"place", "bigint"}, {"chat_id", "bigint"}, {"contact_id", "bigint"}, {"data", "text"}, {"language", "text"},
	{"request_id", "text"}, {"label", "text"},
}

// insert appends the messages. Their numbers become visible together with laid_seq,
// so that no claim can skip one.
func (w *appendWriter) insert(ctx context.Context, tx *sql.Tx) error {
	var p rowWriter
	for i, m := range w.Messages {
		p.row().int(int64(i + 1)).int(m.ChatID).int(m.ContactID).text(string(m.Data)).text(m.Language).verbatim(m.RequestID).text(m.Label)
	}
	rows := p.String()
	for _, statement := range []string{`
		INSERT INTO recipients (campaign_id, seq, chat_id, contact_id, data, language)
		SELECT CAST($1 AS BIGINT), CAST($2 AS BIGINT) + place, chat_id, contact_id, data, language
		FROM ` + w.s.d.rows("$3", appendedColumns) + ` AS fresh`, `
		INSERT INTO requests (request_id, campaign_id, seq, contact_id, label)
		SELECT request_id, CAST($1 AS BIGINT), CAST($2 AS BIGINT) + place, contact_id, label
		FROM ` + w.s.d.rows("$3", appendedColumns) + ` AS fresh`,
	} {
		if _, err := tx.ExecContext(ctx, statement, w.campaignID, w.laidSeq, rows); err != nil {
			return err
		}
	}
	_, err := tx.ExecContext(ctx, `UPDATE campaigns SET laid_seq = $2, idle = FALSE, updated_at = $3 WHERE id = $1`,
		w.campaignID, w.laidSeq+int64(len(w.Messages)), w.Now.UnixMilli())
	if err != nil {
		return err
	}
	return w.s.notify(ctx, tx)
}

// Requests implements [campaign.TriggerStore]. Where the recipients are is asked for
// first: a plan for both that was made when there were few may begin with all recipients.
func (s Triggers) Requests(ctx context.Context, workspaceID int64, ids []string) ([]campaign.Request, error) {
	rows, err := s.read.QueryContext(ctx, `
		SELECT request_id, campaign_id, seq FROM requests WHERE request_id`+s.d.among(s.textsIn("$1"))+`
		ORDER BY request_id, campaign_id, seq`, texts(ids))
	if err != nil {
		return nil, s.d.classify(err)
	}
	var (
		requested []string
		places    rowWriter
	)
	err = each(rows, func(r *sql.Rows) error {
		var (
			id              string
			campaignID, seq int64
		)
		err := r.Scan(&id, &campaignID, &seq)
		places.row().int(int64(len(requested))).int(campaignID).int(seq)
		requested = append(requested, id)
		return err
	})
	if err != nil || places.empty() {
		return nil, s.d.classify(err)
	}
	return s.requested(ctx, workspaceID, requested, places)
}

// requested reads the deliveries at places of probeColumns, each of the request with its
// number.
func (s Triggers) requested(ctx context.Context, workspaceID int64, ids []string, places rowWriter) (found []campaign.Request, err error) {
	rows, err := s.read.QueryContext(ctx, `
		SELECT v.nth, c.id, c.message_id, c.bot_id, c.state, `+deliveryColumns+` FROM `+s.d.rows("$1", probeColumns)+` AS v
		JOIN recipients r ON r.campaign_id = v.campaign_id AND r.seq = v.seq`+joinCampaign+joinDelivery+`
		WHERE c.workspace_id + 0 = $2 AND c.forgotten_at IS NULL
		ORDER BY v.nth`, places.String(), workspaceID)
	if err != nil {
		return nil, s.d.classify(err)
	}
	err = each(rows, func(r *sql.Rows) error {
		var (
			q   campaign.Request
			nth int64
		)
		d, err := scanDelivery(r, &nth, &q.CampaignID, &q.MessageID, &q.BotID, &q.State)
		q.ID = ids[nth]
		if n := len(found); n == 0 || found[n-1].ID != q.ID {
			found = append(found, q)
		}
		last := &found[len(found)-1]
		last.Deliveries = append(last.Deliveries, d)
		return err
	})
	return found, s.d.classify(err)
}

// Tidy implements [campaign.TriggerStore].
func (s Triggers) Tidy(ctx context.Context, period string, now time.Time) error {
	const (
		done = `kind = 'triggered' AND state = 'sending' AND (NOT idle OR laid OR period < $1)
			AND laid_seq = (SELECT sent + failed + skipped + unknown FROM ledgers WHERE campaign_id = campaigns.id)`
	)
	var needed bool
	err := s.read.QueryRowContext(ctx, `SELECT EXISTS (SELECT 1 FROM campaigns WHERE `+done+`)`, period).Scan(&needed)
	if err != nil || !needed {
		return s.d.classify(err)
	}
	return s.tx(ctx, func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, `
			UPDATE campaigns SET idle = TRUE, laid = (laid OR period < $1),
				state = CASE WHEN laid OR period < $1 THEN 'finished' ELSE state END,
				finished_at = CASE WHEN laid OR period < $1 THEN CAST($2 AS BIGINT) END
			WHERE `+done, period, now.UnixMilli())
		return err
	})
}

// ForgetRequests implements [campaign.TriggerStore].
func (s Triggers) ForgetRequests(ctx context.Context, before time.Time, limit int) (more bool, err error) {
	return s.forgetKeys(ctx, "accepted", before, limit)
}
