package store

import (
	"context"
	"database/sql"
	"errors"

	"bellman/internal/dispatch"
)

// errSenderGone is returned for a step of a process that has not announced itself,
// or has withdrawn.
var errSenderGone = errors.New("store: this sender is not announced")

// Step implements [dispatch.Store].
func (s Ledgers) Step(ctx context.Context, step dispatch.Step) (claimed []dispatch.Claimed, err error) {
	err = s.tx(ctx, func(tx *sql.Tx) error {
		w := stepWriter{s: s, step: step, out: make([]dispatch.Claimed, len(step.Campaigns)),
			dues: make([]int64, len(step.Campaigns))}
		claimed = w.out
		applied, err := w.count(ctx, tx)
		if err != nil {
			return err
		}
		if err := w.lockLedgers(ctx, tx); err != nil {
			return err
		}
		if applied {
			return w.again(ctx, tx)
		}
		return w.write(ctx, tx)
	})
	if unwritable(err) {
		err = errors.Join(dispatch.ErrUnwritable, err)
	}
	return claimed, err
}

// stepWriter writes one step in one transaction.
type stepWriter struct {
	s    Ledgers
	step dispatch.Step
	out  []dispatch.Claimed
	// ledgers holds the positions of the campaigns when the step began.
	ledgers map[int64]ledgerState
	// dues holds the number of deferrals claimed, by campaign of the step.
	dues []int64
	// watched is true when activities are recorded for any webhook; outbox collects their
	// activities.
	watched bool
	outbox  *outbox
}

// count numbers the step and reports whether that number was written before.
func (w *stepWriter) count(ctx context.Context, tx *sql.Tx) (applied bool, err error) {
	result, err := tx.ExecContext(ctx,
		`UPDATE senders SET step = $2 WHERE owner = $1 AND step = $2 - 1`, w.step.Owner, w.step.Number)
	if err != nil {
		return false, err
	}
	if n, err := result.RowsAffected(); err != nil || n == 1 {
		return false, err
	}
	var last int64
	err = tx.QueryRowContext(ctx, `SELECT step FROM senders WHERE owner = $1`, w.step.Owner).Scan(&last)
	if errors.Is(err, sql.ErrNoRows) || err == nil && last != w.step.Number {
		return false, errSenderGone
	}
	return true, err
}

func (w *stepWriter) write(ctx context.Context, tx *sql.Tx) error {
	for _, part := range []func(context.Context, *sql.Tx) error{
		w.fence, w.openOutbox, w.insertOutcomes, w.insertPressable, w.putDeferrals, w.moveGroups, w.claimDue, w.updateLedgers,
		w.readClaims, w.followGroups, w.removeChats, w.pauseCampaigns, w.finishCampaigns, w.reportBots, w.writeOutbox,
	} {
		if err := part(ctx, tx); err != nil {
			return err
		}
	}
	return nil
}

// again answers a step that was applied already: its commit had been reported lost.
func (w *stepWriter) again(ctx context.Context, tx *sql.Tx) error {
	open, err := w.open(ctx, tx)
	if err != nil {
		return err
	}
	for i, c := range w.step.Campaigns {
		at, out := w.ledgers[c.CampaignID], &w.out[i]
		*out = dispatch.Claimed{CampaignID: c.CampaignID, Fenced: at.epoch != c.Epoch, Stopped: at.claimed < c.ClaimTo}
		if c.ClaimDue > 0 && !out.Fenced && !out.Stopped {
			if err := w.readDue(ctx, tx, i, c.CampaignID); err != nil {
				return err
			}
		}
		// Claims have to be returned even if the campaign has stopped since.
		if c.ClaimTo == c.ClaimFrom && w.dues[i] == 0 {
			out.Stopped = !open[c.CampaignID] || c.Pause.Reason != ""
		}
	}
	if err := w.readClaims(ctx, tx); err != nil {
		return err
	}
	return w.followGroups(ctx, tx)
}

func (w *stepWriter) campaignIDs() string {
	var p rowWriter
	for _, c := range w.step.Campaigns {
		p.row().int(c.CampaignID)
	}
	return p.String()
}

// ledgerState is the position of a ledger when a step begins.
type ledgerState struct{ epoch, claimed int64 }

