package store

import (
	"context"
	"database/sql"
	"errors"

	"bellman/internal/campaign"
	"bellman/internal/dispatch"
)

// errSenderGone is returned for a step of a process that has not announced
// itself, or has left.
var errSenderGone = errors.New("store: this sender is not announced")

// Step implements [dispatch.Store].
func (s *Store) Step(ctx context.Context, step dispatch.Step) (claimed []dispatch.Claimed, err error) {
	err = s.tx(ctx, func(tx *sql.Tx) error {
		w := stepWriter{s: s, ctx: ctx, tx: tx, step: step, out: make([]dispatch.Claimed, len(step.Campaigns)),
			dues: make([]int64, len(step.Campaigns))}
		claimed = w.out
		applied, err := w.count()
		if err != nil {
			return err
		}
		if err := w.lockLedgers(); err != nil {
			return err
		}
		if applied {
			return w.again()
		}
		return w.write()
	})
	return claimed, err
}

// stepWriter writes one step in one transaction.
type stepWriter struct {
	s    *Store
	ctx  context.Context
	tx   *sql.Tx
	step dispatch.Step
	out  []dispatch.Claimed
	// ledgers are where the campaigns stood when the step began.
	ledgers map[int64]ledgerState
	// dues counts the deferrals claimed, per campaign of the step.
	dues []int64
}

// count numbers the step and tells whether that number was written before.
func (w *stepWriter) count() (applied bool, err error) {
	result, err := w.tx.ExecContext(w.ctx,
		`UPDATE senders SET step = $2 WHERE owner = $1 AND step = $2 - 1`, w.step.Owner, w.step.Number)
	if err != nil {
		return false, err
	}
	if n, err := result.RowsAffected(); err != nil || n == 1 {
		return false, err
	}
	var last int64
	err = w.tx.QueryRowContext(w.ctx, `SELECT step FROM senders WHERE owner = $1`, w.step.Owner).Scan(&last)
	if errors.Is(err, sql.ErrNoRows) || err == nil && last != w.step.Number {
		return false, errSenderGone
	}
	return true, err
}

func (w *stepWriter) write() error {
	for _, part := range []func() error{
		w.fence, w.insertOutcomes, w.putDeferrals, w.migrateChats, w.claimDue, w.updateLedgers,
		w.readClaims, w.removeChats, w.pauseCampaigns, w.finishCampaigns, w.reportBots,
	} {
		if err := part(); err != nil {
			return err
		}
	}
	return nil
}

// again answers a step that was applied: its commit had been reported lost.
func (w *stepWriter) again() error {
	open, err := w.open()
	if err != nil {
		return err
	}
	for i, c := range w.step.Campaigns {
		at, out := w.ledgers[c.CampaignID], &w.out[i]
		*out = dispatch.Claimed{CampaignID: c.CampaignID, Fenced: at.epoch != c.Epoch, Stopped: at.claimed < c.ClaimTo}
		if c.ClaimDue > 0 && !out.Fenced && !out.Stopped {
			if err := w.readDue(i, c.CampaignID); err != nil {
				return err
			}
		}
		// What was claimed has to be told even if the campaign has stopped since.
		if c.ClaimTo == c.ClaimFrom && w.dues[i] == 0 {
			out.Stopped = !open[c.CampaignID] || c.Pause.Reason != ""
		}
	}
	return w.readClaims()
}

func (w *stepWriter) campaignIDs() string {
	var p rowWriter
	for _, c := range w.step.Campaigns {
		p.row().int(c.CampaignID)
	}
	return p.String()
}

// ledgerState is where a ledger stands when a step begins.
type ledgerState struct{ epoch, claimed int64 }

// lockLedgers locks the ledgers of the step and reads where they stand.
func (w *stepWriter) lockLedgers() error {
	w.ledgers = map[int64]ledgerState{}
	rows, err := w.tx.QueryContext(w.ctx, `
		SELECT campaign_id, epoch, claimed_seq FROM ledgers
		WHERE campaign_id IN `+w.s.intsIn("$1")+` ORDER BY campaign_id`+w.s.d.forUpdate, w.campaignIDs())
	if err != nil {
		return err
	}
	return each(rows, func(r *sql.Rows) error {
		var (
			id int64
			at ledgerState
		)
		err := r.Scan(&id, &at.epoch, &at.claimed)
		w.ledgers[id] = at
		return err
	})
}

