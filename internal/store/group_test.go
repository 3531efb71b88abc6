package store_test

import (
	"fmt"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"bellman/internal/audience"
	"bellman/internal/contact"
	"bellman/internal/store"
	"bellman/internal/store/storetest"
	"bellman/internal/workspace"
)

// people stores n contacts, each with a chat, and returns their ids.
func people(t *testing.T, s *store.DB, botID int64, n int) []int64 {
	t.Helper()
	tokens := make([]contact.Token, n)
	for i := range tokens {
		tokens[i] = contact.Token{ChatID: int64(i + 1), ExternalCustomerID: fmt.Sprint("c", i)}
	}
	var ids []int64
	for page := range slices.Chunk(tokens, 1000) {
		results, err := contact.New(s.Contacts, now).AddTokens(t.Context(), workspace.Workspace{ID: 1}, botID, page)
		require.NoError(t, err)
		for _, r := range results {
			ids = append(ids, r.ContactID)
		}
	}
	return ids
}

// group stores a group with members.
func group(t *testing.T, groups *audience.Service, name string, members ...int64) int64 {
	t.Helper()
	g, err := groups.Create(t.Context(), 1, name)
	require.NoError(t, err)
	require.NoError(t, groups.Join(t.Context(), 1, []string{name}, members))
	return g.ID
}

// Whatever changes a group's members: every page, by offset and by cursor, and the
// number of all are those of a plain list.
func TestMembersModel(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.DB) {
		// More than two blocks.
		everybody := people(t, s, connect(t, s, 5), 2300)
		groups := audience.New(s.Groups, now)
		number := 0
		rapid.Check(t, func(rt *rapid.T) {
			number++
			g, err := groups.Create(t.Context(), 1, fmt.Sprint("g", number))
			require.NoError(rt, err)
			other, err := groups.Create(t.Context(), 1, fmt.Sprint("other ", number))
			require.NoError(rt, err)
			in := map[int64]bool{}
			some := func(rt *rapid.T) []int64 {
				if rapid.Bool().Draw(rt, "many") {
					from := rapid.IntRange(0, len(everybody)-1).Draw(rt, "from")
					return everybody[from:rapid.IntRange(from, len(everybody)).Draw(rt, "to")]
				}
				return rapid.SliceOfN(rapid.SampledFrom(everybody), 0, 5).Draw(rt, "few")
			}
			rt.Repeat(map[string]func(*rapid.T){
				"attach": func(rt *rapid.T) {
					ids, fresh := some(rt), 0
					for _, id := range ids {
						if !in[id] {
							fresh++
						}
						in[id] = true
					}
					got, err := s.Groups.Attach(t.Context(), 1, []int64{g.ID}, slices.Concat(ids, []int64{1 << 40}), now())
					require.NoError(rt, err)
					require.Equal(rt, audience.Change{Changed: fresh, UnknownContactIDs: []int64{1 << 40}}, got)
				},
				"detach": func(rt *rapid.T) {
					ids, gone := some(rt), 0
					for _, id := range ids {
						if in[id] {
							gone++
						}
						delete(in, id)
					}
					got, err := s.Groups.Detach(t.Context(), 1, []int64{g.ID, other.ID}, ids)
					require.NoError(rt, err)
					require.Equal(rt, gone, got.Changed)
				},
				"leave": func(rt *rapid.T) {
					ids := rapid.SliceOfN(rapid.SampledFrom(everybody), 0, 5).Draw(rt, "gone")
					for _, id := range ids {
						delete(in, id)
					}
					s.Groups.LeaveGroupsForTest(rt, t.Context(), ids...)
				},
				"empty": func(rt *rapid.T) {
					if rapid.IntRange(0, 4).Draw(rt, "seldom") > 0 {
						return
					}
					got, err := groups.Detach(t.Context(), 1, g.ID, audience.Who{})
					require.NoError(rt, err)
					require.Equal(rt, len(in), got.Changed)
					clear(in)
				},
				"": func(rt *rapid.T) {
					var want []int64
					for _, id := range everybody {
						if in[id] {
							want = append(want, id)
						}
					}
					slices.Sort(want)
					offset := rapid.IntRange(0, len(want)+2).Draw(rt, "offset")
					page := append([]int64{}, want[min(offset, len(want)):min(offset+7, len(want))]...)
					members := func(p audience.Page) []int64 {
						found, total, err := groups.Members(t.Context(), 1, g.ID, p)
						require.NoError(rt, err)
						require.EqualValues(rt, len(want), total)
						ids := []int64{}
						for _, m := range found {
							ids = append(ids, m.ContactID)
						}
						return ids
					}
					require.Equal(rt, page, members(audience.Page{Offset: int64(offset), Limit: 7}))
					if len(page) > 1 {
						require.Equal(rt, page[1:], members(audience.Page{After: audience.Member{ContactID: page[0]}, Limit: len(page) - 1}))
					}
					slices.Reverse(want)
					page = append([]int64{}, want[min(offset, len(want)):min(offset+7, len(want))]...)
					require.Equal(rt, page, members(audience.Page{Offset: int64(offset), Limit: 7, Descending: true}))
					kept, err := groups.Get(t.Context(), 1, g.ID)
					require.NoError(rt, err)
					require.EqualValues(rt, len(want), kept.Members)
				},
			})
		})
	})
}

// A large group disappears at once and is removed in chunks; the next sweep finds
// what a crash leaves behind.
func TestDeletedGroupsAreSweptInChunks(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.DB) {
		everybody := people(t, s, connect(t, s, 5), 25)
		groups := audience.New(s.Groups, now)
		gone, stays := group(t, groups, "gone", everybody...), group(t, groups, "stays", everybody[:4]...)
		require.NoError(t, s.Groups.Delete(t.Context(), 1, gone, func(audience.Group, []audience.Use) error { return nil }))
		_, err := groups.Get(t.Context(), 1, gone)
		require.ErrorIs(t, err, audience.ErrNotFound)
		_, err = s.Groups.Attach(t.Context(), 1, []int64{gone}, everybody, now())
		require.ErrorIs(t, err, audience.ErrNotFound)
		require.ErrorIs(t, groups.Delete(t.Context(), 1, gone, nil), audience.ErrNotFound)
		of, err := groups.GroupsOf(t.Context(), 1, everybody[:1])
		require.NoError(t, err)
		require.Len(t, of[everybody[0]], 1)

		steps := 0
		for more := true; more; steps++ {
			more, err = s.Groups.Sweep(t.Context(), 10)
			require.NoError(t, err)
		}
		require.Equal(t, 4, steps, "10, 10, 5 and a look")
		left, members, blocks := store.GroupRowsForTest(t, s)
		require.Equal(t, []int{1, 4, 1}, []int{left, members, blocks})
		kept, err := groups.Get(t.Context(), 1, stays)
		require.NoError(t, err)
		require.EqualValues(t, 4, kept.Members)
	})
}
