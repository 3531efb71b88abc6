package dispatch

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"bellman/internal/loop"
	"bellman/internal/telegram"
)

// Transport makes the calls.
type Transport interface {
	// Send makes one call that sends a message; it blocks until the call's fate is
	// known.
	Send(apiURL, token, method string, body []byte) telegram.Result
	// SendFiles does the same with files, which it closes. Its result says how
	// Telegram knows them.
	SendFiles(apiURL, token, method string, body []byte, files []telegram.Upload) telegram.Result
	// Call makes a call that sends nothing.
	Call(apiURL, token, method string, body []byte) telegram.Result
}

// sender sends for one bot, under one lease. It is an actor: its own goroutine
// (drive), the calls that return (land) and the engine (collect, deliver, observe,
// renew, retire) act on it under its lock.
type sender struct {
	botID int64
	token string
	// sealed is the token as its lease last had it.
	sealed    []byte
	apiURL    string
	transport Transport
	pool      *pool
	observer  Observer
	log       *slog.Logger
	now       func() time.Time
	// lease is the lease under which the sender was made.
	lease Lease
	// wantStep notifies the engine that the next step has something to do.
	wantStep func()

	// stop ends drive, and done is closed when it has ended.
	stop context.CancelFunc
	done chan struct{}

	mu   sync.Mutex
	life life
	// active is true when Telegram accepts the bot's token, as far as is known.
	active bool
	// validUntil is when the lease ends unless it is renewed, less [leaseRoom].
	validUntil time.Time
	// usual is the installation's limit, rate the bot's at full pace.
	usual float64
	rate  float64
	adapt adapt
	paid  paid
	pace  Pace
	chats chatPace
	runs  []*run
	// guards holds those of triggered campaigns that have suspects: such a campaign
	// comes and goes with its messages.
	guards map[int64]*guard
	// turn is the index of the run that is asked first next time.
	turn int
	wire int
	// taken counts the messages that left, to measure the speed.
	taken int64
	speed speed
	// span is how much sending a claim covers.
	span time.Duration
	// crowd is the number of bots of this process that have something to send.
	crowd int
	// frozen is until when nothing may leave.
	frozen  freeze
	outage  outage
	backoff int
	// report is what the next step writes about the bot; reporting is true while a
	// report is being written.
	report    BotStep
	reporting bool

	wake loop.Signal
	// changed is signalled when a step was written, when nothing is on the wire any
	// more, and when the sender's life changes.
	changed *sync.Cond
}

func newSender(l Lease, token string, c Config, calls *pool, wantStep func()) *sender {
	s := &sender{
		botID: l.BotID, token: token, sealed: l.SealedToken, apiURL: l.APIURL, transport: c.Transport, pool: calls, observer: c.Observe,
		log: c.Log.With("bot", l.BotID), now: c.Now, wantStep: wantStep,
		lease: l, active: l.Active, usual: c.Rate, span: horizon, wake: loop.NewSignal(), guards: map[int64]*guard{},
	}
	s.frozen.until = steady(l.FrozenUntil, s.now())
	s.limit(l)
	s.changed = sync.NewCond(&s.mu)
	return s
}

// wakeUp makes the sender look for something to send.
func (s *sender) wakeUp() { s.wake.Send() }

// start runs drive until [sender.end].
func (s *sender) start(ctx context.Context) {
	run, stop := context.WithCancel(ctx)
	s.stop, s.done = stop, make(chan struct{})
	go func() {
		defer close(s.done)
		s.drive(run)
	}()
}

// drive sends the claimed messages at the bot's pace until the context ends.
func (s *sender) drive(ctx context.Context) {
	timer := time.NewTimer(time.Hour)
	defer timer.Stop()
	for {
		job, wait := s.next()
		switch {
		case job.run != nil:
			s.pool.do(func() { s.send(job) })
			continue
		case job.probe:
			s.pool.do(s.probe)
			continue
		}
		timer.Reset(wait)
		select {
		case <-ctx.Done():
			return
		case <-s.wake:
		case <-timer.C:
		}
	}
}