// fence marks the campaigns that another process has taken over, and those
// that do not go out any more. A cursor that is not where its sender left it
// means the same as a newer epoch: somebody else moved it.
func (w *stepWriter) fence() error {
	open, err := w.open()
	for i, c := range w.step.Campaigns {
		w.out[i] = dispatch.Claimed{
			CampaignID: c.CampaignID,
			Fenced:     w.ledgers[c.CampaignID] != ledgerState{c.Epoch, c.ClaimFrom},
			Stopped:    !open[c.CampaignID] || c.Pause.Reason != "",
		}
	}
	return err
}

// open returns those campaigns of the step that go out.
func (w *stepWriter) open() (map[int64]bool, error) {
	rows, err := w.tx.QueryContext(w.ctx, `
		SELECT id FROM campaigns WHERE id IN `+w.s.intsIn("$1")+` AND state IN ('launching', 'sending')`, w.campaignIDs())
	if err != nil {
		return nil, err
	}
	open := map[int64]bool{}
	return open, each(rows, func(r *sql.Rows) error {
		var id int64
		err := r.Scan(&id)
		open[id] = true
		return err
	})
}

// each calls fn for every campaign of the step that is not fenced.
func (w *stepWriter) each(fn func(i int, c *dispatch.CampaignStep)) {
	for i := range w.step.Campaigns {
		if !w.out[i].Fenced {
			fn(i, &w.step.Campaigns[i])
		}
	}
}

var outcomeColumns = []column{
	{"campaign_id", "bigint"}, {"seq", "bigint"}, {"status", "text"}, {"reason", "text"}, {"detail", "text"},
	{"telegram_message_id", "bigint"}, {"settled_at", "bigint"},
}

func (w *stepWriter) insertOutcomes() error {
	var p, retried rowWriter
	w.each(func(_ int, c *dispatch.CampaignStep) {
		for _, o := range c.Outcomes {
			p.row().int(c.CampaignID).int(o.Seq).verbatim(string(o.Status)).text(o.Reason).text(o.Detail)
			if o.TelegramMessageID == 0 {
				p.text("")
			} else {
				p.int(o.TelegramMessageID)
			}
			p.int(o.SettledAt.UnixMilli())
			if o.Deferred {
				retried.row().int(c.CampaignID).int(o.Seq)
			}
		}
	})
	if err := w.exec(retried, `
		DELETE FROM deferred WHERE (campaign_id, seq) IN (SELECT campaign_id, seq FROM `+
		w.s.d.rows("$1", outcomeColumns[:2])+` AS settled)`); err != nil {
		return err
	}
	return w.exec(p, `
		INSERT INTO outcomes (campaign_id, seq, status, reason, detail, telegram_message_id, settled_at)
		SELECT * FROM `+w.s.d.rows("$1", outcomeColumns)+` AS settled`)
}

// exec runs a statement over bulk input, unless there is none.
func (w *stepWriter) exec(p rowWriter, statement string, more ...any) error {
	if p.n == 0 {
		return nil
	}
	_, err := w.tx.ExecContext(w.ctx, statement, append([]any{p.String()}, more...)...)
	return err
}

var deferralColumns = []column{
	{"campaign_id", "bigint"}, {"seq", "bigint"}, {"due_at", "bigint"}, {"attempts", "bigint"}, {"chat_id", "bigint"},
	{"lost", "bigint"}, {"reason", "text"}, {"detail", "text"},
}

