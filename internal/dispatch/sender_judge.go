package dispatch

import (
	"errors"
	"time"

	"bellman/internal/fault"
	"bellman/internal/loop"
	"bellman/internal/outcome"
	"bellman/internal/telegram"
)

const (
	// maxAttempts is how often a message is tried against server faults before
	// it counts as failed.
	maxAttempts = 10
	// firstRetry and lastRetry bound the wait after a server fault, which doubles
	// each time.
	firstRetry = time.Second
	lastRetry  = time.Minute
	// lostRetry is when a triggered message whose answer was lost is sent once
	// more: a code that comes twice is better than one that never comes.
	lostRetry = 10 * time.Second
	// defaultWait is the wait after a 429 that names none.
	defaultWait = 5 * time.Second
	// waitRoom is added to what a 429 asks for: to come a moment early costs a
	// longer wait.
	waitRoom = 300 * time.Millisecond
)

// judge notes what a call's result means for its recipient, its campaign and
// its bot. The lock is held.
func (s *sender) judge(j job, result telegram.Result, v telegram.Verdict, now time.Time) {
	r := j.run
	ended := Outcome{Recipient: j.rec, Reason: v.Reason, Detail: result.Description, SettledAt: now, Paid: j.charged}
	if v.Class != telegram.Unreachable {
		s.backoff = 0
	}
	switch v.Class {
	case telegram.Sent:
		s.frozen.clean()
		ended.Status, ended.Detail, ended.TelegramMessageID = Sent, "", result.MessageID
		s.note(r, r.guard.result())
	// spec: status-forbidden
	case telegram.Gone:
		ended.Status, ended.RemoveChat = Failed, true
		s.note(r, r.guard.result())
	case telegram.NotFound:
		ended.Status = Failed
		s.note(r, r.guard.chatNotFound(j.rec.ChatID))
	case telegram.Refused:
		ended.Status = Failed
		s.note(r, r.guard.result())
	case telegram.BadContent:
		ended.Status = Failed
		s.note(r, r.guard.contentFault(v.Reason, result.Description))
	case telegram.Uncertain:
		if r.triggered && !j.rec.Lost {
			d := Deferral{Recipient: j.rec, DueAt: now.Add(lostRetry), Reason: v.Reason}
			d.Lost = true
			r.postpone(d)
			return
		}
		ended.Status = Unknown
		if result.Err != nil {
			ended.Detail = result.Err.Error()
		}
		s.note(r, r.guard.result())
	case telegram.Transient:
		if j.rec.Attempts+1 < maxAttempts {
			s.retry(j, v.Reason, result.Description, now.Add(loop.Doubling(firstRetry, int(j.rec.Attempts)+1, lastRetry)))
			return
		}
		ended.Status = Failed
		s.note(r, r.guard.result())
	default:
		s.wait(j, result, v, now)
		return
	}
	r.settle(ended)
	r.remove = append(r.remove, r.guard.removable(r.complete())...)
}

// judgeUnwritten notes what it means that a message could not be written for a
// recipient: their values make one that Telegram would refuse, or what it needs
// is out of reach. The lock is held.
func (s *sender) judgeUnwritten(j job, err error, now time.Time) {
	r := j.run
	r.paid -= j.charged
	var f *fault.Error
	invalid := errors.As(err, &f) && f.Kind == fault.Invalid
	switch {
	case invalid:
		s.note(r, r.guard.contentFault(outcome.Reason(f.Code), f.Message))
		r.settle(Outcome{Recipient: j.rec, Status: Failed, Reason: outcome.Reason(f.Code), Detail: f.Message, SettledAt: now})
	case j.rec.Attempts+1 < maxAttempts:
		s.log.Warn("a message could not be written", "campaign", r.campaignID, "error", err)
		s.retry(j, outcome.NotComposed, err.Error(), now.Add(loop.Doubling(firstRetry, int(j.rec.Attempts)+1, lastRetry)))
	default:
		s.note(r, r.guard.result())
		r.settle(Outcome{Recipient: j.rec, Status: Failed, Reason: outcome.NotComposed, Detail: err.Error(), SettledAt: now})
	}
}

// wait postpones a recipient for a reason that is not its own. It is no
// attempt.
//
// spec: tg-retry-after
func (s *sender) wait(j job, result telegram.Result, v telegram.Verdict, now time.Time) {
	d := Deferral{Recipient: j.rec, DueAt: now, Reason: v.Reason, Detail: result.Description}
	switch v.Class {
	case telegram.Wait:
		wait := result.RetryAfter
		if wait <= 0 {
			wait = defaultWait
		}
		d.DueAt = now.Add(wait + waitRoom)
		s.chats.hold(j.rec.ChatID, d.DueAt)
		// What was on the wire together, and the probes that follow, are one storm.
		storm := s.frozen.probing
		if s.frozen.tooMany(j.rec.ChatID, d.DueAt, now) {
			s.report.FrozenUntil, s.report.FrozenReason = s.frozen.until, v.Reason
			s.giveBack(v.Reason)
			if storm {
				break
			}
			s.adapt.throttled(now)
			s.setPace()
			s.log.Warn("Telegram asks the bot to wait", "until", s.frozen.until, "answer", result.Description)
		}
	case telegram.Migrated:
		d.MigrateTo = result.MigrateTo
	case telegram.BadBot:
		s.active = false
		s.report.Pause = Pause{v.Reason, result.Description}
		s.log.Error("Telegram refuses the bot: connect it again with a new token", "answer", result.Description)
		s.giveBack(v.Reason)
	case telegram.Unreachable:
		if result.Err != nil {
			d.Detail = result.Err.Error()
		}
		// Calls that fail together are one failure.
		if !s.frozen.until.After(now) {
			s.backoff++
			s.frozen.until = now.Add(loop.Doubling(firstRetry, s.backoff, lastRetry))
			s.giveBack(v.Reason)
			s.log.Warn("the Bot API server cannot be reached", "again", s.frozen.until, "error", result.Err)
		}
		d.DueAt = s.frozen.until
	case telegram.NoBalance:
		s.paid.refusedUntil = now.Add(paidAgain)
		s.report.PaidRefusedUntil = s.paid.refusedUntil
		s.log.Warn("Telegram takes no Stars: going at the free pace", "until", s.paid.refusedUntil, "answer", result.Description)
		d.DueAt = now.Add(firstRetry)
	}
	j.run.postpone(d)
}

// retry postpones a recipient for another attempt.
func (s *sender) retry(j job, reason outcome.Reason, detail string, at time.Time) {
	d := Deferral{Recipient: j.rec, DueAt: at, Reason: reason, Detail: detail}
	d.Attempts++
	j.run.postpone(d)
}

// note has the next step pause the campaign when the guard says so; what it
// had ready goes back.
func (s *sender) note(r *run, p Pause) {
	if p.Reason == "" {
		return
	}
	r.pause = p
	r.stopped = true
	r.giveBack(s.now(), p.Reason)
}
