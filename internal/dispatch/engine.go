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
	// Links makes the addresses under which clicks are counted; nil leaves links
	// as they are written.
	Links Links
	// Files are the files of messages; nil when there are none.
	Files Files
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
	crew *crew

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
	return &Engine{Config: c, kick: make(chan struct{}, 1), look: make(chan struct{}, 1), crew: newCrew(), senders: map[int64]*senderHandle{}}
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
	e.crew.dismiss()
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
