package dispatch

import (
	"cmp"
	"context"
	"log/slog"
	"maps"
	"slices"
	"sync"
	"time"

	"bellman/internal/loop"
)

// Config is what an engine needs.
type Config struct {
	Store     Store
	Transport Transport
	// Unseal opens a bot's token. A fault that is Unavailable may pass; with any other error
	// the bot has to be connected again.
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
	// Observe is notified of what happens; nil when nobody observes.
	Observe Observer
}

const (
	// lookEvery is how often the engine looks for work of which no wake-up came.
	lookEvery = time.Second
	// stopWithin is how long a stop waits for the calls on the wire.
	stopWithin = 20 * time.Second
)

// Engine sends for every bot that this process leases: an actor with two
// goroutines of its own, one that keeps the leases and looks for campaigns, one
// that runs the step. It has a sender per bot.
type Engine struct {
	Config
	// wakeStep, wakeLook and wakeLeases make the engine's goroutines work before
	// their next regular time.
	wakeStep, wakeLook, wakeLeases loop.Signal
	pool                           *pool
	// retiring are the goroutines that wind senders up.
	retiring sync.WaitGroup

	mu sync.Mutex
	// senders holds the senders by their bots' ids.
	senders map[int64]*sender

	health health

	// step counts the steps, and reach follows how long they take. Only the step's
	// goroutine uses them.
	step  int64
	reach reach
	// leased is when the leases were last renewed. Only the goroutine of lookLoop
	// uses it.
	leased time.Time
}

// New returns an engine; [Engine.Run] starts it.
func New(c Config) *Engine {
	if c.Observe == nil {
		c.Observe = unobserved{}
	}
	return &Engine{
		Config: c, pool: newPool(), senders: map[int64]*sender{},
		wakeStep: loop.NewSignal(), wakeLook: loop.NewSignal(), wakeLeases: loop.NewSignal(),
	}
}

// Wake makes the engine look for work now. It does not block.
func (e *Engine) Wake() { e.wakeLook.Send() }

// Run sends until the context ends, then finishes what is on the wire (for at
// most 20 s), settles it and releases the leases.
func (e *Engine) Run(ctx context.Context) {
	e.health.begin(e.Now())
	defer e.health.end()
	after := context.WithoutCancel(ctx)
	stepping, stopStepping := context.WithCancel(after)
	stepped := make(chan struct{})
	go func() {
		defer close(stepped)
		e.stepLoop(stepping)
	}()
	e.lookLoop(ctx)
	e.retiring.Wait()
	e.settle(after)
	stopStepping()
	<-stepped
	e.leave(after)
	e.pool.close()
}

// lookLoop keeps the leases and looks for campaigns. Nothing in it waits for
// Telegram: a pause here would silence every bot of the process.
func (e *Engine) lookLoop(ctx context.Context) {
	tick := time.NewTicker(lookEvery)
	defer tick.Stop()
	due := true
	for {
		if due || e.Now().Sub(e.leased) >= leaseEvery {
			if err := e.holdLeases(ctx); err != nil {
				e.complain(ctx, "renew leases", err)
			}
		}
		if err := e.lookForWork(ctx); err != nil {
			e.complain(ctx, "look for work", err)
		}
		due = false
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		case <-e.wakeLook:
		case <-e.wakeLeases:
			due = true
		}
	}
}

func (e *Engine) complain(ctx context.Context, doing string, err error) {
	if ctx.Err() == nil {
		e.Log.ErrorContext(ctx, "the database does not answer", "doing", doing, "error", err)
	}
}

// sender returns the bot's sender, nil when there is none.
func (e *Engine) sender(botID int64) *sender {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.senders[botID]
}

// all returns the senders in the order of their bots' ids.
func (e *Engine) all() []*sender {
	e.mu.Lock()
	defer e.mu.Unlock()
	return slices.SortedFunc(maps.Values(e.senders), func(a, b *sender) int { return cmp.Compare(a.botID, b.botID) })
}
