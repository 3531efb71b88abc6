package store_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"bellman/internal/event"
	"bellman/internal/store"
	"bellman/internal/store/storetest"
)

func TestErasedContactsLeaveNoEvents(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.DB) {
		ids := people(t, s, connect(t, s, 5), 2)
		events := event.New(s.Events, now)
		_, err := events.Add(t.Context(), 1, "", []event.Item{
			{Type: "t", Key: "c0"}, {Type: "t", Key: "c1"}, {Type: "u", Key: "c0"}, {Type: "t", Key: "nobody"},
		})
		require.NoError(t, err)
		store.ForgetEventsForTest(t, s, ids[0])
		left, err := events.List(t.Context(), 1, event.Filter{Before: 1 << 53, Limit: 10})
		require.NoError(t, err)
		require.Len(t, left, 2)
		require.Zero(t, left[0].ContactID)
		require.Equal(t, ids[1], left[1].ContactID)
	})
}
