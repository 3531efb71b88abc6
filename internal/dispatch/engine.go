package dispatch

import (
	"context"
	"log/slog"
	"sync"
	"time"
)

// Config is what an engine is made of.
type Config struct {
	Store     Store
	Transport Transport
	// Unseal opens a bot's token.
	Unseal func(sealed []byte, telegramID int64) (string, error)
	// Compose prepares a campaign's stored content for sending.
	Compose func(content string) (Composer, error)
	// Owner names this process among the senders; it is new at each start.
	Owner string
	// Rate is how many messages a second a bot sends; zero or less lifts the
	// limit.
	Rate float64
	Now  func() time.Time
	Log  *slog.Logger
	// Observe is told what happens; nil for nobody.
	Observe Observer
}

const (
	// leaseTTL is how long a lease outlives its holder's last sign of life, and
	// leaseEvery how often that is given: a dead process's bots move within
	// leaseTTL and one round more.
	leaseTTL   = 6 * time.Second
	leaseEvery = 2 * time.Second
	// leaseRoom is how long before its end a holder stops using a lease, so that
	// it never sends together with the next one.
	leaseRoom = time.Second
	// lookEvery is how often the engine looks for work that nobody announced.
	lookEvery = time.Second
	// stepEvery is the shortest time between two steps: what happens meanwhile
	// shares one transaction.
	stepEvery = 10 * time.Millisecond
	// stepRetry is how long a step that the database did not take waits.
	stepRetry = 200 * time.Millisecond
	// stopWithin is how long a stop waits for what is on the wire.
	stopWithin = 20 * time.Second
)

// Engine sends for every bot that this process leases.
type Engine struct {
	Config
	kick chan struct{}
	look chan struct{}

	mu      sync.Mutex
	senders map[int64]*senderHandle

	// step counts the steps. Only the step's goroutine uses it.
	step int64
	// leased is when the leases were last renewed. Only the look's goroutine uses
	// it.
	leased time.Time
}

// senderHandle is a sender and its goroutine.
type senderHandle struct {
	*sender
	stop context.CancelFunc
	done chan struct{}
}

// New returns an engine; [Engine.Run] starts it.
func New(c Config) *Engine {
	if c.Observe == nil {
		c.Observe = unobserved{}
	}
	return &Engine{Config: c, kick: make(chan struct{}, 1), look: make(chan struct{}, 1), senders: map[int64]*senderHandle{}}
}

// Wake makes the engine look for work now. It does not block.
func (e *Engine) Wake() { signal(e.look) }

func signal(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}

// Run sends until the context ends, then finishes what is on the wire (for at
// most 20 s), settles it and releases the leases.
func (e *Engine) Run(ctx context.Context) {
	stepping, stopStepping := context.WithCancel(context.WithoutCancel(ctx))
	stepped := make(chan struct{})
	go func() {
		defer close(stepped)
		e.stepLoop(stepping)
	}()
	e.lookLoop(ctx)
	e.drain(context.WithoutCancel(ctx))
	stopStepping()
	<-stepped
	e.leave(context.WithoutCancel(ctx))
}

// lookLoop keeps the leases and looks for campaigns.
func (e *Engine) lookLoop(ctx context.Context) {
	tick := time.NewTicker(lookEvery)
	defer tick.Stop()
	for {
		if e.Now().Sub(e.leased) >= leaseEvery {
			if err := e.holdLeases(ctx); err != nil {
				e.complain(ctx, "renew leases", err)
			}
		}
		if err := e.lookForWork(ctx); err != nil {
			e.complain(ctx, "look for work", err)
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		case <-e.look:
		}
	}
}

func (e *Engine) complain(ctx context.Context, doing string, err error) {
	if ctx.Err() == nil {
		e.Log.ErrorContext(ctx, "the database does not answer", "doing", doing, "error", err)
	}
}

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
		sender: newSender(l, token, e.Config, func() { signal(e.kick) }),
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

// settleAll drains the senders and waits until the step has written what they
// had to tell, or the context ends.
func (e *Engine) settleAll(ctx context.Context, handles []*senderHandle) {
	var wait sync.WaitGroup
	for _, h := range handles {
		wait.Go(func() { h.drain(ctx) })
	}
	wait.Wait()
	for _, h := range handles {
		for !h.settled() && ctx.Err() == nil {
			signal(e.kick)
			pause(ctx, stepEvery)
		}
	}
}

// settled tells that nothing of the sender is left to be written.
func (s *sender) settled() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, r := range s.runs {
		if !r.idle() {
			return false
		}
	}
	return s.report == (BotStep{})
}

