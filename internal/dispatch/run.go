package dispatch

import (
	"time"

	"bellman/internal/outcome"
)

// run is one campaign in its bot's sender: the claimed recipients that wait for
// their turn, and what the next step has to write. It is guarded by the sender's
// lock and does no I/O.
type run struct {
	campaignID int64
	triggered  bool
	// changes is true when it edits or deletes messages.
	changes bool
	compose *composer
	// allowPaid and budget, in Stars, are the campaign's. paid is the number of
	// messages that Telegram charges for, including those on the wire.
	allowPaid bool
	budget    int64
	paid      int64

	laidSeq    int64
	laid       bool
	claimedSeq int64
	mark       watermark
	// waiting is the number of deferrals in the database, nextDue the time of the
	// earliest of them; zero when there is none.
	waiting int64
	nextDue time.Time
	// done is the number of recipients with an outcome.
	done int64

	// ready are the claimed recipients that wait for their turn.
	ready []Recipient
	// wire is the number of recipients on the wire.
	wire int
	// learning is true when a message on the wire carries files that the bot has
	// never sent: no other message carries such files meanwhile.
	learning bool
	// stepping is true when a step is being written.
	stepping bool
	// stopped is true when the campaign does not go out any more.
	stopped bool
	// dropped is true when its results count no more: they are accounted for already,
	// or will be by another process.
	dropped bool
	// finishing is true when a step was asked to finish the campaign.
	finishing bool

	outcomes  []Outcome
	deferrals []Deferral
	pause     Pause
	guard     *guard
}

// newRun returns the run of a campaign that this process has adopted. due is the time
// of its earliest deferral, zero for none.
func newRun(w Work, due time.Time, compose *composer, now time.Time) *run {
	return &run{
		campaignID: w.CampaignID,
		triggered:  w.Kind == "triggered",
		changes:    w.changes(),
		compose:    compose,
		allowPaid:  w.AllowPaid,
		budget:     w.StarsBudget,
		paid:       w.Paid,
		laidSeq:    w.LaidSeq,
		laid:       w.Laid,
		claimedSeq: w.ClaimedSeq,
		mark:       watermark{through: w.SettledSeq},
		waiting:    w.Waiting,
		nextDue:    steady(due, now),
		done:       w.Done,
		guard:      &guard{},
	}
}

// spent reports whether the campaign's budget of Stars is spent.
func (r *run) spent() bool { return r.budget > 0 && r.paid >= r.budget*perStar }

// claimable is how many recipients a claim could return now.
func (r *run) claimable(now time.Time) int64 {
	n := r.laidSeq - r.claimedSeq
	if r.due(now) {
		n += r.waiting
	}
	return n
}

// due reports whether a deferral is due.
func (r *run) due(now time.Time) bool {
	return !r.nextDue.IsZero() && !r.nextDue.After(now)
}

// idle reports whether nothing of the campaign is claimed, on the wire, or waiting
// to be written.
func (r *run) idle() bool { return r.wire == 0 && r.written() }

// written reports whether everything known about the campaign's claims is in the
// database.
func (r *run) written() bool { return len(r.ready) == 0 && !r.stepping && !r.unwritten() }

// unwritten reports whether the next step has something to write.
func (r *run) unwritten() bool {
	return len(r.outcomes) > 0 || len(r.deferrals) > 0 || r.pause.Reason != ""
}

// complete reports whether every recipient has an outcome and none will be added.
func (r *run) complete() bool {
	return r.laid && !r.triggered && r.done == r.laidSeq
}

// settle records an outcome for the next step.
func (r *run) settle(o Outcome) {
	r.mark.settle(o.Seq)
	r.done++
	r.outcomes = append(r.outcomes, o)
}

// postpone records a deferral for the next step.
func (r *run) postpone(d Deferral) {
	r.mark.settle(d.Seq)
	r.waiting++
	if r.nextDue.IsZero() || d.DueAt.Before(r.nextDue) {
		r.nextDue = d.DueAt
	}
	r.deferrals = append(r.deferrals, d)
}

// giveBack postpones every recipient that was claimed and whose message has not
// left.
func (r *run) giveBack(at time.Time, reason outcome.Reason) {
	for _, rec := range r.ready {
		r.postpone(Deferral{Recipient: rec, DueAt: at, Reason: reason})
	}
	r.ready = nil
}

// step returns what has to be written, with a claim of up to want recipients.
func (r *run) step(now time.Time, want int) CampaignStep {
	s := CampaignStep{
		CampaignID: r.campaignID,
		Outcomes:   r.outcomes,
		Deferrals:  r.deferrals,
		ClaimFrom:  r.claimedSeq,
		ClaimTo:    r.claimedSeq,
		SettledSeq: r.mark.through,
		Changes:    r.changes,
		Pause:      r.pause,
		Finish:     r.complete(),
		Personal:   r.compose.template.Personal(),
		Fields:     r.compose.fields,
		Pressable:  r.compose.template.Pressable(),
	}
	s.Removals = r.guard.removable(s.Finish)
	r.outcomes, r.deferrals, r.pause = nil, nil, Pause{}
	r.finishing, r.stepping = s.Finish, true
	if want <= 0 || r.stopped {
		return s
	}
	if r.due(now) {
		s.ClaimDue = int(min(int64(want), r.waiting))
		want -= s.ClaimDue
	}
	s.ClaimTo += min(int64(want), r.laidSeq-r.claimedSeq)
	return s
}

// reaches reports whether the campaign goes to chats that are barred for the reason. What
// stands in a chat already is corrected even if no more is to come.
//
// spec: mute-broadcasts-only
func (r *run) reaches(barred outcome.Reason) bool {
	return barred == ChatMuted && (r.triggered || r.changes) || barred == ChatInactive && r.changes
}

// take accepts what a step claimed. Recipients whose chat gets no message are
// skipped.
func (r *run) take(s CampaignStep, c Claimed, now time.Time) {
	r.stepping = false
	if s.Finish {
		r.stopped = true
	}
	if c.Stopped {
		r.stopped = true
		return
	}
	if s.ClaimTo == s.ClaimFrom && s.ClaimDue == 0 {
		return
	}
	r.claimedSeq = s.ClaimTo
	for _, rec := range c.Recipients {
		if rec.Deferred {
			r.waiting--
		}
		switch {
		case rec.Barred != "" && !r.reaches(rec.Barred):
			r.settle(Outcome{Recipient: rec, Status: Skipped, Reason: rec.Barred, SettledAt: now})
		case r.changes && rec.Moved:
			// In the new chat, the number is another message's.
			r.settle(Outcome{Recipient: rec, Status: Failed, Reason: outcome.TargetNotFound, SettledAt: now})
		default:
			r.ready = append(r.ready, rec)
		}
	}
	if s.ClaimDue > 0 {
		r.nextDue = steady(c.NextDue, now)
		for _, d := range r.deferrals {
			if r.nextDue.IsZero() || d.DueAt.Before(r.nextDue) {
				r.nextDue = d.DueAt
			}
		}
	}
}
