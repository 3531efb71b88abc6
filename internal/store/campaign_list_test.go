package store_test

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
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
)

// Every list is what a filter in memory makes of all campaigns, page by page, in every
// order.
func TestCampaignLists(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.DB) {
		bots := []int64{connect(t, s, 5), connect(t, s, 6)}
		notes := []int64{note(t, s), note(t, s)}
		states := []string{"draft", "scheduled", "sending", "finished"}
		for i := range 24 {
			launched := "NULL"
			if states[i%4] == "sending" || states[i%4] == "finished" {
				launched = fmt.Sprint(start.Add(time.Duration(i/6) * time.Hour).UnixMilli())
			}
			scheduled := "NULL"
			if i%4 == 1 {
				scheduled = fmt.Sprint(start.Add(time.Duration(-i) * time.Hour).UnixMilli())
			}
			store.ExecForTest(t, s, fmt.Sprintf(`INSERT INTO campaigns (id, workspace_id, bot_id, message_id, name, kind, state, audience, test,
				created_at, updated_at, launched_at, scheduled_at) VALUES (%d, %d, %d, %d, '%s', '%s', '%s', '{"all":true}', %t, %d, 1, %s, %s)`,
				100+i, 1, bots[i%2], notes[i/12], []string{"Ґанок 1_%", "alpha", "Beta", "ALPHA"}[i*7%4],
				[]string{"broadcast", "triggered"}[i/20], states[i%4], i/20 == 1 && i%2 == 0, start.Add(time.Duration(i/3)*time.Minute).UnixMilli(),
				launched, scheduled))
			store.ExecForTest(t, s, fmt.Sprintf(`INSERT INTO ledgers (campaign_id, bot_id) VALUES (%d, %d)`, 100+i, bots[i%2]))
		}
		store.ExecForTest(t, s, `UPDATE campaigns SET action = 'edit', resend_of = 103 WHERE id IN (107, 111)`)
		store.ExecForTest(t, s, `UPDATE campaigns SET resend_of = 103 WHERE id = 115`)
		require.NoError(t, s.Campaigns.FoldNamesForTest(t.Context()))
		all, _, _, err := s.Campaigns.List(t.Context(), 1, campaign.Filter{Limit: 100})
		require.NoError(t, err)
		require.Len(t, all, 24)
		none, _, total, err := s.Campaigns.List(t.Context(), 2, campaign.Filter{Limit: 100, Total: true})
		require.NoError(t, err)
		require.Empty(t, none)
		require.Zero(t, total)
		rapid.Check(t, func(rt *rapid.T) {
			f := anyFilter(rt, bots, notes)
			var want []int64
			for _, c := range all {
				if fitsFilter(c, f) {
					want = append(want, c.ID)
				}
			}
			slices.SortFunc(want, func(a, b int64) int {
				in := func(id int64) campaign.Campaign {
					return all[slices.IndexFunc(all, func(c campaign.Campaign) bool { return c.ID == id })]
				}
				x, y := f.Order.Place(in(a), contact.Fold), f.Order.Place(in(b), contact.Fold)
				if f.Order.Descends() {
					x, y = y, x
				}
				return cmp.Or(strings.Compare(x.Text, y.Text), cmp.Compare(x.At, y.At), cmp.Compare(x.ID, y.ID))
			})
			f.Total = true
			_, _, total, err := s.Campaigns.List(t.Context(), 1, f)
			require.NoError(rt, err)
			require.EqualValues(rt, len(want), total)
			var got []int64
			for f.Total, f.Limit = false, rapid.IntRange(1, 9).Draw(rt, "limit"); ; {
				page, ledgers, _, err := s.Campaigns.List(t.Context(), 1, f)
				require.NoError(rt, err)
				require.Len(rt, ledgers, len(page))
				for _, c := range page {
					got = append(got, c.ID)
				}
				if len(page) < f.Limit {
					break
				}
				last := f.Order.Place(page[len(page)-1], contact.Fold)
				f.After = &last
			}
			require.Equal(rt, want, got)
		})
	})
}

