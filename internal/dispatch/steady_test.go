package dispatch

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// A time of the database's is as far away as its clock says, and is reckoned by the
// monotonic clock from then on.
func TestSteady(t *testing.T) {
	t.Parallel()
	require.True(t, steady(time.Time{}, time.Now()).IsZero())
	now := time.Now()
	for _, away := range []time.Duration{-time.Hour, 0, time.Millisecond, 24 * time.Hour} {
		stored := now.Round(0).Add(away)
		require.NotContains(t, stored.String(), " m=")
		got := steady(stored, now)
		require.Equal(t, away, got.Sub(now))
		require.Contains(t, got.String(), " m=")
	}
}

// When the database has moved what waits, the next claim asks for it, although it
// seemed to be an hour away.
func TestClockSetBackMakesTheSenderLookAgain(t *testing.T) {
	t.Parallel()
	d := newStand(t, nil)
	r := d.campaign(Work{CampaignID: 1, Kind: "broadcast", LaidSeq: 3, ClaimedSeq: 3, Waiting: 1})
	r.nextDue = steady(start.Add(time.Hour), d.clock)
	none := d.broadcast(2, 0)
	require.False(t, r.due(d.clock))
	asked := d.asked
	d.renew(d.lease, d.validUntil)
	require.False(t, r.due(d.clock), "an ordinary renewal changes nothing")
	require.Equal(t, asked, d.asked)

	l := d.lease
	l.ClockBack = time.Hour
	d.renew(l, d.validUntil)
	require.True(t, r.due(d.clock))
	require.Greater(t, d.asked, asked)
	require.True(t, none.nextDue.IsZero(), "nothing waits there")
}
