package dispatch

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestReachFollowsHowLongStepsTake(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		steps []time.Duration // taken in turns, a hundred times
		span  time.Duration   // within 15 ms
	}{
		"no steps yet":      {span: horizon},
		"quick ones":        {steps: []time.Duration{10 * time.Millisecond}, span: horizon},
		"100 ms":            {steps: []time.Duration{100 * time.Millisecond}, span: 240 * time.Millisecond},
		"unlike each other": {steps: []time.Duration{50 * time.Millisecond, 150 * time.Millisecond}, span: 460 * time.Millisecond},
		"longer than it is": {steps: []time.Duration{time.Second}, span: farthest},
		"much longer":       {steps: []time.Duration{time.Hour}, span: farthest},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var r reach
			for range 100 {
				for _, took := range c.steps {
					r.stepped(took)
				}
			}
			require.InDelta(t, c.span, r.span(), float64(15*time.Millisecond))
		})
	}
}

// A database that is far away costs the first claim alone.
func TestReachBelievesTheFirstStep(t *testing.T) {
	t.Parallel()
	var r reach
	r.stepped(200 * time.Millisecond)
	require.Greater(t, r.span(), 400*time.Millisecond)
	require.Less(t, r.span(), farthest)
}

// One slow step is forgotten within thirty quick ones, however slow it was.
func TestReachForgetsASlowStep(t *testing.T) {
	t.Parallel()
	var r reach
	for range 100 {
		r.stepped(4 * time.Millisecond)
	}
	r.stepped(time.Hour)
	require.Greater(t, r.span(), 500*time.Millisecond)
	for range 30 {
		r.stepped(4 * time.Millisecond)
	}
	require.Less(t, r.span(), 2*horizon)
}

// A claim covers what the step before it and its own take, and is asked for as soon
// as the sending of half a horizon is missing.
func TestClaimsCoverSlowSteps(t *testing.T) {
	t.Parallel()
	d := newStand(t, nil)
	r := d.broadcast(1, 1000)
	d.cover(400 * time.Millisecond)
	d.step()
	require.Len(t, r.ready, 13, "30 a second for 400 ms")
	d.takes = 0
	d.take()
	require.Empty(t, d.step().campaigns, "one is not worth a step")
	d.take()
	require.Len(t, r.ready, 11)
	d.step()
	require.Len(t, r.ready, 13)
	d.cover(horizon)
	for len(r.ready) > 0 {
		require.Empty(t, d.step().campaigns, "there are enough")
		d.take()
	}
	d.step()
	require.Len(t, r.ready, 2)
}
