package contact_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"bellman/internal/contact"
	"bellman/internal/store"
	"bellman/internal/store/storetest"
)

// A list by update that is read page by page, each behind the last contact of the one
// before, has everybody who stays as they are exactly once, whatever others do
// meanwhile, and the longest untouched first.
//
// spec: contact-sort
func TestListByUpdate(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.DB) {
		b := setup(t, s)
		rapid.Check(t, func(rt *rapid.T) {
			// Few different times, so that many contacts share one.
			tick := time.UnixMilli(1_700_000_000_000)
			b.svc = contact.New(s.Contacts, func() time.Time { return tick })
			clock := func() { tick = tick.Add(time.Duration(rapid.IntRange(0, 1).Draw(rt, "tick")) * time.Millisecond) }
			filter := contact.Filter{FirstName: rapid.StringMatching(`[a-z]{12}`).Draw(rt, "name")}
			touch := func(external string) int64 {
				clock()
				saved, err := b.svc.Save(t.Context(), b.ws.ID, "", contact.Profile{
					ExternalCustomerID: &external, FirstName: &filter.FirstName, LastName: new(rapid.StringMatching(`[a-z]{8}`).Draw(rt, "last")),
				})
				require.NoError(rt, err)
				return saved.ID
			}
			var everybody []string
			ids := map[string]int64{}
			for range rapid.IntRange(1, 12).Draw(rt, "people") {
				external := filter.FirstName + string(rune('a'+len(everybody)))
				everybody = append(everybody, external)
				ids[external] = touch(external)
			}
			still := map[int64]bool{}
			for _, id := range ids {
				still[id] = true
			}
			seen := map[int64]int{}
			span := contact.Span{Limit: rapid.IntRange(1, 4).Draw(rt, "limit")}
			for range 40 {
				page, err := b.svc.List(t.Context(), b.ws, filter, span)
				require.NoError(rt, err)
				for _, c := range page.Contacts {
					seen[c.ID]++
					before := span.After
					require.True(rt, c.UpdatedAt.After(before.UpdatedAt) || c.UpdatedAt.Equal(before.UpdatedAt) && c.ID > before.ID)
					span.After = c.Position()
				}
				if len(page.Contacts) < span.Limit {
					break
				}
				if rapid.Bool().Draw(rt, "somebody changes") {
					id := touch(rapid.SampledFrom(everybody).Draw(rt, "who"))
					delete(still, id)
				}
			}
			for id := range still {
				require.Equal(rt, 1, seen[id])
			}
			for _, id := range ids {
				require.NotZero(rt, seen[id], "whoever changes is read again")
			}
		})
	})
}
