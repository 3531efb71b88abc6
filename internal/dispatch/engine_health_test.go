package dispatch

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"bellman/internal/fault"
)

// A process that cannot renew its leases, or whose step is not taken, says so once a
// lease would be over, and until the database takes it.
func TestReadySaysWhenNothingCanBeSent(t *testing.T) {
	t.Parallel()
	r := &registry{held: []Lease{lease(1)}}
	leasing(t, r, func(t *testing.T, e *Engine, stop func(), _ *strings.Builder) {
		require.NoError(t, e.Ready())
		r.set(func() { r.broken = "hold" })
		r.sleep(leaseTTL - leaseEvery)
		require.NoError(t, e.Ready(), "the lease is not over yet")
		r.sleep(leaseEvery)
		err := e.Ready()
		require.True(t, fault.Is(err, "dispatch_stalled"))
		require.ErrorContains(t, err, "the leases of the bots could not be renewed for 8 s")
		r.set(func() { r.broken = "" })
		require.NoError(t, e.Ready())

		e.health.stepping(time.Now())
		r.sleep(leaseTTL)
		require.NoError(t, e.Ready())
		r.sleep(time.Second)
		require.ErrorContains(t, e.Ready(), "what was sent could not be written down for 7 s")
		e.health.stepping(time.Time{})
		require.NoError(t, e.Ready())

		stop()
		r.sleep(time.Minute)
		require.NoError(t, e.Ready(), "one that has stopped sends nothing, and has no word on the database")
	})
}

// A renewal that is under way when a process stops ends before it leaves: it would announce it again, and say that its leases
// are held.
func TestNothingIsRenewedAfterAStop(t *testing.T) {
	t.Parallel()
	r := &registry{held: []Lease{lease(1)}, renewTakes: time.Second}
	leasing(t, r, func(t *testing.T, e *Engine, stop func(), _ *strings.Builder) {
		stop()
		r.sleep(time.Minute)
		require.Equal(t, 1, r.renewed)
		require.Equal(t, 1, r.left)
		require.Zero(t, r.late)
		require.NoError(t, e.Ready())
	})
}

// The step under way counts until it is taken.
func TestAStepThatIsNotTakenIsSeen(t *testing.T) {
	t.Parallel()
	d := newStand(t, nil)
	d.broadcast(1, 100)
	d.clock = d.clock.Add(time.Second)
	slow := &slowSteps{}
	e := New(Config{Store: slow, Now: func() time.Time { return d.clock }, Log: d.log})
	e.senders[d.botID] = d.sender
	slow.during = func() {
		d.clock = d.clock.Add(time.Minute)
		require.ErrorContains(t, e.Ready(), "what was sent could not be written down for 60 s")
	}
	e.stepOnce(t.Context())
	require.Equal(t, 1, slow.steps)
	require.NoError(t, e.Ready())
}

// slowSteps is a store in whose steps something happens.
type slowSteps struct {
	registry

	steps  int
	during func()
}

func (s *slowSteps) Step(ctx context.Context, step Step) ([]Claimed, error) {
	s.steps++
	s.during()
	return s.registry.Step(ctx, step)
}
