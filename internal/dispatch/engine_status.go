package dispatch

import "time"

// BotStatus is what a sender is doing at one moment.
type BotStatus struct {
	BotID int64
	// Rate is the present pace in messages a second; zero when the limit is
	// lifted.
	Rate float64
	// Wire is the number of messages on the wire, Ready that of claimed messages
	// that have not left.
	Wire  int
	Ready int
	// FrozenUntil is when the bot may send again; zero when it may.
	FrozenUntil time.Time
}

// Status returns what each bot of this process is doing.
func (e *Engine) Status() []BotStatus {
	senders := e.all()
	all := make([]BotStatus, len(senders))
	for i, s := range senders {
		all[i] = s.status()
	}
	return all
}

func (s *sender) status() BotStatus {
	s.mu.Lock()
	defer s.mu.Unlock()
	st := BotStatus{BotID: s.botID, Rate: max(s.fullRate(), 0) * s.adapt.share(), Wire: s.wire}
	for _, r := range s.runs {
		st.Ready += len(r.ready)
	}
	if s.frozen.until.After(s.now()) {
		st.FrozenUntil = s.frozen.until
	}
	return st
}