// drain finishes what is on the wire, of all bots at once.
func (e *Engine) drain(ctx context.Context) {
	limit, cancel := context.WithTimeout(ctx, stopWithin)
	defer cancel()
	go e.renewUntil(limit)
	e.settleAll(limit, e.handles())
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

func (e *Engine) handle(botID int64) *senderHandle {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.senders[botID]
}

func (e *Engine) handles() []*senderHandle {
	e.mu.Lock()
	defer e.mu.Unlock()
	all := make([]*senderHandle, 0, len(e.senders))
	for _, h := range e.senders {
		all = append(all, h)
	}
	return all
}

// lookForWork tells each sender what its campaigns look like.
func (e *Engine) lookForWork(ctx context.Context) error {
	work, err := e.Store.Work(ctx, e.Owner)
	if err != nil {
		return err
	}
	perBot := map[int64][]Work{}
	for _, w := range work {
		perBot[w.BotID] = append(perBot[w.BotID], w)
	}
	for _, h := range e.handles() {
		if err := e.observe(ctx, h, perBot[h.botID], len(perBot)); err != nil {
			return err
		}
	}
	return nil
}

func (e *Engine) observe(ctx context.Context, h *senderHandle, work []Work, crowd int) error {
	runs := map[int64]*run{}
	var current []Work
	leaving := false
	for _, w := range work {
		r, stopped := h.find(w.CampaignID)
		switch {
		case stopped:
			// It leaves first: what it still has to write belongs before what comes.
			leaving = true
			continue
		case r == nil && w.Epoch < h.lease.Epoch:
			if _, err := e.Store.Adopt(ctx, h.botID, h.lease.Epoch, e.Now()); err != nil {
				return err
			}
			signal(e.look)
			continue
		case r == nil && w.Epoch > h.lease.Epoch:
			continue
		case r == nil:
			compose, err := e.Compose(w.Content)
			if err != nil {
				e.Log.ErrorContext(ctx, "a campaign's content cannot be read", "campaign", w.CampaignID, "error", err)
				continue
			}
			r = newRun(w, compose)
			h.add(r)
		}
		runs[w.CampaignID] = r
		current = append(current, w)
	}
	if left := h.sender.observe(current, runs, crowd); left && leaving {
		e.Wake()
	}
	return nil
}

// stepLoop runs a step whenever there is something to write or claim.
func (e *Engine) stepLoop(ctx context.Context) {
	due := time.NewTimer(time.Hour)
	defer due.Stop()
	for {
		due.Reset(e.untilDue())
		select {
		case <-ctx.Done():
			return
		case <-e.kick:
		case <-due.C:
		}
		e.stepOnce(ctx)
		pause(ctx, stepEvery)
	}
}

// untilDue returns how long it is until the next deferral is due.
func (e *Engine) untilDue() time.Duration {
	now := e.Now()
	wait := time.Hour
	for _, h := range e.handles() {
		if at := h.nextDue(now); !at.IsZero() {
			wait = min(wait, at.Sub(now))
		}
	}
	return max(wait, time.Millisecond)
}

// stepOnce writes and claims for all bots in one transaction. What it took
// from the senders is written sooner or later: it is tried until the database
// takes it, or the process ends.
func (e *Engine) stepOnce(ctx context.Context) {
	now := e.Now()
	e.step++
	s := Step{Owner: e.Owner, Number: e.step, Now: now}
	var (
		runs    []*run
		senders []*senderHandle
	)
	for _, h := range e.handles() {
		steps, of, report := h.collect(now)
		s.Campaigns = append(s.Campaigns, steps...)
		runs = append(runs, of...)
		for range steps {
			senders = append(senders, h)
		}
		if report != nil {
			s.Bots = append(s.Bots, *report)
		}
	}
	if len(s.Campaigns) == 0 && len(s.Bots) == 0 {
		e.step--
		return
	}
	claimed, ok := e.write(ctx, s)
	if !ok {
		return
	}
	e.observeStep(s, claimed, e.Now().Sub(now))
	for i, c := range claimed {
		if c.Fenced {
			e.Log.WarnContext(ctx, "another process has taken the bot over", "bot", s.Campaigns[i].BotID, "campaign", c.CampaignID)
		}
		senders[i].deliver(s.Campaigns[i], runs[i], c, e.Now())
	}
}

func (e *Engine) observeStep(s Step, claimed []Claimed, took time.Duration) {
	var settled, deferred, taken int
	for i, c := range s.Campaigns {
		settled += len(c.Outcomes)
		deferred += len(c.Deferrals)
		taken += len(claimed[i].Recipients)
	}
	e.Observe.Stepped(settled, deferred, taken, took)
}

// write repeats the step until it is in the database.
func (e *Engine) write(ctx context.Context, s Step) ([]Claimed, bool) {
	for {
		claimed, err := e.Store.Step(ctx, s)
		if err == nil {
			return claimed, true
		}
		if ctx.Err() != nil {
			e.Log.ErrorContext(ctx, "results could not be written; their recipients will be unknown", "error", err)
			return nil, false
		}
		e.Log.ErrorContext(ctx, "the database did not take a step; trying again", "error", err)
		pause(ctx, stepRetry)
	}
}

// pause waits, or returns early when the context ends.
func pause(ctx context.Context, d time.Duration) {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
	case <-t.C:
	}
}
