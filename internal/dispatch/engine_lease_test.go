package dispatch

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"bellman/internal/fault"
	"bellman/internal/outcome"
)

// registry is a store of leases, without campaigns.
type registry struct {
	mu      sync.Mutex
	held    []Lease
	surplus int
	unknown int64
	// broken names the call that the database fails.
	broken string

	began time.Time
	// asked holds the times at which leases were renewed; took holds, for each,
	// whether free leases might be taken.
	asked    []time.Duration
	took     []bool
	adopted  []int64
	released []Lease
	// renewals take renewTakes; late is how many ended after the process had left.
	renewed    int
	renewTakes time.Duration
	late       int
	left       int
	paused     []string
}

var errSilent = errors.New("no connection")

func (r *registry) says(call string) error {
	if r.broken == call {
		return errSilent
	}
	return nil
}

func (r *registry) HoldLeases(_ context.Context, _ string, _ time.Time, _ time.Duration, take bool) ([]Lease, int, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.asked, r.took = append(r.asked, time.Since(r.began)), append(r.took, take)
	return slices.Clone(r.held), r.surplus, r.says("hold")
}

func (r *registry) RenewLeases(context.Context, string, time.Time, time.Duration) error {
	time.Sleep(r.renewTakes)
	r.mu.Lock()
	defer r.mu.Unlock()
	r.renewed++
	r.late += r.left
	return nil
}

func (r *registry) ReleaseLeases(_ context.Context, _ string, leases []Lease) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.released = append(r.released, leases...)
	return r.says("release")
}

func (r *registry) LeaveSenders(context.Context, string) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.left++
	return r.says("leave")
}

func (r *registry) Work(context.Context, string) ([]Work, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return nil, r.says("work")
}

func (r *registry) NextDue(context.Context, int64) (time.Time, error) {
	return time.Time{}, r.says("due")
}

func (r *registry) Adopt(_ context.Context, botID, _ int64, _ time.Time) (int64, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.adopted = append(r.adopted, botID)
	return r.unknown, r.says("adopt")
}

func (r *registry) Abandon(context.Context, Abandonment) (int64, error) { return 0, r.says("abandon") }

func (r *registry) PauseBot(_ context.Context, _ string, l Lease, reason outcome.Reason, _ time.Time) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.paused = append(r.paused, string(reason))
	for i := range r.held {
		if r.held[i].BotID == l.BotID {
			r.held[i].Active = false
		}
	}
	return r.says("pause")
}

func (r *registry) Step(_ context.Context, s Step) ([]Claimed, error) {
	return make([]Claimed, len(s.Campaigns)), nil
}

// set changes what the registry answers from now on, and lets the next renewal
// come.
func (r *registry) set(change func()) {
	r.mu.Lock()
	change()
	r.mu.Unlock()
	r.sleep(leaseEvery)
}

// sleep lets time pass for the engine. What the test has read of the registry comes
// before what the engine does then, and what it reads next comes after.
func (r *registry) sleep(d time.Duration) {
	r.pass()
	time.Sleep(d)
	synctest.Wait()
	r.pass()
}

// pass orders the test with the engine.
func (r *registry) pass() {
	r.mu.Lock()
	defer r.mu.Unlock()
}

// leasing runs test beside an engine over the registry.
func leasing(t *testing.T, r *registry, test func(t *testing.T, e *Engine, stop func(), log *strings.Builder)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		log := &strings.Builder{}
		r.began = time.Now()
		e := New(Config{
			Store: r, Owner: "p", Rate: 30, Now: time.Now, Log: slog.New(slog.NewTextHandler(log, nil)),
			Unseal: func(sealed []byte, _ int64) (string, error) {
				switch string(sealed) {
				case "foreign":
					return "", errors.New("it was sealed under another key")
				case "later":
					return "", fault.New(fault.Unavailable, "later", "the key cannot be read at the moment")
				}
				return string(sealed), nil
			},
		})
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan struct{})
		go func() {
			defer close(done)
			e.Run(ctx)
		}()
		stop := sync.OnceFunc(func() {
			r.pass()
			cancel()
			<-done
		})
		synctest.Wait()
		r.pass()
		test(t, e, stop, log)
		stop()
	})
}

// bots returns the bots that the engine sends for.
func bots(e *Engine) (ids []int64) {
	for _, s := range e.Status() {
		ids = append(ids, s.BotID)
	}
	return ids
}

// lease returns the lease of an active bot.
func lease(id int64) Lease { return Lease{BotID: id, Epoch: 1, Active: true, SealedToken: []byte("t")} }

// Leases are renewed every two seconds, however often the engine is woken.
func TestLeasesAreRenewedEveryTwoSeconds(t *testing.T) {
	t.Parallel()
	r := &registry{held: []Lease{lease(1)}}
	leasing(t, r, func(t *testing.T, e *Engine, stop func(), log *strings.Builder) {
		for range 70 {
			e.Wake()
			r.sleep(100 * time.Millisecond)
		}
		require.Equal(t, []time.Duration{0, 2 * time.Second, 4 * time.Second, 6 * time.Second}, r.asked)
		require.NotContains(t, r.took, false)
		require.Equal(t, []int64{1}, bots(e))
		require.Equal(t, []int64{1}, r.adopted)
		stop()
		require.Len(t, r.released, 1, "what is settled is given back")
		require.Equal(t, 1, r.left)
		require.Empty(t, bots(e))
		require.Empty(t, log.String())
	})
}

