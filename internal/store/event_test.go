package store_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"bellman/internal/contact"
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
		erase(t, s, ids[0])
		left, err := events.List(t.Context(), 1, event.Filter{Before: 1 << 53, Limit: 10})
		require.NoError(t, err)
		require.Len(t, left, 2)
		require.Zero(t, left[0].ContactID)
		require.Equal(t, ids[1], left[1].ContactID)
	})
}

// Among contacts that share a phone the one that was updated last comes first, also when
// another one of them is named by its id.
func TestHoldersComeInTheOrderOfPreference(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.DB) {
		var ids []int64
		for i, external := range []string{"earlier", "later"} {
			at, phone := start.Add(time.Duration(i)*time.Hour), "+380501112233"
			saved, err := contact.New(s.Contacts, func() time.Time { return at }).
				Save(t.Context(), 1, "", contact.Profile{ExternalCustomerID: &external, Phone: &phone})
			require.NoError(t, err)
			require.Empty(t, saved.LeftOut)
			ids = append(ids, saved.ID)
		}
		found, err := s.Events.Holders(t.Context(), 1, event.Lookup{ContactIDs: ids[:1], Phones: []string{"+380501112233"}})
		require.NoError(t, err)
		var got []int64
		for _, h := range found {
			got = append(got, h.ContactID)
		}
		require.Equal(t, []int64{ids[1], ids[0]}, got)
	})
}