func (w *stepWriter) putDeferrals() error {
	var p rowWriter
	w.each(func(_ int, c *dispatch.CampaignStep) {
		for _, d := range c.Deferrals {
			p.row().int(c.CampaignID).int(d.Seq).int(d.DueAt.UnixMilli()).int(d.Attempts)
			if d.MigrateTo == 0 {
				p.text("")
			} else {
				p.int(d.MigrateTo)
			}
			p.int(number(d.Lost)).verbatim(d.Reason).verbatim(d.Detail)
		}
	})
	return w.exec(p, `
		INSERT INTO deferred (campaign_id, seq, due_at, attempts, chat_id, lost, reason, detail)
		SELECT campaign_id, seq, due_at, attempts, chat_id, lost = 1, reason, detail FROM `+w.s.d.rows("$1", deferralColumns)+` AS fresh
		WHERE TRUE ON CONFLICT (campaign_id, seq) DO UPDATE SET due_at = excluded.due_at, attempts = excluded.attempts,
			claimed_step = 0, lost = excluded.lost, chat_id = COALESCE(excluded.chat_id, deferred.chat_id), reason = excluded.reason, detail = excluded.detail`)
}

var migrationColumns = []column{{"bot_id", "bigint"}, {"old_id", "bigint"}, {"new_id", "bigint"}}

// migrateChats gives groups that became supergroups their new ids. When the
// new one is on record already, the old one goes.
func (w *stepWriter) migrateChats() error {
	var p rowWriter
	w.each(func(_ int, c *dispatch.CampaignStep) {
		for _, d := range c.Deferrals {
			if d.MigrateTo != 0 {
				p.row().int(c.BotID).int(d.ChatID).int(d.MigrateTo)
			}
		}
	})
	return w.exec(p, `
		UPDATE chats SET chat_id = m.new_id FROM `+w.s.d.rows("$1", migrationColumns)+` AS m
		WHERE chats.bot_id = m.bot_id AND chats.chat_id = m.old_id
			AND NOT EXISTS (SELECT 1 FROM chats x WHERE x.bot_id = m.bot_id AND x.chat_id = m.new_id)`)
}

// claimDue claims deferrals whose time has come.
func (w *stepWriter) claimDue() error {
	for i, c := range w.step.Campaigns {
		if c.ClaimDue == 0 || w.out[i].Fenced || w.out[i].Stopped {
			continue
		}
		_, err := w.tx.ExecContext(w.ctx, `
			UPDATE deferred SET claimed_step = $2 WHERE campaign_id = $1 AND seq IN (
				SELECT seq FROM deferred WHERE campaign_id = $1 AND claimed_step = 0 AND due_at <= $3 ORDER BY due_at, seq LIMIT $4)`,
			c.CampaignID, w.step.Number, w.step.Now.UnixMilli(), c.ClaimDue)
		if err != nil {
			return err
		}
		if err := w.readDue(i, c.CampaignID); err != nil {
			return err
		}
	}
	return nil
}

// readDue reads the deferrals that this step claimed, and when the next is due.
func (w *stepWriter) readDue(i int, campaignID int64) error {
	rows, err := w.tx.QueryContext(w.ctx, `
		SELECT d.seq, COALESCE(d.chat_id, r.chat_id), r.contact_id, d.attempts, d.lost, c.chat_id IS NULL
		FROM deferred d
		JOIN recipients r ON r.campaign_id = d.campaign_id AND r.seq = d.seq
		JOIN ledgers l ON l.campaign_id = d.campaign_id
		LEFT JOIN chats c ON c.bot_id = l.bot_id AND c.chat_id = COALESCE(d.chat_id, r.chat_id)
		WHERE d.campaign_id = $1 AND d.claimed_step = $2 ORDER BY d.due_at, d.seq`, campaignID, w.step.Number)
	if err != nil {
		return err
	}
	out := &w.out[i]
	err = each(rows, func(r *sql.Rows) error {
		rec := dispatch.Recipient{Deferred: true}
		err := r.Scan(&rec.Seq, &rec.ChatID, &rec.ContactID, &rec.Attempts, &rec.Lost, &rec.Gone)
		out.Recipients = append(out.Recipients, rec)
		return err
	})
	if err != nil {
		return err
	}
	w.dues[i] = int64(len(out.Recipients))
	var next int64
	err = w.tx.QueryRowContext(w.ctx,
		`SELECT COALESCE(MIN(due_at), 0) FROM deferred WHERE campaign_id = $1 AND claimed_step = 0`, campaignID).Scan(&next)
	out.NextDue = fromMillis(next)
	return err
}

