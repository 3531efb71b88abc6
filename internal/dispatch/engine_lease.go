package dispatch

import (
	"context"
	"time"

	"bellman/internal/fault"
	"bellman/internal/loop"
	"bellman/internal/outcome"
)

// This file is how the engine holds leases, and starts and ends the senders of
// their bots.

const (
	// leaseTTL is how long a lease is valid after its last renewal, and leaseEvery
	// how often it is renewed: a dead process's bots move to others within leaseTTL
	// and one more round.
	leaseTTL   = 6 * time.Second
	leaseEvery = 2 * time.Second
	// leaseRoom is how long before the lease's end its holder stops using it, so
	// that it never sends at the same time as the next holder.
	leaseRoom = time.Second
)

// holdLeases renews the leases, starts senders for new ones, and ends those whose
// lease is lost or surplus.
func (e *Engine) holdLeases(ctx context.Context) error {
	asked := e.Now()
	// A process that could not renew for so long met an outage of the database.
	// Other processes may have met it too: their leases have expired although they
	// live. They get one round to renew them.
	outage := !e.leased.IsZero() && asked.Sub(e.leased) > leaseTTL
	held, surplus, err := e.Store.HoldLeases(ctx, e.Owner, asked, leaseTTL, !outage)
	if err != nil {
		return err
	}
	e.leased = asked
	e.health.held(asked)
	kept := map[int64]bool{}
	for _, l := range held {
		kept[l.BotID] = true
		e.keep(ctx, l, asked.Add(leaseTTL-leaseRoom))
	}
	for _, s := range e.all() {
		if !kept[s.botID] {
			e.drop(s)
		}
	}
	e.releaseSurplus(ctx, surplus)
	return nil
}

// keep makes sure that the bot of a lease has a sender, if it can have one. A bot
// that was connected anew gets a new sender as soon as the present one has wound up.
func (e *Engine) keep(ctx context.Context, l Lease, until time.Time) {
	s := e.sender(l.BotID)
	if s != nil && s.lease.Epoch != l.Epoch {
		// Another process has held the lease since then, and has accounted for this
		// sender's messages.
		e.drop(s)
		s = nil
	}
	switch {
	case s == nil && len(l.SealedToken) == 0:
		return // the bot was disconnected
	case s == nil:
		var err error
		if s, err = e.start(ctx, l); err != nil {
			e.Log.ErrorContext(ctx, "a bot cannot send", "bot", l.BotID, "error", err)
			return
		}
		if s == nil {
			return
		}
	case s.outdated(l, e.Unseal):
		e.retire(ctx, s, false)
	}
	if l.ClockBack > 0 {
		e.Log.WarnContext(ctx, "the clock was set back: what waits ends earlier by as much", "bot", l.BotID, "by", l.ClockBack)
	}
	s.renew(l, until)
}

// start makes a sender for a lease, after the messages that an earlier sender had
// on the wire are accounted for. It makes none for a bot whose token does not open,
// and pauses it: it needs to be connected again.
func (e *Engine) start(ctx context.Context, l Lease) (*sender, error) {
	unknown, err := e.Store.Adopt(ctx, l.BotID, l.Epoch, e.Now())
	if err != nil {
		return nil, err
	}
	if unknown > 0 {
		e.Log.WarnContext(ctx, "an earlier sender left messages whose fate is unknown", "bot", l.BotID, "messages", unknown)
	}
	token, err := e.Unseal(l.SealedToken, l.TelegramID)
	if fault.KindOf(err) == fault.Unavailable {
		return nil, err
	}
	if err != nil {
		return nil, e.pauseUnreadable(ctx, l, err)
	}
	s := newSender(l, token, e.Config, e.pool, e.wakeStep.Send)
	e.mu.Lock()
	e.senders[l.BotID] = s
	e.mu.Unlock()
	s.start(context.WithoutCancel(ctx))
	return s, nil
}

func (e *Engine) pauseUnreadable(ctx context.Context, l Lease, cause error) error {
	if !l.Active {
		return nil
	}
	if err := e.Store.PauseBot(ctx, e.Owner, l, outcome.TokenUnreadable, e.Now()); err != nil {
		return err
	}
	e.Log.ErrorContext(ctx, "a bot is paused: its token does not open with this secret key", "bot", l.BotID, "error", cause)
	return nil
}

// releaseSurplus gives back as many bots as the process has too many, the most
// recently leased first.
func (e *Engine) releaseSurplus(ctx context.Context, surplus int) {
	senders := e.all()
	for _, s := range senders {
		if s.state() == leaving {
			surplus--
		}
	}
	for i := len(senders) - 1; i >= 0 && surplus > 0; i-- {
		if e.retire(ctx, senders[i], true) {
			surplus--
		}
	}
}

// drop ends a sender and forgets it. Results of calls that are still on the wire
// are discarded.
func (e *Engine) drop(s *sender) {
	s.end()
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.senders[s.botID] == s {
		delete(e.senders, s.botID)
	}
}

// renewUntil renews the leases until the context ends, and takes no others.
func (e *Engine) renewUntil(ctx context.Context) {
	loop.Every(ctx, leaseEvery, nil, func(ctx context.Context) error {
		asked := e.Now()
		err := e.Store.RenewLeases(ctx, e.Owner, asked, leaseTTL)
		if err == nil {
			e.health.held(asked)
		}
		return err
	}, func(err error) { e.complain(ctx, "renew leases", err) })
}

// leave releases the leases and withdraws the process. What is on the wire still is
// accounted for first. Leases of bots whose results are not all written are left to
// expire, so that the next holder adopts them.
func (e *Engine) leave(ctx context.Context) {
	limit, cancel := context.WithTimeout(ctx, leaseRoom)
	defer cancel()
	var settled []Lease
	for _, s := range e.all() {
		e.drop(s)
		if s.settled() || s.unanswered() && e.giveUp(limit, s) {
			settled = append(settled, s.lease)
		}
	}
	if err := e.Store.ReleaseLeases(limit, e.Owner, settled); err != nil {
		e.Log.WarnContext(ctx, "leases are left to expire", "error", err)
	}
	if err := e.Store.LeaveSenders(limit, e.Owner); err != nil {
		e.Log.WarnContext(ctx, "this sender is left to expire", "error", err)
	}
}

// giveUp accounts for the messages of a sender that has ended whose answers a stop
// does not wait for any more, and reports whether it could.
func (e *Engine) giveUp(ctx context.Context, s *sender) bool {
	unknown, err := e.Store.Abandon(ctx, Abandonment{BotID: s.botID, Epoch: s.lease.Epoch, Reason: outcome.StopWaited, Now: e.Now()})
	if err != nil {
		e.Log.WarnContext(ctx, "leases are left to expire", "error", err)
		return false
	}
	e.Log.WarnContext(ctx, "the stop waits no longer for answers: it is unknown whether the messages arrived",
		"bot", s.botID, "messages", unknown)
	return true
}
