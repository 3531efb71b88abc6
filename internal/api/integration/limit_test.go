package integration

import (
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"bellman/internal/fault"

	"bellman/internal/api/surface"
)

// spec: rate-limits
func TestLimits(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l := newLimits()
		burst := func(workspaceID int64, p pace) (taken int) {
			for l.take(workspaceID, p) == nil {
				taken++
			}
			return taken
		}
		require.Equal(t, 10, burst(1, paceHistory))
		err := l.take(1, paceHistory)
		require.Equal(t, fault.Limited, fault.KindOf(err))
		require.EqualError(t, err, "Too many requests: at most 10 a second")
		require.Equal(t, 200, burst(1, paceDefault), "a pace of its own is beside the shared one")
		require.Equal(t, 10, burst(2, paceHistory), "workspaces do not share")
		time.Sleep(100 * time.Millisecond)
		require.Equal(t, 1, burst(1, paceHistory), "room comes back evenly")
		time.Sleep(time.Hour)
		require.Equal(t, 10, burst(1, paceHistory), "and is never more than a second's")
	})
}

// TestPaces compares the limits of calls with the vendor's list.
//
// spec: rate-limits
func TestPaces(t *testing.T) {
	t.Parallel()
	own := map[string]int{
		"GET /contacts": 50, "GET /contact/token/{app_uuid}/{token_id}/contactId": 150, "POST /event": 350,
		"POST /past_events": 100, "DELETE /past_events": 5, "PUT /interactions/{iid}/status": 300, "GET /contacts/messages": 10,
	}
	for _, c := range New(surface.Services{}).calls() {
		name := fmt.Sprint(c.method, " ", c.path)
		require.Equal(t, own[name], c.pace.perSecond, name)
		delete(own, name)
	}
	require.Empty(t, own, "calls that are not there")
}