// A process that could not renew for as long as a lease lasts takes no free leases
// at first: other processes may have met the same outage, and get a round to renew.
func TestNoLeasesAreTakenAfterAnOutage(t *testing.T) {
	t.Parallel()
	r := &registry{}
	leasing(t, r, func(t *testing.T, _ *Engine, _ func(), log *strings.Builder) {
		r.set(func() { r.broken = "hold" })
		require.Contains(t, log.String(), "renew leases")
		r.sleep(leaseTTL)
		r.set(func() { r.broken = "" })
		r.sleep(leaseEvery)
		i := slices.Index(r.took, false)
		require.Greater(t, r.asked[i], leaseTTL, "what is asked once so long has passed")
		require.True(t, r.took[len(r.took)-1])
	})
}

// A sender ends with its lease, and a new epoch brings a new sender.
func TestSendersFollowTheirLeases(t *testing.T) {
	t.Parallel()
	r := &registry{held: []Lease{lease(1), lease(2)}, unknown: 3}
	leasing(t, r, func(t *testing.T, e *Engine, _ func(), log *strings.Builder) {
		require.Equal(t, []int64{1, 2}, bots(e))
		require.Contains(t, log.String(), "messages=3")
		first := e.sender(1)
		r.set(func() { r.held = []Lease{lease(1)} })
		require.Equal(t, []int64{1}, bots(e))
		require.Same(t, first, e.sender(1))
		r.set(func() { r.held[0].Epoch = 2 })
		require.NotSame(t, first, e.sender(1))
		require.Equal(t, gone, first.state())
		require.Equal(t, []int64{1, 2, 1}, r.adopted)
		second := e.sender(1)
		r.set(func() { r.held[0].SealedToken = []byte("another") })
		require.NotSame(t, second, e.sender(1))
		require.Equal(t, "another", e.sender(1).token)
		require.Empty(t, r.released, "the next sender goes on under the same lease")
	})
}

// Nothing is sent for a bot whose token cannot be unsealed, or whose messages
// cannot be accounted for; the other bots are sent for.
func TestBotThatCannotSend(t *testing.T) {
	t.Parallel()
	foreign := lease(2)
	foreign.SealedToken = []byte("foreign")
	r := &registry{held: []Lease{lease(1), foreign, lease(3)}}
	leasing(t, r, func(t *testing.T, e *Engine, _ func(), log *strings.Builder) {
		require.Equal(t, []int64{1, 3}, bots(e))
		require.Contains(t, log.String(), "another key")
		r.set(func() {})
		require.Equal(t, []string{"token_unreadable"}, r.paused, "it is paused once")
		require.Equal(t, 1, strings.Count(log.String(), "another key"), "and logged once")
		r.set(func() { r.held[2], r.broken = lease(4), "adopt" })
		require.Equal(t, []int64{1}, bots(e))
		r.set(func() { r.broken = "" })
		require.Equal(t, []int64{1, 4}, bots(e))
	})
}

// A bot whose token is under a key that this process cannot read at the moment waits, and
// is not paused.
func TestBotWhoseKeyCannotBeRead(t *testing.T) {
	t.Parallel()
	later := lease(1)
	later.SealedToken = []byte("later")
	r := &registry{held: []Lease{later}}
	leasing(t, r, func(t *testing.T, e *Engine, _ func(), log *strings.Builder) {
		require.Empty(t, bots(e))
		require.Contains(t, log.String(), "cannot be read at the moment")
		r.set(func() { r.held[0] = lease(1) })
		require.Equal(t, []int64{1}, bots(e))
		require.Empty(t, r.paused)
	})
}

// A surplus bot is given back once: the one that was leased last.
func TestSurplusIsGivenBack(t *testing.T) {
	t.Parallel()
	r := &registry{held: []Lease{lease(1), lease(2), lease(3)}, surplus: 1, broken: "release"}
	leasing(t, r, func(t *testing.T, e *Engine, _ func(), log *strings.Builder) {
		r.set(func() {})
		require.Contains(t, log.String(), "give a lease back")
		require.Equal(t, leaving, e.sender(3).state(), "it stays until the database has taken its lease back")
		require.Equal(t, sending, e.sender(2).state())
		r.mu.Lock()
		r.released = nil
		r.mu.Unlock()
		r.set(func() { r.broken, r.surplus, r.held = "", 0, r.held[:2] })
		require.Len(t, r.released, 1)
		require.EqualValues(t, 3, r.released[0].BotID)
		require.Equal(t, []int64{1, 2}, bots(e))
	})
}

// A stop logs what it cannot write, and does not wait for it.
func TestStopLogsLeasesLeftToExpire(t *testing.T) {
	t.Parallel()
	for call, words := range map[string]string{"release": "leases are left to expire", "leave": "this sender is left to expire"} {
		r := &registry{held: []Lease{lease(1)}, broken: call}
		leasing(t, r, func(t *testing.T, _ *Engine, stop func(), log *strings.Builder) {
			stop()
			require.Contains(t, log.String(), words)
		})
	}
	r := &registry{broken: "work"}
	leasing(t, r, func(t *testing.T, _ *Engine, _ func(), log *strings.Builder) {
		require.Contains(t, log.String(), "look for work")
	})
}