// anyFilter draws a filter in some order.
func anyFilter(t *rapid.T, bots, notes []int64) campaign.Filter {
	f := campaign.Filter{
		States: rapid.SliceOfNDistinct(rapid.SampledFrom([]campaign.State{"draft", "scheduled", "sending", "finished", "paused"}), 0, 2,
			rapid.ID).Draw(t, "states"),
		Kind:      rapid.SampledFrom([]campaign.Kind{"", "", "broadcast", "triggered"}).Draw(t, "kind"),
		Actions:   rapid.SampledFrom([][]campaign.Action{nil, nil, {"send"}, {"edit", "delete"}}).Draw(t, "actions"),
		Of:        rapid.SampledFrom([]int64{0, 0, 0, 103, 104}).Draw(t, "of"),
		BotID:     rapid.SampledFrom(append(bots, 0, 0)).Draw(t, "bot"),
		MessageID: rapid.SampledFrom(append(notes, 0, 0)).Draw(t, "message"),
		Search:    rapid.SampledFrom([]string{"", "", "ґанок", "ALPHA", "1_%", "_", "a%"}).Draw(t, "search"),
		Test:      rapid.SampledFrom([]*bool{nil, nil, new(true), new(false)}).Draw(t, "test"),
		Order: rapid.SampledFrom([]campaign.Order{"", "name", "-name", "createdAt", "-createdAt", "launchedAt", "-launchedAt", "scheduledAt",
			"-scheduledAt"}).Draw(t, "order"),
	}
	at := rapid.SampledFrom([]time.Time{{}, {}, start, start.Add(2 * time.Hour), start.Add(9 * time.Hour)})
	f.LaunchedFrom, f.LaunchedTo = at.Draw(t, "from"), at.Draw(t, "to")
	return f
}

// fitsFilter reports whether a campaign is one that the filter names.
func fitsFilter(c campaign.Campaign, f campaign.Filter) bool {
	launched := func(holds bool) bool { return !c.LaunchedAt.IsZero() && holds }
	return (len(f.States) == 0 || slices.Contains(f.States, c.State)) && (f.Kind == "" || f.Kind == c.Kind) &&
		(len(f.Actions) == 0 || slices.Contains(f.Actions, c.Action)) && (f.Of == 0 || f.Of == c.Of) &&
		(f.BotID == 0 || f.BotID == c.BotID) && (f.MessageID == 0 || f.MessageID == c.MessageID) &&
		strings.Contains(strings.ToLower(c.Name), strings.ToLower(f.Search)) && (f.Test == nil || *f.Test == c.Test) &&
		(f.LaunchedFrom.IsZero() || launched(!c.LaunchedAt.Before(f.LaunchedFrom))) &&
		(f.LaunchedTo.IsZero() || launched(c.LaunchedAt.Before(f.LaunchedTo)))
}

// Of two who change the draft that they have read at the same time, one is told.
func TestOneEditorOfADraftWins(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.DB) {
		campaigns := campaign.New(s.Campaigns, message.New(s.Messages, nil, now), now, func() {})
		c, err := campaigns.Create(t.Context(), campaign.Campaign{
			WorkspaceID: 1, BotID: connect(t, s, 5), MessageID: note(t, s), Name: "0", Audience: campaign.Audience{All: true}})
		require.NoError(t, err)
		errMeanwhile := errors.New("changed meanwhile")
		for round := range 20 {
			unless := func(present campaign.Campaign) error {
				if present.Name != c.Name {
					return errMeanwhile
				}
				return nil
			}
			var (
				wg     sync.WaitGroup
				failed [2]error
			)
			for i := range failed {
				wg.Go(func() {
					name := fmt.Sprint(round, " ", i)
					_, failed[i] = campaigns.Update(t.Context(), 1, c.ID, campaign.Changes{Name: &name, Unless: unless})
				})
			}
			wg.Wait()
			won := 0
			if failed[0] != nil {
				won = 1
			}
			require.NoError(t, failed[won])
			require.ErrorIs(t, failed[1-won], errMeanwhile)
			require.ErrorIs(t, campaigns.DeleteUnless(t.Context(), 1, c.ID, unless), errMeanwhile)
			c, err = campaigns.Get(t.Context(), 1, c.ID)
			require.NoError(t, err)
			require.Equal(t, fmt.Sprint(round, " ", won), c.Name)
		}
	})
}

