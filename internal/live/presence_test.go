package live

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
)

// Whoever has a thing open is known to the others who have it, in every process, as long
// as they say so.
func TestVisitorsKnowOfEachOther(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		o := &tower{sight: Sight{}}
		here, there := o.hub("a"), o.hub("b")
		var running sync.WaitGroup
		ctx, stop := context.WithCancel(t.Context())
		for _, h := range []*Hub{here, there} {
			running.Go(func() { h.Run(ctx) })
		}
		synctest.Wait()
		letter, other := Change{Message, "7"}, Change{Message, "8"}
		anna, ivan := Visitor{1, "Anna"}, Visitor{2, "Ivan"}
		require.Empty(t, here.Visit(1, letter, anna))
		require.Empty(t, here.Visit(1, letter, anna), "oneself is no other")
		require.Equal(t, []Visitor{anna}, here.Visit(1, letter, ivan))
		require.Empty(t, here.Visit(1, other, ivan), "another thing")
		require.Empty(t, here.Visit(2, letter, ivan), "another workspace")
		time.Sleep(2 * beat)
		require.Equal(t, []Visitor{anna, ivan}, there.Visit(1, letter, Visitor{3, "Olha"}))
		time.Sleep(stays)
		require.Equal(t, []Visitor{{3, "Olha"}}, there.Visit(1, letter, anna), "who says nothing any more has left")
		time.Sleep(stays + time.Second)
		require.Empty(t, there.Visit(1, letter, anna))
		stop()
		running.Wait()
	})
}

// However many say where they are, a process remembers a bounded number, and what it tells
// the others fits into what PostgreSQL takes.
func TestVisitsAreBounded(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		o := &tower{sight: Sight{}}
		h := o.hub("a")
		for id := range int64(mostVisits + 100) {
			h.Visit(1, Change{Message, fmt.Sprint(id)}, Visitor{id, strings.Repeat("\u2028", 100)})
		}
		require.Len(t, h.visits.at, mostVisits)
		require.Len(t, h.visited, mostVisits)
		require.NoError(t, h.say(t.Context()))
		for _, size := range o.said {
			require.Less(t, size, 8000)
		}
		time.Sleep(stays + time.Second)
		h.Visit(1, Change{Message, "1"}, Visitor{1, "Anna"})
		require.Len(t, h.visits.at, 1)
	})
	var nobody *Hub
	require.Empty(t, nobody.Visit(1, Change{Message, "1"}, Visitor{1, "Anna"}))
}
