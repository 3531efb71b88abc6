package dispatch

import (
	"errors"
	"sync"
	"time"

	"bellman/internal/outcome"
	"bellman/internal/telegram"
)

// This file is how a sender picks messages in turn, makes their calls and handles
// the results.

const (
	// wireCap is how many messages of one bot are on the wire at most, and
	// wireCapFast the same for a bot that may send faster than usual. Bots whose
	// limit is lifted share wireCapFast: nothing else would hold them back, and
	// more calls at once than the server can handle would only wait there.
	wireCap     = 16
	wireCapFast = 256
	// leastAhead is how many recipients a bot whose limit is lifted has ready
	// before its speed is known.
	leastAhead = 64
)

// job is one message on its way out, or a probe: a call that finds out whether
// Telegram can be reached.
type job struct {
	probe bool
	run   *run
	rec   Recipient
	outline
	// paid allows Telegram to charge for the message; charged is how many messages
	// it will charge for.
	paid    bool
	charged int64
	// number is the message's number in the pace, and left among those of the sender
	// that have left.
	number, left int64
	// during is true when the result came while an outage was on already.
	during bool
}

// next takes the next message that may leave now. Without one it returns how long
// to wait if nothing else happens.
func (s *sender) next() (job, time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for {
		now := s.now()
		if wait := s.barred(now); wait > 0 {
			return job{}, wait
		}
		if s.outage.on {
			s.wire++
			return job{probe: true}, 0
		}
		s.choosePace(now)
		r := s.pick()
		if r == nil {
			return job{}, time.Hour
		}
		j := job{run: r, rec: r.ready[0], outline: r.compose.outline(r.ready[0])}
		if wait := s.pace.Wait(now, j.items); wait > 0 {
			return job{}, wait
		}
		if r.allowPaid && r.spent() {
			s.note(r, Pause{Reason: outcome.BudgetSpent})
			s.wantStep()
			continue
		}
		r.ready = r.ready[1:]
		if at := s.chats.take(j.rec.ChatID, now, j.items); !at.IsZero() {
			r.postpone(Deferral{Recipient: j.rec, DueAt: at, Reason: outcome.ChatPace})
			s.wantStep()
			continue
		}
		j.number = s.pace.Take(now, j.items)
		r.learning = r.learning || j.learns
		s.taken++
		j.left = s.taken
		r.wire++
		s.wire++
		if s.missing(r) > 0 && r.claimable(now) > 0 {
			s.wantStep()
		}
		j.paid = s.paid.going
		for range j.items {
			if s.paid.charged(now) && j.paid {
				j.charged++
			}
		}
		r.paid += j.charged
		return j, 0
	}
}

// barred returns how long nothing at all may leave; zero when something may.
func (s *sender) barred(now time.Time) time.Duration {
	switch {
	case s.life != sending || !s.active || s.wire >= s.wireCap():
		return time.Hour
	case !now.Before(s.validUntil):
		return time.Hour
	case s.frozen.until.After(now):
		return s.frozen.until.Sub(now)
	case (s.frozen.probing || s.outage.on) && s.wire > 0:
		return time.Hour
	}
	return 0
}

func (s *sender) wireCap() int {
	switch {
	case s.rate <= 0:
		return max(wireCapFast/max(s.crowd, 1), 1)
	case s.fullRate() > freeRate:
		return wireCapFast
	}
	return wireCap
}

// pick returns the run whose turn it is: a triggered one before any broadcast,
// broadcasts in turn. It returns nil when no run has anything ready.
func (s *sender) pick() *run {
	var broadcast *run
	at := s.turn
	for i := range s.runs {
		k := (s.turn + i) % len(s.runs)
		r := s.runs[k]
		if len(r.ready) == 0 || r.learning && r.compose.outline(r.ready[0]).learns {
			continue
		}
		if r.triggered {
			return r
		}
		// Telegram counts all messages of a bot: beside a paid campaign there is no
		// room for free ones.
		if s.paid.going && !r.allowPaid {
			continue
		}
		if broadcast == nil {
			broadcast, at = r, k+1
		}
	}
	s.turn = at
	return broadcast
}

