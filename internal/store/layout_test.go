package store_test

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"bellman/internal/audience"
	"bellman/internal/campaign"
	"bellman/internal/contact"
	"bellman/internal/fault"
	"bellman/internal/message"
	"bellman/internal/store"
	"bellman/internal/store/storetest"
	"bellman/internal/workspace"
)

// chatOf is a chat of the bot of a run.
type chatOf struct{ chatID, contactID int64 }

// layoutModel is a bot with chats and groups, and what a layout of them should be.
type layoutModel struct {
	t      *testing.T
	s      *store.DB
	botID  int64
	note   int64
	chats  []chatOf
	groups []int64
	in     map[int64]map[int64]bool
}

// newLayoutModel draws up to 40 chats of at most 20 contacts, new and known, and
// three groups of them.
func newLayoutModel(t *testing.T, rt *rapid.T, s *store.DB, run int64) *layoutModel {
	t.Helper()
	m := &layoutModel{t: t, s: s, botID: connect(t, s, run), note: note(t, s), in: map[int64]map[int64]bool{}}
	ids := rapid.SliceOfNDistinct(rapid.Int64Range(-50, 50).Filter(func(id int64) bool { return id != 0 }), 0, 40, rapid.ID).Draw(rt, "chats")
	var tokens []contact.Token
	for _, id := range ids {
		tokens = append(tokens, contact.Token{ChatID: id, ExternalCustomerID: fmt.Sprint("c", rapid.IntRange(0, 19).Draw(rt, "contact"))})
	}
	results, err := contact.New(s.Contacts, now).AddTokens(t.Context(), workspace.Workspace{ID: 1}, m.botID, tokens)
	require.NoError(rt, err)
	everybody := []int64{}
	for i, r := range results {
		m.chats = append(m.chats, chatOf{ids[i], r.ContactID})
		everybody = append(everybody, r.ContactID)
	}
	slices.SortFunc(m.chats, func(a, b chatOf) int { return int(a.chatID - b.chatID) })
	for i := range 3 {
		var members []int64
		if len(everybody) > 0 {
			members = rapid.SliceOf(rapid.SampledFrom(everybody)).Draw(rt, "members")
		}
		id := group(t, audience.New(s.Groups, now), fmt.Sprint("run ", run, " group ", i), members...)
		m.groups = append(m.groups, id)
		m.in[id] = map[int64]bool{}
		for _, contactID := range members {
			m.in[id][contactID] = true
		}
	}
	return m
}

// want returns the chats that an audience means.
func (m *layoutModel) want(a campaign.Audience) []int64 {
	var chats []int64
	for _, c := range m.chats {
		is := func(id int64) bool { return m.in[id][c.contactID] }
		if (a.All || slices.ContainsFunc(a.Groups, is)) && !slices.ContainsFunc(a.ExcludedGroups, is) {
			chats = append(chats, c.chatID)
		}
	}
	return chats
}

// Whatever the groups and the chunks: the recipients are those of the audience, in
// the order of their chats, numbered from 1, each once. It makes no difference
// which of the two ways a chunk takes.
func TestLayoutModel(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.DB) {
		run := int64(0)
		rapid.Check(t, func(rt *rapid.T) {
			run++
			m := newLayoutModel(t, rt, s, run)
			a := campaign.Audience{ExcludedGroups: rapid.SliceOfDistinct(rapid.SampledFrom(m.groups), rapid.ID).Draw(rt, "excluded")}
			if a.All = rapid.Bool().Draw(rt, "all"); !a.All {
				a.Groups = rapid.SliceOfN(rapid.SampledFrom(m.groups), 1, 4).Draw(rt, "groups")
			}
			messages := message.New(s.Messages, nil, now)
			campaigns := campaign.New(s.Campaigns, messages, now, func() {})
			c, err := campaigns.Create(t.Context(), campaign.Campaign{WorkspaceID: 1, BotID: m.botID, MessageID: m.note, Name: "c", Audience: a})
			require.NoError(rt, err)
			p, err := campaigns.Preflight(t.Context(), 1, c.ID)
			require.NoError(rt, err)
			require.EqualValues(rt, len(m.want(a)), p.Recipients)
			_, err = campaigns.Launch(t.Context(), 1, c.ID, time.Time{})
			require.NoError(rt, err)

			steps := 0
			for more := true; more; steps++ {
				layOut := s.Campaigns.LayOut
				if rapid.Bool().Draw(rt, "walk") {
					layOut = s.Campaigns.WalkOutForTest
				}
				more, err = layOut(t.Context(), c.ID, rapid.IntRange(1, 9).Draw(rt, "limit"), start)
				require.NoError(rt, err)
				require.Less(rt, steps, 100)
			}
			laid, _, err := s.Campaigns.Find(t.Context(), 1, c.ID)
			require.NoError(rt, err)
			require.True(rt, laid.Laid)
			deliveries, err := s.Campaigns.Deliveries(t.Context(), laid, nil, 0, 100)
			require.NoError(rt, err)
			var got []int64
			for i, d := range deliveries {
				require.EqualValues(rt, i+1, d.Seq)
				got = append(got, d.ChatID)
			}
			require.Equal(rt, m.want(a), got)
			require.EqualValues(rt, len(got), laid.LaidSeq)
		})
	})
}

