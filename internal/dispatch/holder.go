package dispatch

import (
	"context"
	"time"
)

// This file is how the engine holds leases, and starts and ends the senders of
// their bots.

// holdLeases renews the leases, starts senders for new ones and stops those
// that are lost or too many.
func (e *Engine) holdLeases(ctx context.Context) error {
	asked := e.Now()
	// Whoever could not renew for so long met an outage that others may have met
	// too: their leases have run out without their having died. They get a round
	// to come back.
	outage := !e.leased.IsZero() && asked.Sub(e.leased) > leaseTTL
	held, surplus, err := e.Store.HoldLeases(ctx, e.Owner, leaseTTL, !outage)
	if err != nil {
		return err
	}
	e.leased = asked
	valid := asked.Add(leaseTTL - leaseRoom)
	kept := map[int64]bool{}
	for _, l := range held {
		h := e.handle(l.BotID)
		if h != nil && (h.lease.Epoch != l.Epoch || h.outdated(l)) {
			e.retire(ctx, h, l.Epoch)
			h = nil
		}
		if h == nil {
			if h, err = e.start(ctx, l); err != nil {
				e.Log.ErrorContext(ctx, "a bot cannot send", "bot", l.BotID, "error", err)
				continue
			}
		}
		kept[l.BotID] = true
		h.renew(l, valid)
	}
	for _, h := range e.handles() {
		if !kept[h.botID] {
			e.drop(h)
		}
	}
	return e.shed(ctx, surplus)
}

// shed gives up as many bots as the process has too many.
func (e *Engine) shed(ctx context.Context, surplus int) error {
	if surplus <= 0 {
		return nil
	}
	handles := e.handles()
	handles = handles[:min(surplus, len(handles))]
	ids := make([]int64, len(handles))
	for i, h := range handles {
		ids[i] = h.botID
	}
	limit, cancel := context.WithTimeout(ctx, leaseTTL-leaseRoom)
	defer cancel()
	e.settleAll(limit, handles)
	for _, h := range handles {
		e.drop(h)
	}
	return e.Store.ReleaseLeases(ctx, e.Owner, ids)
}

// start makes a sender for a lease, after it has accounted for what an earlier
// one had on the wire.
func (e *Engine) start(ctx context.Context, l Lease) (*senderHandle, error) {
	unknown, err := e.Store.Adopt(ctx, l.BotID, l.Epoch, e.Now())
	if err != nil {
		return nil, err
	}
	if unknown > 0 {
		e.Log.WarnContext(ctx, "an earlier sender left messages whose fate is unknown", "bot", l.BotID, "messages", unknown)
	}
	token, err := e.Unseal(l.SealedToken, l.TelegramID)
	if err != nil {
		return nil, err
	}
	run, stop := context.WithCancel(context.WithoutCancel(ctx))
	h := &senderHandle{
		sender: newSender(l, token, e.Config, e.crew, func() { signal(e.kick) }),
		stop:   stop,
		done:   make(chan struct{}),
	}
	e.mu.Lock()
	e.senders[l.BotID] = h
	e.mu.Unlock()
	go func() {
		defer close(h.done)
		h.drive(run)
	}()
	return h, nil
}

// outdated tells that the bot was connected anew, with another token or server.
func (s *sender) outdated(l Lease) bool {
	return s.apiURL != l.APIURL || string(s.lease.SealedToken) != string(l.SealedToken)
}

// retire ends a sender whose bot stays with this process but has changed.
func (e *Engine) retire(ctx context.Context, h *senderHandle, epoch int64) {
	if h.lease.Epoch == epoch {
		limit, cancel := context.WithTimeout(ctx, leaseTTL-leaseRoom)
		defer cancel()
		e.settleAll(limit, []*senderHandle{h})
	}
	e.drop(h)
}

// drop forgets a sender. Calls that are still on the wire find nobody to tell.
func (e *Engine) drop(h *senderHandle) {
	h.stop()
	<-h.done
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.senders[h.botID] == h {
		delete(e.senders, h.botID)
	}
}

// renewUntil keeps the leases until the context ends.
func (e *Engine) renewUntil(ctx context.Context) {
	tick := time.NewTicker(leaseEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			if err := e.Store.RenewLeases(ctx, e.Owner, leaseTTL); err != nil {
				e.complain(ctx, "renew leases", err)
			}
		}
	}
}

// leave gives the leases up and withdraws the process.
func (e *Engine) leave(ctx context.Context) {
	limit, cancel := context.WithTimeout(ctx, leaseRoom)
	defer cancel()
	var ids []int64
	for _, h := range e.handles() {
		e.drop(h)
		if h.settled() {
			ids = append(ids, h.botID)
		}
	}
	if err := e.Store.ReleaseLeases(limit, e.Owner, ids); err != nil {
		e.Log.WarnContext(ctx, "leases are left to expire", "error", err)
	}
	if err := e.Store.LeaveSenders(limit, e.Owner); err != nil {
		e.Log.WarnContext(ctx, "this sender is left to expire", "error", err)
	}
}