// lockLedgers locks the ledgers of the step and reads their positions, and whether
// activities are recorded for any webhook, which costs no query of its own.
func (w *stepWriter) lockLedgers(ctx context.Context, tx *sql.Tx) error {
	w.ledgers = map[int64]ledgerState{}
	rows, err := tx.QueryContext(ctx, `
		SELECT campaign_id, epoch, claimed_seq, EXISTS (SELECT 1 FROM webhooks WHERE active) FROM ledgers
		WHERE campaign_id IN `+w.s.intsIn("$1")+` ORDER BY campaign_id`+w.s.d.forUpdate, w.campaignIDs())
	if err != nil {
		return err
	}
	return each(rows, func(r *sql.Rows) error {
		var (
			id int64
			at ledgerState
		)
		err := r.Scan(&id, &at.epoch, &at.claimed, &w.watched)
		w.ledgers[id] = at
		return err
	})
}

// fence marks the campaigns that another process has taken over, and those that do
// not go out any more. A cursor that is not where its sender left it means the same
// as a newer epoch: another process moved it.
func (w *stepWriter) fence(ctx context.Context, tx *sql.Tx) error {
	open, err := w.open(ctx, tx)
	for i, c := range w.step.Campaigns {
		w.out[i] = dispatch.Claimed{
			CampaignID: c.CampaignID,
			Fenced:     w.ledgers[c.CampaignID] != ledgerState{c.Epoch, c.ClaimFrom},
			Stopped:    !open[c.CampaignID] || c.Pause.Reason != "",
		}
	}
	return err
}

// open returns the campaigns of the step that go out.
func (w *stepWriter) open(ctx context.Context, tx *sql.Tx) (map[int64]bool, error) {
	rows, err := tx.QueryContext(ctx, `
		SELECT id FROM campaigns WHERE id IN `+w.s.intsIn("$1")+` AND state IN `+goesOut, w.campaignIDs())
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

// exec runs a statement over bulk input, unless the input is empty.
func (w *stepWriter) exec(ctx context.Context, tx *sql.Tx, p rowWriter, statement string, more ...any) error {
	if p.n == 0 {
		return nil
	}
	_, err := tx.ExecContext(ctx, statement, append([]any{p.String()}, more...)...)
	return err
}

var ledgerColumns = []column{
	{"campaign_id", "bigint"}, {"claimed_seq", "bigint"}, {"settled_seq", "bigint"}, {"waiting", "bigint"},
	{"sent", "bigint"}, {"failed", "bigint"}, {"skipped", "bigint"}, {"unknown", "bigint"}, {"paid", "bigint"},
}

func (w *stepWriter) updateLedgers(ctx context.Context, tx *sql.Tx) error {
	var p rowWriter
	w.each(func(i int, c *dispatch.CampaignStep) {
		count := map[dispatch.Status]int64{}
		var paid int64
		for _, o := range c.Outcomes {
			count[o.Status]++
			if o.Status == dispatch.Sent || o.Status == dispatch.Unknown {
				paid += o.Paid
			}
		}
		reached := c.ClaimTo
		if w.out[i].Stopped {
			reached = c.ClaimFrom
		}
		p.row().int(c.CampaignID).int(reached).int(c.SettledSeq).int(int64(len(c.Deferrals)) - w.dues[i]).
			int(count[dispatch.Sent]).int(count[dispatch.Failed]).int(count[dispatch.Skipped]).int(count[dispatch.Unknown]).int(paid)
	})
	return w.exec(ctx, tx, p, `
		UPDATE ledgers SET claimed_seq = d.claimed_seq, settled_seq = d.settled_seq, waiting = ledgers.waiting + d.waiting,
			sent = ledgers.sent + d.sent, failed = ledgers.failed + d.failed,
			skipped = ledgers.skipped + d.skipped, unknown = ledgers.unknown + d.unknown, paid = ledgers.paid + d.paid,
			`+notePace("$2")+`
		FROM `+w.s.d.rows("$1", ledgerColumns)+` AS d WHERE ledgers.campaign_id = d.campaign_id`, w.step.Now.UnixMilli())
}

func (w *stepWriter) run(ctx context.Context, tx *sql.Tx, statement string, args ...any) error {
	_, err := tx.ExecContext(ctx, statement, args...)
	return err
}

// number returns a boolean as the number that bulk input carries.
func number(b bool) int64 {
	if b {
		return 1
	}
	return 0
}