// missing is how many recipients a run should claim to have as many ready as it
// needs for the span; zero until they are worth a step.
func (s *sender) missing(r *run) int {
	n := s.covering(r, s.span) - len(r.ready)
	if n <= s.covering(r, horizon)/2 {
		return 0
	}
	return n
}

// covering is how many recipients cover a run's sending for the span.
func (s *sender) covering(r *run, span time.Duration) int {
	n := int(s.fullRate()*span.Seconds()) + 1
	if s.rate <= 0 {
		n = leastAhead + int(s.speed.perSecond*span.Seconds())
	}
	if r.triggered {
		return n
	}
	return max(n/max(len(s.runs), 1), 2)
}

// send makes the call and handles its result.
func (s *sender) send(j job) {
	body := bodies.Get().(*[]byte)
	defer bodies.Put(body)
	call, err := j.run.compose.compose((*body)[:0], j.rec, j.paid, s.now())
	left := s.now()
	if err != nil {
		s.land(j, left, left, func() { s.judgeUnwritten(j, err, left) })
		return
	}
	*body = call.Body
	var result telegram.Result
	if call.learns {
		result = s.transport.SendFiles(s.apiURL, s.token, call.Method, call.Body, call.uploads)
	} else {
		result = s.transport.Send(s.apiURL, s.token, call.Method, call.Body)
	}
	if errors.Is(result.Err, telegram.ErrFile) {
		s.land(j, left, left, func() { s.judgeUnwritten(j, result.Err, left) })
		return
	}
	verdict := telegram.Classify(result)
	now := s.now()
	s.observer.Called(verdict, j.run.triggered, now.Sub(left))
	if verdict.Class == telegram.Sent && call.learns {
		j.run.compose.sent(call, result.Files)
	}
	stale := verdict.Reason == fileRefused && j.run.compose.refused(call)
	s.land(j, left, now, func() {
		if verdict.Class != telegram.Wait && s.adapt.answered(now.Sub(left), now) {
			s.setPace()
		}
		if verdict.Class != telegram.Sent && verdict.Class != telegram.Uncertain {
			j.run.paid -= j.charged
		}
		if stale && j.rec.Attempts+1 < maxAttempts {
			s.retry(j, verdict.Reason, result.Description, now)
			return
		}
		s.judge(j, result, verdict, now)
	})
}

// probe makes a call that sends nothing. Any answer of Telegram's ends the outage;
// then one message is sent to test whether sending works.
func (s *sender) probe() {
	result := s.transport.Call(s.apiURL, s.token, "getMe", nil)
	v, now := telegram.Classify(result), s.now()
	s.mu.Lock()
	defer s.mu.Unlock()
	s.wire--
	s.changed.Broadcast()
	if s.life == gone {
		return
	}
	if v.Class == telegram.Unreachable || unusable(v) {
		s.stall(v.Reason, result, now)
	} else {
		s.outage.end()
		s.frozen.probing = true
	}
	s.wantStep()
	s.wakeUp()
}

// fileRefused is the reason of answers that say that Telegram does not know a file,
// or does not know it any more.
const fileRefused = outcome.FileRefused

// bodies keeps the buffers in which calls are written.
var bodies = sync.Pool{New: func() any { b := make([]byte, 0, 1024); return &b }}

// land takes a message off the wire; judge decides, under the lock, what its result
// means.
func (s *sender) land(j job, left, now time.Time, judge func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.pace.Landed(j.number, j.items, left, now)
	held := s.wire == s.wireCap() || s.frozen.probing || j.learns
	j.run.wire--
	s.wire--
	s.chats.landed(j.rec.ChatID)
	if j.learns {
		j.run.learning = false
	}
	if s.life == gone {
		return
	}
	if !j.run.dropped {
		judge()
	}
	if s.wire == 0 {
		s.changed.Broadcast()
	}
	s.wantStep()
	if held {
		s.wakeUp()
	}
}