// draft stores a broadcast.
func draft(t *testing.T, s *store.DB, botID int64, a campaign.Audience) (*campaign.Service, int64, error) {
	t.Helper()
	messages := message.New(s.Messages, nil, now)
	campaigns := campaign.New(s.Campaigns, messages, now, func() {})
	c, err := campaigns.Create(t.Context(), campaign.Campaign{
		WorkspaceID: 1, BotID: botID, MessageID: note(t, s), Name: "Spring", Audience: a,
	})
	return campaigns, c.ID, err
}

func TestGroupsOfACampaignExistUntilItIsLaidOut(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.DB) {
		botID := connect(t, s, 5)
		everybody := people(t, s, botID, 6)
		groups := audience.New(s.Groups, now)
		to, without := group(t, groups, "to", everybody...), group(t, groups, "without", everybody[0])
		field := func(err error) string {
			t.Helper()
			require.Equal(t, fault.NotFound, fault.KindOf(err), err)
			require.True(t, fault.Is(err, "group_not_found"))
			var f *fault.Error
			require.ErrorAs(t, err, &f)
			return f.Field
		}
		_, _, err := draft(t, s, botID, campaign.Audience{Groups: []int64{to, 77}})
		require.Equal(t, "audience.groups[1]", field(err))
		_, _, err = draft(t, s, botID, campaign.Audience{All: true, ExcludedGroups: []int64{to, without, 77}})
		require.Equal(t, "audience.excludedGroups[2]", field(err))

		// A draft does not protect a group from deletion, and cannot be launched to
		// a deleted group.
		gone := group(t, groups, "gone")
		campaigns, id, err := draft(t, s, botID, campaign.Audience{Groups: []int64{gone}})
		require.NoError(t, err)
		require.NoError(t, groups.Delete(t.Context(), 1, gone, nil))
		_, err = campaigns.Launch(t.Context(), 1, id, time.Time{})
		require.Equal(t, "audience.groups[0]", field(err))
		_, err = campaigns.Preflight(t.Context(), 1, id)
		require.Equal(t, "audience.groups[0]", field(err))
		still, err := campaigns.Get(t.Context(), 1, id)
		require.NoError(t, err)
		require.Equal(t, campaign.Draft, still.State)

		// From the launch, or the schedule, to the end of the layout both groups
		// are protected.
		campaigns, id, err = draft(t, s, botID, campaign.Audience{Groups: []int64{to}, ExcludedGroups: []int64{without}})
		require.NoError(t, err)
		used := func() {
			t.Helper()
			for _, g := range []int64{to, without} {
				err := groups.Delete(t.Context(), 1, g, nil)
				require.True(t, fault.Is(err, "group_in_use"), err)
				require.ErrorContains(t, err, "Spring")
			}
		}
		_, err = campaigns.Launch(t.Context(), 1, id, start.Add(time.Hour))
		require.NoError(t, err)
		used()
		_, err = campaigns.Launch(t.Context(), 1, id, time.Time{})
		require.NoError(t, err)
		used()
		_, err = s.Campaigns.LayOut(t.Context(), id, 2, start)
		require.NoError(t, err)
		_, err = campaigns.Pause(t.Context(), 1, id)
		require.NoError(t, err)
		used()
		_, err = campaigns.Resume(t.Context(), 1, id)
		require.NoError(t, err)
		for more := true; more; {
			more, err = s.Campaigns.LayOut(t.Context(), id, 2, start)
			require.NoError(t, err)
		}
		require.NoError(t, groups.Delete(t.Context(), 1, to, nil))
		require.NoError(t, groups.Delete(t.Context(), 1, without, nil))
		r, err := campaigns.Get(t.Context(), 1, id)
		require.NoError(t, err)
		require.EqualValues(t, 5, r.Counts.Recipients)
	})
}

// Of a launch and a deletion of its group at the same time, one comes first.
func TestLaunchAndDeletionAtOnce(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.DB) {
		botID := connect(t, s, 5)
		everybody := people(t, s, botID, 3)
		groups := audience.New(s.Groups, now)
		for i := range 8 {
			id := group(t, groups, fmt.Sprint("g", i), everybody...)
			campaigns, c, err := draft(t, s, botID, campaign.Audience{Groups: []int64{id}})
			require.NoError(t, err)
			deleted := make(chan error, 1)
			go func(ctx context.Context) { deleted <- groups.Delete(ctx, 1, id, nil) }(t.Context())
			_, launch := campaigns.Launch(t.Context(), 1, c, time.Time{})
			if err := <-deleted; err == nil {
				require.True(t, fault.Is(launch, "group_not_found"), launch)
			} else {
				require.True(t, fault.Is(err, "group_in_use"), err)
				require.NoError(t, launch)
			}
		}
	})
}
