package audience_test

import (
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"bellman/internal/audience"
	"bellman/internal/contact"
	"bellman/internal/fault"
	"bellman/internal/store"
	"bellman/internal/store/storetest"
)

var start = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)

func now() time.Time { return start }

// people stores contacts C-0, C-1, … and returns their ids.
func people(t *testing.T, s *store.DB, n int) []int64 {
	t.Helper()
	ids := make([]int64, n)
	for i := range ids {
		external := fmt.Sprint("C-", i)
		c, err := contact.New(s.Contacts, now).Save(t.Context(), 1, "", contact.Profile{ExternalCustomerID: &external})
		require.NoError(t, err)
		ids[i] = c.ID
	}
	return ids
}

func TestGroups(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.DB) {
		groups := audience.New(s.Groups, now)
		vip, err := groups.Create(t.Context(), 1, "  Київ VIP ")
		require.NoError(t, err)
		require.Equal(t, audience.Group{ID: vip.ID, WorkspaceID: 1, Name: "Київ VIP", CreatedAt: start}, vip)
		got, err := groups.Get(t.Context(), 1, vip.ID)
		require.NoError(t, err)
		require.Equal(t, vip, got)
		_, err = groups.Get(t.Context(), 2, vip.ID)
		require.ErrorIs(t, err, audience.ErrNotFound)

		// A name is taken in any case, in any script.
		_, err = groups.Create(t.Context(), 1, "КИЇВ vip")
		require.ErrorIs(t, err, audience.ErrNameTaken)
		for _, name := range []string{"", " ", string(make([]rune, 201)), "a\x00"} {
			_, err := groups.Create(t.Context(), 1, name)
			require.True(t, fault.Is(err, "name_invalid"), "%q", name)
			_, err = groups.Rename(t.Context(), 1, vip.ID, name, nil)
			require.True(t, fault.Is(err, "name_invalid"), "%q", name)
		}

		// Names are created once, and found in another case.
		ids, err := groups.Ensure(t.Context(), 1, []string{"new", "київ VIP", "New", "50%_off\\"})
		require.NoError(t, err)
		require.Equal(t, vip.ID, ids[1])
		require.Equal(t, ids[0], ids[2])
		again, err := groups.Ensure(t.Context(), 1, []string{"NEW", "50%_OFF\\"})
		require.NoError(t, err)
		require.Equal(t, []int64{ids[0], ids[3]}, again)
		none, err := groups.Ensure(t.Context(), 1, nil)
		require.NoError(t, err)
		require.Empty(t, none)

		list := func(f audience.Filter) (ids []int64) {
			t.Helper()
			if f.Limit == 0 {
				f.Limit = 10
			}
			all, err := groups.List(t.Context(), 1, f)
			require.NoError(t, err)
			for _, g := range all {
				ids = append(ids, g.ID)
			}
			return ids
		}
		all := list(audience.Filter{})
		require.Len(t, all, 3)
		require.True(t, slices.IsSorted(all))
		require.Equal(t, all[1:2], list(audience.Filter{Offset: 1, Limit: 1}))
		require.Equal(t, all[1:], list(audience.Filter{After: audience.Group{ID: all[0]}}))
		require.Equal(t, []int64{vip.ID}, list(audience.Filter{Name: "КИЇВ"}))
		require.Equal(t, []int64{ids[3]}, list(audience.Filter{Name: "%_"}))
		require.Equal(t, []int64{ids[3]}, list(audience.Filter{Name: `\`}))
		require.Empty(t, list(audience.Filter{Name: "5__"}))
		require.Empty(t, list(audience.Filter{Name: "\xff"}))
		require.Empty(t, list(audience.Filter{Name: "a\x00"}))

		// A new name, or the old one in another case.
		_, err = groups.Rename(t.Context(), 1, vip.ID, "NEW", nil)
		require.True(t, fault.Is(err, "group_name_taken"), err)
		renamed, err := groups.Rename(t.Context(), 1, vip.ID, "київ vip", nil)
		require.NoError(t, err)
		require.Equal(t, "київ vip", renamed.Name)
		_, err = groups.Rename(t.Context(), 1, 77, "other", nil)
		require.ErrorIs(t, err, audience.ErrNotFound)

		// A deleted group leaves its name free.
		require.NoError(t, groups.Delete(t.Context(), 1, vip.ID, nil))
		require.ErrorIs(t, groups.Delete(t.Context(), 1, vip.ID, nil), audience.ErrNotFound)
		fresh, err := groups.Create(t.Context(), 1, "Київ VIP")
		require.NoError(t, err)
		require.NotEqual(t, vip.ID, fresh.ID)
	})
}

// spec: group-one-kind group-detach-all
func TestAttachAndDetach(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.DB) {
		ids := people(t, s, 5)
		groups := audience.New(s.Groups, now)
		g, err := groups.Create(t.Context(), 1, "g")
		require.NoError(t, err)
		members := func() []int64 {
			t.Helper()
			all, total, err := groups.Members(t.Context(), 1, g.ID, audience.Page{Limit: 100})
			require.NoError(t, err)
			require.EqualValues(t, len(all), total)
			return idsOf(all)
		}

		got, err := groups.Attach(t.Context(), 1, g.ID, audience.Who{ContactIDs: []int64{ids[0], ids[1], ids[1], 777}})
		require.NoError(t, err)
		require.Equal(t, audience.Change{Changed: 2, UnknownContactIDs: []int64{777}}, got)
		got, err = groups.Attach(t.Context(), 1, g.ID, audience.Who{ExternalCustomerIDs: []string{"C-1", "C-2", "nobody"}})
		require.NoError(t, err)
		require.Equal(t, audience.Change{Changed: 1, UnknownExternalCustomerIDs: []string{"nobody"}}, got)
		require.Equal(t, ids[:3], members())

		got, err = groups.Detach(t.Context(), 1, g.ID, audience.Who{ExternalCustomerIDs: []string{"C-0", "C-4", "nobody"}})
		require.NoError(t, err)
		require.Equal(t, audience.Change{Changed: 1, UnknownExternalCustomerIDs: []string{"nobody"}}, got)
		require.Equal(t, ids[1:3], members())
		// A list of unknown contacts only does not mean "all members".
		got, err = groups.Detach(t.Context(), 1, g.ID, audience.Who{ExternalCustomerIDs: []string{"nobody"}})
		require.NoError(t, err)
		require.Zero(t, got.Changed)
		require.Equal(t, ids[1:3], members())
		got, err = groups.Detach(t.Context(), 1, g.ID, audience.Who{})
		require.NoError(t, err)
		require.Equal(t, 2, got.Changed)
		require.Empty(t, members())

		other, err := groups.Create(t.Context(), 1, "other")
		require.NoError(t, err)
		got, err = s.Groups.Attach(t.Context(), 1, []int64{g.ID, other.ID}, ids, now())
		require.NoError(t, err)
		require.Equal(t, 10, got.Changed)
		got, err = s.Groups.Detach(t.Context(), 1, []int64{other.ID}, ids[1:])
		require.NoError(t, err)
		require.Equal(t, 4, got.Changed)
		of, err := groups.GroupsOf(t.Context(), 1, append(ids[:2:2], 777))
		require.NoError(t, err)
		g.Members, other.Members = 0, 0
		require.Equal(t, map[int64][]audience.Group{ids[0]: {g, other}, ids[1]: {g}}, of)

		for name, tt := range map[string]struct {
			who  audience.Who
			code string
		}{
			"both kinds":    {audience.Who{ContactIDs: ids[:1], ExternalCustomerIDs: []string{"C-1"}}, "contacts_ambiguous"},
			"too many":      {audience.Who{ContactIDs: make([]int64, audience.MaxContacts+1)}, "too_many_contacts"},
			"too many more": {audience.Who{ExternalCustomerIDs: make([]string, audience.MaxContacts+1)}, "too_many_contacts"},
		} {
			for _, change := range []func() error{
				func() error { _, err := groups.Attach(t.Context(), 1, g.ID, tt.who); return err },
				func() error { _, err := groups.Detach(t.Context(), 1, g.ID, tt.who); return err },
			} {
				require.True(t, fault.Is(change(), tt.code), name)
			}
		}
		_, err = groups.Attach(t.Context(), 1, g.ID, audience.Who{})
		require.True(t, fault.Is(err, "contacts_missing"))
		// Another workspace's groups and contacts are unknown.
		for _, w := range []audience.Who{{}, {ContactIDs: ids[:1]}, {ExternalCustomerIDs: []string{"C-1"}}} {
			_, err = groups.Detach(t.Context(), 2, g.ID, w)
			require.ErrorIs(t, err, audience.ErrNotFound)
		}
		_, _, err = groups.Members(t.Context(), 2, g.ID, audience.Page{Limit: 1})
		require.ErrorIs(t, err, audience.ErrNotFound)
		require.Equal(t, ids, members())
	})
}

func TestDeletedContactsLeaveTheirGroups(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.DB) {
		ids := people(t, s, 3)
		groups := audience.New(s.Groups, now)
		g, err := groups.Create(t.Context(), 1, "g")
		require.NoError(t, err)
		_, err = groups.Attach(t.Context(), 1, g.ID, audience.Who{ContactIDs: ids})
		require.NoError(t, err)
		require.NoError(t, contact.New(s.Contacts, now).Delete(t.Context(), 1, ids[1], false))
		left, total, err := groups.Members(t.Context(), 1, g.ID, audience.Page{Limit: 10})
		require.NoError(t, err)
		require.Equal(t, []int64{ids[0], ids[2]}, idsOf(left))
		require.EqualValues(t, 2, total)
		got, err := groups.Attach(t.Context(), 1, g.ID, audience.Who{ContactIDs: ids[1:2]})
		require.NoError(t, err)
		require.Equal(t, audience.Change{UnknownContactIDs: ids[1:2]}, got)
		got, err = groups.Attach(t.Context(), 1, g.ID, audience.Who{ExternalCustomerIDs: []string{"C-1"}})
		require.NoError(t, err)
		require.Equal(t, audience.Change{UnknownExternalCustomerIDs: []string{"C-1"}}, got)
	})
}

// Sixteen calls need the same new groups at once, and attach the same people.
func TestAtOnce(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.DB) {
		ids := people(t, s, 20)
		groups := audience.New(s.Groups, now)
		var wg sync.WaitGroup
		for i := range 16 {
			wg.Go(func() {
				names := []string{"a", "b", "c", "d"}
				if i%2 == 1 {
					slices.Reverse(names)
				}
				if err := groups.Join(t.Context(), 1, names, ids); err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		all, err := groups.List(t.Context(), 1, audience.Filter{Limit: 100})
		require.NoError(t, err)
		require.Len(t, all, 4)
		for _, g := range all {
			require.EqualValues(t, len(ids), g.Members)
		}
	})
}

// idsOf returns the contact ids of the members, in their order.
func idsOf(members []audience.Member) (ids []int64) {
	for _, m := range members {
		ids = append(ids, m.ContactID)
	}
	return ids
}
