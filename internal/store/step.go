package store

import (
	"context"
	"database/sql"
	"errors"

	"bellman/internal/dispatch"
	"bellman/internal/message"
	"bellman/internal/outcome"
)

// errSenderGone is returned for a step of a process that has not announced itself,
// or has withdrawn.
var errSenderGone = errors.New("store: this sender is not announced")

// Step implements [dispatch.Store]. It takes two round trips: one for where the
// ledgers are, one for all that is written and claimed; more where a part has to know
// what another one found.
func (s Ledgers) Step(ctx context.Context, step dispatch.Step) (claimed []dispatch.Claimed, err error) {
	err = s.pipelined(ctx, func(ctx context.Context, p *pipeline) error {
		w := stepWriter{s: s, pipeline: p, step: step, out: make([]dispatch.Claimed, len(step.Campaigns)),
			dues: make([]int64, len(step.Campaigns)), ledgers: map[int64]ledgerState{}, open: map[int64]bool{},
			chats: map[chatKey]outcome.Reason{}, people: map[int64]message.Person{}, outbox: &outbox{}}
		claimed = w.out
		fresh := w.count()
		w.lockLedgers()
		w.findOpen()
		if err := w.flush(ctx); err != nil {
			return err
		}
		part := w.write
		if !*fresh {
			part = w.again
		}
		if err := part(ctx); err != nil {
			return err
		}
		if err := w.commit(ctx); err != nil {
			return err
		}
		if err := w.complete(ctx); err != nil {
			return err
		}
		w.fields.give(w.out)
		// What a group's new id is has been committed before or with this.
		return w.followGroups(ctx)
	})
	if unwritable(err) {
		err = errors.Join(dispatch.ErrUnwritable, err)
	}
	return claimed, err
}

// stepWriter writes one step in one transaction.
type stepWriter struct {
	*pipeline
	s    Ledgers
	step dispatch.Step
	out  []dispatch.Claimed
	// ledgers holds the positions of the campaigns when the step began.
	ledgers map[int64]ledgerState
	// open holds the campaigns that go out.
	open map[int64]bool
	// dues holds the number of deferrals claimed, by campaign of the step.
	dues []int64
	// claimed is the number of recipients that the cursors have passed, and there how
	// many of them have a chat. chats holds chats of claimed recipients with why they get
	// no message now, and people the contacts behind those of personal messages.
	claimed, there int64
	chats          map[chatKey]outcome.Reason
	people         map[int64]message.Person
	// fields holds the custom fields of the claimed recipients.
	fields claimedFields
	// watched is true when activities are recorded for any webhook; outbox knows which,
	// and activities are what there is for them.
	watched    bool
	outbox     *outbox
	activities []outboxRow
}

// count numbers the step; fresh becomes true unless that number was written before.
func (w *stepWriter) count() (fresh *bool) {
	fresh = new(bool)
	w.query(func(r scanner) error {
		*fresh = true
		var step int64
		return r.Scan(&step)
	}, `UPDATE senders SET step = $2 WHERE owner = $1 AND step = $2 - 1 RETURNING step`, w.step.Owner, w.step.Number)
	return fresh
}

// write queues all that the step writes and claims. A part that has to know what is
// found sends what is queued.
func (w *stepWriter) write(ctx context.Context) error {
	w.fence()
	w.openOutbox()
	w.insertOutcomes()
	w.insertPressable()
	w.putDeferrals()
	if err := w.moveGroups(ctx); err != nil {
		return err
	}
	if err := w.claimDue(ctx); err != nil {
		return err
	}
	w.updateLedgers()
	w.readClaims()
	w.readFields()
	if err := w.removeChats(ctx); err != nil {
		return err
	}
	w.pauseCampaigns()
	w.finishCampaigns()
	if err := w.reportBots(ctx); err != nil {
		return err
	}
	return w.writeOutbox(ctx)
}