var ledgerColumns = []column{
	{"campaign_id", "bigint"}, {"claimed_seq", "bigint"}, {"settled_seq", "bigint"}, {"waiting", "bigint"},
	{"sent", "bigint"}, {"failed", "bigint"}, {"skipped", "bigint"}, {"unknown", "bigint"}, {"paid", "bigint"},
}

func (w *stepWriter) updateLedgers() error {
	var p rowWriter
	w.each(func(i int, c *dispatch.CampaignStep) {
		count := map[dispatch.Status]int64{}
		var paid int64
		for _, o := range c.Outcomes {
			count[o.Status]++
			paid += number(o.Paid && (o.Status == dispatch.Sent || o.Status == dispatch.Unknown))
		}
		reached := c.ClaimTo
		if w.out[i].Stopped {
			reached = c.ClaimFrom
		}
		p.row().int(c.CampaignID).int(reached).int(c.SettledSeq).int(int64(len(c.Deferrals)) - w.dues[i]).
			int(count[dispatch.Sent]).int(count[dispatch.Failed]).int(count[dispatch.Skipped]).int(count[dispatch.Unknown]).int(paid)
	})
	return w.exec(p, `
		UPDATE ledgers SET claimed_seq = d.claimed_seq, settled_seq = d.settled_seq, waiting = ledgers.waiting + d.waiting,
			sent = ledgers.sent + d.sent, failed = ledgers.failed + d.failed,
			skipped = ledgers.skipped + d.skipped, unknown = ledgers.unknown + d.unknown, paid = ledgers.paid + d.paid,
			`+notePace("$2")+`
		FROM `+w.s.d.rows("$1", ledgerColumns)+` AS d WHERE ledgers.campaign_id = d.campaign_id`, w.step.Now.UnixMilli())
}

var claimColumns = []column{{"place", "bigint"}, {"campaign_id", "bigint"}, {"bot_id", "bigint"}, {"low", "bigint"}, {"high", "bigint"}}

// readClaims reads the recipients that the step has claimed.
func (w *stepWriter) readClaims() error {
	var p rowWriter
	w.each(func(i int, c *dispatch.CampaignStep) {
		if c.ClaimTo > c.ClaimFrom && !w.out[i].Stopped {
			p.row().int(int64(i)).int(c.CampaignID).int(c.BotID).int(c.ClaimFrom).int(c.ClaimTo)
		}
	})
	if p.n == 0 {
		return nil
	}
	rows, err := w.tx.QueryContext(w.ctx, `
		SELECT v.place, r.seq, r.chat_id, r.contact_id, c.chat_id IS NULL
		FROM `+w.s.d.rows("$1", claimColumns)+` AS v
		JOIN recipients r ON r.campaign_id = v.campaign_id AND r.seq > v.low AND r.seq <= v.high
		LEFT JOIN chats c ON c.bot_id = v.bot_id AND c.chat_id = r.chat_id
		ORDER BY v.place, r.seq`, p.String())
	if err != nil {
		return err
	}
	return each(rows, func(r *sql.Rows) error {
		var (
			place int
			rec   dispatch.Recipient
		)
		if err := r.Scan(&place, &rec.Seq, &rec.ChatID, &rec.ContactID, &rec.Gone); err != nil {
			return err
		}
		w.out[place].Recipients = append(w.out[place].Recipients, rec)
		return nil
	})
}

