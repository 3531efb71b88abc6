package dispatch

import (
	"time"

	"bellman/internal/outcome"
)

// This file is the sender's side of the engine's step: what it hands over, and what
// it gets back.

// stepPart is one sender's part of a step: a step per campaign together with its
// run, and a report on the bot, which may be nil.
type stepPart struct {
	sender    *sender
	campaigns []CampaignStep
	runs      []*run
	report    *BotStep
}

func (p stepPart) empty() bool { return len(p.campaigns) == 0 && p.report == nil }

// collect returns what the next step has to write and claim for this bot, which
// may be nothing.
func (s *sender) collect(now time.Time) stepPart {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.speed.measure(s.taken, now)
	part := stepPart{sender: s}
	for _, r := range s.runs {
		if r.dropped {
			continue
		}
		want := s.want(r, now)
		if want == 0 && !r.unwritten() && !(r.complete() && !r.finishing) {
			continue
		}
		step := r.step(now, want)
		step.BotID, step.Epoch = s.botID, s.lease.Epoch
		part.campaigns, part.runs = append(part.campaigns, step), append(part.runs, r)
	}
	if s.report != (BotStep{}) {
		s.report.BotID, s.report.Epoch = s.botID, s.lease.Epoch
		report := s.report
		part.report, s.report, s.reporting = &report, BotStep{}, true
	}
	return part
}

// cover sets how much sending claims cover from now on.
func (s *sender) cover(span time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.span = span
}

// want is how many recipients the run should claim now.
func (s *sender) want(r *run, now time.Time) int {
	if r.stepping || r.stopped || s.life != sending || !s.active || !now.Before(s.validUntil) || s.frozen.until.After(now) || s.outage.on {
		return 0
	}
	return int(min(int64(s.missing(r)), r.claimable(now)))
}

// deliver handles the result of the step.
func (s *sender) deliver(part stepPart, claimed []Claimed, now time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if part.report != nil {
		s.reporting = false
	}
	for i, r := range part.runs {
		s.deliverRun(r, part.campaigns[i], claimed[i], now)
	}
	s.changed.Broadcast()
	s.wakeUp()
}

// deliverRun handles the result of the step for one campaign. A run that another
// process has taken over is dropped: that process accounts for its claims and
// results. Those of an abandoned campaign are accounted for.
func (s *sender) deliverRun(r *run, step CampaignStep, c Claimed, now time.Time) {
	if c.Fenced || c.Abandoned {
		r.ready, r.outcomes, r.deferrals, r.pause = nil, nil, nil, Pause{}
		r.stopped, r.dropped, r.stepping = true, true, false
		return
	}
	r.take(step, c, now)
	switch {
	case r.stopped:
		r.giveBack(now, outcome.CampaignStopped)
	case s.life != sending:
		r.giveBack(now, outcome.SenderStopped)
	case s.outage.on || s.frozen.until.After(now):
		// A freeze began while the step was claiming: recipients that stay claimed would be
		// lost with the process.
		r.giveBack(later(now, s.frozen.until), s.frozen.reason)
	}
	if r.unwritten() {
		s.wantStep()
	}
}

// observe compares the runs with the campaigns in the database. Runs of campaigns
// that do not go out any more stop, and are removed once nothing of them is open.
// crowd is the number of bots that have something to send. observe reports whether
// any run was removed.
func (s *sender) observe(work []Work, runs map[int64]*run, crowd int) (left bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.crowd = crowd
	seen := map[int64]bool{}
	for _, w := range work {
		seen[w.CampaignID] = true
		r := runs[w.CampaignID]
		r.laidSeq, r.laid = max(r.laidSeq, w.LaidSeq), w.Laid
		r.allowPaid, r.budget = w.AllowPaid, w.StarsBudget
	}
	kept := s.runs[:0]
	for _, r := range s.runs {
		if !seen[r.campaignID] && !r.stopped {
			r.stopped = true
			r.giveBack(s.now(), outcome.CampaignStopped)
		}
		if !r.stopped || !r.idle() {
			kept = append(kept, r)
			continue
		}
		if delete(s.guards, r.campaignID); r.triggered && r.guard.suspecting() {
			s.guards[r.campaignID] = r.guard
		}
	}
	left = len(kept) < len(s.runs)
	clear(s.runs[len(kept):])
	s.runs = kept
	if len(work) > 0 {
		s.wantStep()
	}
	return left
}

// find returns the run of a campaign, nil when there is none, and whether it
// has stopped.
func (s *sender) find(campaignID int64) (r *run, stopped bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, r := range s.runs {
		if r.campaignID == campaignID {
			return r, r.stopped
		}
	}
	return nil, false
}

// add adds the run of a campaign.
func (s *sender) add(r *run) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if g := s.guards[r.campaignID]; g != nil {
		r.guard = g
	}
	s.runs = append(s.runs, r)
}

// nextDue returns when the bot's earliest deferral is due, among those that can be
// claimed then; zero when there is none.
func (s *sender) nextDue(now time.Time) time.Time {
	s.mu.Lock()
	defer s.mu.Unlock()
	var next time.Time
	for _, r := range s.runs {
		if r.stopped || r.nextDue.IsZero() || !s.active {
			continue
		}
		at := later(r.nextDue, s.frozen.until)
		if at.After(now) && (next.IsZero() || at.Before(next)) {
			next = at
		}
	}
	return next
}

// lookAgain makes the next claim look at all deferrals: the database has moved them.
// The lock is held.
func (s *sender) lookAgain() {
	now := s.now()
	for _, r := range s.runs {
		if !r.nextDue.IsZero() {
			r.nextDue = now
		}
	}
	s.wantStep()
}

// renew takes over the lease as the database has it.
func (s *sender) renew(l Lease, validUntil time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.validUntil = validUntil
	s.limit(l)
	if l.ClockBack > 0 {
		s.lookAgain()
	}
	if l.Active != s.active && s.report.Pause.Reason == "" {
		s.active = l.Active
		s.wantStep()
	}
	s.wakeUp()
}