// A draft can be changed although its message is gone, all of it, and back; its copy has
// the same parts.
func TestDraftsAreChangedAndCopied(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.DB) {
		messages := message.New(s.Messages, nil, now)
		campaigns := campaign.New(s.Campaigns, messages, now, func() {})
		bots, notes := []int64{connect(t, s, 5), connect(t, s, 6)}, []int64{note(t, s), note(t, s)}
		g := group(t, audience.New(s.Groups, now), "g")
		c, err := campaigns.Create(t.Context(), campaign.Campaign{WorkspaceID: 1, BotID: bots[0], MessageID: notes[0], Name: "Sale",
			Audience: campaign.Audience{All: true, ExcludedGroups: []int64{g}}, AllowPaid: true, StarsBudget: 5})
		require.NoError(t, err)
		require.Equal(t, "b", c.BotUsername)
		require.Equal(t, "m", c.MessageName)
		change := func(ch campaign.Changes) {
			t.Helper()
			c, err = campaigns.Update(t.Context(), 1, c.ID, ch)
			require.NoError(t, err)
			got, err := campaigns.Get(t.Context(), 1, c.ID)
			require.NoError(t, err)
			require.Equal(t, got, c, "the answer to a change is what is there")
		}
		require.NoError(t, messages.Delete(t.Context(), 1, notes[0]))
		change(campaign.Changes{Name: new("Spring")})
		_, err = campaigns.Launch(t.Context(), 1, c.ID, time.Time{})
		require.True(t, fault.Is(err, "message_not_found"), err)
		_, err = campaigns.Duplicate(t.Context(), 1, c.ID, "")
		require.True(t, fault.Is(err, "message_not_found"), err)
		_, err = messages.Update(t.Context(), 1, notes[1], "other", message.Text("x"))
		require.NoError(t, err)
		change(campaign.Changes{MessageID: &notes[1]})
		require.Equal(t, "other", c.MessageName)
		change(campaign.Changes{BotID: &bots[1]})
		change(campaign.Changes{Audience: &campaign.Audience{Groups: []int64{g}}})
		require.Equal(t, campaign.Audience{Groups: []int64{g}}, c.Audience)
		change(campaign.Changes{Audience: &campaign.Audience{All: true}, Paid: campaign.Paid{Allow: new(false), StarsBudget: new(int64(0))}})
		require.False(t, c.AllowPaid)
		require.Zero(t, c.StarsBudget)

		launched, err := campaigns.Launch(t.Context(), 1, c.ID, time.Time{})
		require.NoError(t, err)
		_, err = messages.Update(t.Context(), 1, notes[1], "later", message.Text("y"))
		require.NoError(t, err)
		launched, err = campaigns.Get(t.Context(), 1, launched.ID)
		require.NoError(t, err)
		require.Equal(t, "other", launched.MessageName)
		for _, name := range []string{"Spring (copy)", "Spring (copy 2)"} {
			fresh, err := campaigns.Duplicate(t.Context(), 1, launched.ID, "")
			require.NoError(t, err)
			require.Equal(t, name, fresh.Name)
			require.Equal(t, campaign.Draft, fresh.State)
			require.Equal(t, "later", fresh.MessageName)
			require.Equal(t, launched.Audience, fresh.Audience)
			require.Empty(t, fresh.Content)
			require.True(t, fresh.LaunchedAt.IsZero())
		}
		sent := note(t, s)
		require.NoError(t, s.Triggers.Append(t.Context(), appended(bots[0], sent, 1)))
		list, _, err := campaigns.List(t.Context(), 1, campaign.Filter{Kind: campaign.Triggered, Limit: 1})
		require.NoError(t, err)
		_, err = campaigns.Duplicate(t.Context(), 1, list[0].ID, "")
		require.Equal(t, fault.Conflict, fault.KindOf(err))
	})
}