// removeChats drops the chats that will not take messages any more.
func (w *stepWriter) removeChats() error {
	var p rowWriter
	w.each(func(_ int, c *dispatch.CampaignStep) {
		for _, o := range c.Outcomes {
			if o.RemoveChat {
				p.row().int(c.BotID).int(o.ChatID)
			}
		}
		for _, chatID := range c.RemoveChats {
			p.row().int(c.BotID).int(chatID)
		}
	})
	if p.n == 0 {
		return nil
	}
	rows, err := w.tx.QueryContext(w.ctx, `
		DELETE FROM chats WHERE (bot_id, chat_id) IN (SELECT bot_id, chat_id FROM `+
		w.s.d.rows("$1", []column{{"bot_id", "bigint"}, {"chat_id", "bigint"}})+` AS gone) RETURNING bot_id`, p.String())
	if err != nil {
		return err
	}
	removed := map[int64]int64{}
	err = each(rows, func(r *sql.Rows) error {
		var id int64
		err := r.Scan(&id)
		removed[id]++
		return err
	})
	if err != nil {
		return err
	}
	var counts rowWriter
	for id, n := range removed {
		counts.row().int(id).int(n)
	}
	return w.exec(counts, `
		UPDATE bots SET subscribers = subscribers - d.n
		FROM `+w.s.d.rows("$1", []column{{"id", "bigint"}, {"n", "bigint"}})+` AS d WHERE bots.id = d.id`)
}

func (w *stepWriter) pauseCampaigns() (err error) {
	w.each(func(_ int, c *dispatch.CampaignStep) {
		if c.Pause.Reason == "" || err != nil {
			return
		}
		_, err = w.tx.ExecContext(w.ctx, `
			UPDATE campaigns SET state = 'paused', state_reason = $2, state_detail = $3, updated_at = $4
			WHERE id = $1 AND state IN ('launching', 'sending')`,
			c.CampaignID, c.Pause.Reason, c.Pause.Detail, w.step.Now.UnixMilli())
	})
	return err
}

// finishCampaigns marks the campaigns finished whose every recipient has an
// outcome.
func (w *stepWriter) finishCampaigns() error {
	var p rowWriter
	w.each(func(_ int, c *dispatch.CampaignStep) {
		if c.Finish {
			p.row().int(c.CampaignID)
		}
	})
	return w.exec(p, `
		UPDATE campaigns SET state = 'finished', finished_at = $2, updated_at = $2
		WHERE id IN `+w.s.intsIn("$1")+` AND state = 'sending' AND laid
			AND laid_seq = (SELECT sent + failed + skipped + unknown FROM ledgers WHERE campaign_id = campaigns.id)`,
		w.step.Now.UnixMilli())
}

// reportBots writes what was learned about bots whose lease is still this
// sender's.
func (w *stepWriter) reportBots() error {
	for _, b := range w.step.Bots {
		var mine bool
		err := w.tx.QueryRowContext(w.ctx,
			`SELECT EXISTS (SELECT 1 FROM leases WHERE bot_id = $1 AND owner = $2 AND epoch = $3)`, b.BotID, w.step.Owner, b.Epoch).Scan(&mine)
		if err != nil {
			return err
		}
		if !mine {
			continue
		}
		if err := w.reportBot(b); err != nil {
			return err
		}
	}
	return nil
}

func (w *stepWriter) reportBot(b dispatch.BotStep) error {
	now := w.step.Now.UnixMilli()
	if !b.FrozenUntil.IsZero() {
		if err := w.run(`UPDATE bots SET frozen_until = $2, frozen_reason = $3 WHERE id = $1`,
			b.BotID, b.FrozenUntil.UnixMilli(), b.FrozenReason); err != nil {
			return err
		}
	}
	if !b.PaidRefusedUntil.IsZero() {
		if err := w.run(`UPDATE bots SET paid_refused_until = $2 WHERE id = $1`, b.BotID, b.PaidRefusedUntil.UnixMilli()); err != nil {
			return err
		}
	}
	if b.Pause.Reason == "" {
		return nil
	}
	if err := w.run(`UPDATE bots SET state = 'paused', state_reason = $2, updated_at = $3 WHERE id = $1`,
		b.BotID, b.Pause.Reason, now); err != nil {
		return err
	}
	return w.run(`
		UPDATE campaigns SET state = 'paused', state_reason = $2, state_detail = $3, updated_at = $4
		WHERE bot_id = $1 AND state IN ('launching', 'sending')`, b.BotID, campaign.ReasonBot, b.Pause.Detail, now)
}

func (w *stepWriter) run(statement string, args ...any) error {
	_, err := w.tx.ExecContext(w.ctx, statement, args...)
	return err
}

// number returns a truth as the number that bulk input carries.
func number(b bool) int64 {
	if b {
		return 1
	}
	return 0
}
