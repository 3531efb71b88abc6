package store_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"bellman/internal/audience"
	"bellman/internal/campaign"
	"bellman/internal/contact"
	"bellman/internal/message"
	"bellman/internal/outcome"
	"bellman/internal/store"
	"bellman/internal/store/storetest"
)

// Whom a campaign reaches is written out as a sum, and so is what else they get: what was
// sent to them lately and what is scheduled, but nothing that did not arrive.
func TestReachAndOverlaps(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.DB) {
		botID := connect(t, s, 5)
		earlier := broadcast(t, s, botID, 7)
		settleAll(t, s, 1, func(_, seq int64) (campaign.Status, outcome.Reason, time.Time) {
			switch seq {
			case 1:
				return campaign.Failed, outcome.TelegramError, start
			case 2:
				return campaign.Skipped, outcome.ChatMuted, start
			case 3:
				return campaign.Unknown, outcome.AnswerLost, start
			}
			return campaign.Sent, "", start
		})
		later, on := start.Add(time.Hour), true
		_, err := s.Contacts.ChangeChat(t.Context(), botID, 4, contact.ChatChange{MutedUntil: &later})
		require.NoError(t, err)
		_, err = s.Contacts.ChangeChat(t.Context(), botID, 5, contact.ChatChange{Inactive: &on})
		require.NoError(t, err)
		contacts := map[int64]int64{}
		for chatID := int64(1); chatID <= 7; chatID++ {
			chat, err := s.Contacts.Chat(t.Context(), botID, chatID)
			require.NoError(t, err)
			contacts[chatID] = chat.ContactID
		}
		groups := audience.New(s.Groups, now)
		left := group(t, groups, "left out", contacts[6])
		members := group(t, groups, "members", contacts[1], contacts[4], contacts[6])
		messages := message.New(s.Messages, nil, now)
		campaigns := campaign.New(s.Campaigns, messages, now, func() {}).AtRate(30)
		make := func(name string, a campaign.Audience) int64 {
			c, err := campaigns.Create(t.Context(),
				campaign.Campaign{WorkspaceID: 1, BotID: botID, MessageID: note(t, s), Name: name, Audience: a})
			require.NoError(t, err)
			return c.ID
		}
		all := make("all", campaign.Audience{All: true, ExcludedGroups: []int64{left}})
		check := func(id int64) campaign.Preflight {
			t.Helper()
			p, err := campaigns.Preflight(t.Context(), 1, id)
			require.NoError(t, err)
			return p
		}
		p := check(all)
		require.Equal(t, campaign.Reach{Audience: 7, Excluded: 1, Inactive: 1, Muted: 1}, p.Reach)
		require.EqualValues(t, 6, p.Recipients)
		require.Equal(t, campaign.Cost{Takes: time.Second}, p.Cost)
		got := func(n int64) campaign.Overlap {
			return campaign.Overlap{CampaignID: earlier, Name: "c", State: campaign.Finished, At: start, Recipients: n}
		}
		found, _, err := s.Campaigns.Find(t.Context(), 1, earlier)
		require.NoError(t, err)
		first := got(2)
		first.State = found.State
		require.Equal(t, campaign.Overlaps{Recipients: 2, Campaigns: []campaign.Overlap{first}}, p.Overlaps,
			"the one whose answer was lost may have it, and the seventh has")

		soon := make("soon", campaign.Audience{Groups: []int64{members}})
		_, err = campaigns.Launch(t.Context(), 1, soon, start.Add(23*time.Hour))
		require.NoError(t, err)
		far := make("far", campaign.Audience{All: true})
		_, err = campaigns.Launch(t.Context(), 1, far, start.Add(25*time.Hour))
		require.NoError(t, err)
		p = check(all)
		require.Equal(t, campaign.Overlaps{Recipients: 3, Campaigns: []campaign.Overlap{
			{CampaignID: soon, Name: "soon", State: campaign.Scheduled, At: start.Add(23 * time.Hour), Recipients: 1}, first,
		}}, p.Overlaps)

		p = check(soon)
		require.Equal(t, campaign.Reach{Audience: 3, Muted: 1}, p.Reach)
		nobody := make("nobody", campaign.Audience{Groups: []int64{left}, ExcludedGroups: []int64{members}})
		p = check(nobody)
		require.Equal(t, campaign.Reach{Audience: 1, Excluded: 1}, p.Reach)
		require.Empty(t, p.Overlaps)
	})
}

// Of many recipients a sample is looked at, and the numbers are about right.
func TestOverlapsOfMany(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.DB) {
		botID := connect(t, s, 5)
		broadcast(t, s, botID, 1_500)
		for i, half := range []bool{false, true} {
			c := campaign.Campaign{ID: int64(1_000 + i), WorkspaceID: 1, BotID: botID, Audience: campaign.Audience{All: true}}
			if half {
				_, err := s.Contacts.ChangeChat(t.Context(), botID, 1, contact.ChatChange{MutedUntil: new(start.Add(time.Hour))})
				require.NoError(t, err)
			}
			r, err := s.Campaigns.CountReach(t.Context(), c, start)
			require.NoError(t, err)
			o, err := s.Campaigns.Overlaps(t.Context(), c, r,
				campaign.Nearby{Launched: start.Add(-time.Hour), Scheduled: start.Add(time.Hour), Now: start})
			require.NoError(t, err)
			require.True(t, o.About)
			require.Equal(t, r.Reached(), o.Recipients, "all of them get the other one")
		}
	})
}