// again answers a step that was applied already: its commit had been reported lost.
func (w *stepWriter) again(ctx context.Context) error {
	tx, err := w.flushed(ctx)
	if err != nil {
		return err
	}
	var last int64
	err = tx.QueryRowContext(ctx, `SELECT step FROM senders WHERE owner = $1`, w.step.Owner).Scan(&last)
	if errors.Is(err, sql.ErrNoRows) || err == nil && last != w.step.Number {
		return errSenderGone
	}
	if err != nil {
		return err
	}
	for i, c := range w.step.Campaigns {
		at, out := w.ledgers[c.CampaignID], &w.out[i]
		*out = dispatch.Claimed{CampaignID: c.CampaignID, Fenced: at.epoch != c.Epoch, Stopped: at.claimed < c.ClaimTo}
		if c.ClaimDue > 0 && !out.Fenced && !out.Stopped {
			w.readDue(i, c)
			if err := w.flush(ctx); err != nil {
				return err
			}
		}
		// Claims have to be returned even if the campaign has stopped since.
		if c.ClaimTo == c.ClaimFrom && w.dues[i] == 0 {
			out.Stopped = !w.open[c.CampaignID] || c.Pause.Reason != ""
		}
	}
	w.readClaims()
	w.readFields()
	return nil
}

func (w *stepWriter) campaignIDs() string {
	ids := make([]int64, len(w.step.Campaigns))
	for i, c := range w.step.Campaigns {
		ids[i] = c.CampaignID
	}
	return ints(ids)
}

// ledgerState is the position of a ledger when a step begins.
type ledgerState struct{ epoch, claimed int64 }

// lockLedgers locks the ledgers of the step and reads their positions, and whether
// activities are recorded for any webhook, which costs no query of its own.
func (w *stepWriter) lockLedgers() {
	w.query(func(r scanner) error {
		var (
			id int64
			at ledgerState
		)
		err := r.Scan(&id, &at.epoch, &at.claimed, &w.watched)
		w.ledgers[id] = at
		return err
	}, `
		SELECT campaign_id, epoch, claimed_seq, EXISTS (SELECT 1 FROM webhooks WHERE active) FROM ledgers
		WHERE campaign_id IN `+w.s.intsIn("$1")+` ORDER BY campaign_id`+w.s.d.forUpdate, w.campaignIDs())
}

// fence marks the campaigns that another process has taken over, and those that do
// not go out any more. A cursor that is not where its sender left it means the same
// as a newer epoch: another process moved it.
func (w *stepWriter) fence() {
	for i, c := range w.step.Campaigns {
		w.out[i] = dispatch.Claimed{
			CampaignID: c.CampaignID,
			Fenced:     w.ledgers[c.CampaignID] != ledgerState{c.Epoch, c.ClaimFrom},
			Stopped:    !w.open[c.CampaignID] || c.Pause.Reason != "",
		}
	}
}

// findOpen finds the campaigns of the step that go out.
func (w *stepWriter) findOpen() {
	w.query(func(r scanner) error {
		var id int64
		err := r.Scan(&id)
		w.open[id] = true
		return err
	}, `SELECT id FROM campaigns WHERE id IN `+w.s.intsIn("$1")+` AND state IN `+goesOut, w.campaignIDs())
}

// each calls fn for every campaign of the step that is not fenced.
func (w *stepWriter) each(fn func(i int, c *dispatch.CampaignStep)) {
	for i := range w.step.Campaigns {
		if !w.out[i].Fenced {
			fn(i, &w.step.Campaigns[i])
		}
	}
}

// bulk queues a statement over bulk input, unless the input is empty.
func (w *stepWriter) bulk(p input, statement string, more ...any) {
	if !p.empty() {
		w.queue(statement, append([]any{p.String()}, more...)...)
	}
}

var ledgerColumns = []column{
	{"campaign_id", "bigint"}, {"claimed_seq", "bigint"}, {"settled_seq", "bigint"}, {"waiting", "bigint"},
	{"sent", "bigint"}, {"failed", "bigint"}, {"skipped", "bigint"}, {"unknown", "bigint"}, {"paid", "bigint"},
}

func (w *stepWriter) updateLedgers() {
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
	w.bulk(p, `
		UPDATE ledgers SET claimed_seq = d.claimed_seq, settled_seq = d.settled_seq, waiting = ledgers.waiting + d.waiting,
			sent = ledgers.sent + d.sent, failed = ledgers.failed + d.failed,
			skipped = ledgers.skipped + d.skipped, unknown = ledgers.unknown + d.unknown, paid = ledgers.paid + d.paid,
			`+notePace("$2")+`
		FROM `+w.s.d.rows("$1", ledgerColumns)+` AS d WHERE ledgers.campaign_id = d.campaign_id`, w.step.Now.UnixMilli())
}

// number returns a boolean as the number that bulk input carries.
func number(b bool) int64 {
	if b {
		return 1
	}
	return 0
}
