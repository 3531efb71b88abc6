package campaign_test

import (
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"bellman/internal/campaign"
	"bellman/internal/fault"
	"bellman/internal/store"
	"bellman/internal/store/storetest"
)

func TestALabelSendsOnce(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.DB) {
		d := newDesk(t, s)
		ann, bob := d.subscribe(d.botID, "ann", 1, 2), d.subscribe(d.botID, "bob", 3)
		total := func() int64 {
			list, _, err := d.campaigns.List(t.Context(), 1, campaign.Filter{Limit: 10})
			require.NoError(t, err)
			sum := int64(0)
			for _, c := range list {
				sum += c.Counts.Recipients
			}
			return sum
		}
		keyed := func(contactID int64, key string) campaign.Addressee {
			return campaign.Addressee{ContactID: contactID, Label: key}
		}
		first, err := d.send("", keyed(ann, "o-1"), keyed(bob, "o-1"), keyed(ann, "o-1"), keyed(99, "o-1"))
		require.NoError(t, err)
		require.Equal(t, first[0], first[2], "twice in one send is once")
		require.NotEqual(t, first[0].RequestID, first[1].RequestID, "a key is an addressee's own")
		require.EqualValues(t, 1, first[0].ChatID)
		require.Equal(t, "contact_unreachable", first[3].Code)
		require.EqualValues(t, 3, total())

		carl := d.subscribe(d.botID, "carl", 99)
		again, err := d.send("", keyed(bob, "o-1"), keyed(ann, "o-1"), keyed(carl, "o-1"), keyed(ann, "o-2"))
		require.NoError(t, err)
		require.Equal(t, []campaign.Receipt{first[1], first[0]}, again[:2])
		require.True(t, again[2].Accepted(), "who was rejected is sent to")
		require.NotEqual(t, first[0].RequestID, again[3].RequestID)
		require.EqualValues(t, 6, total())

		d.set(d.now().Add(campaign.KeepRequests))
		late, err := d.send("", keyed(ann, "o-1"))
		require.NoError(t, err)
		require.NotEqual(t, first[0].RequestID, late[0].RequestID, "a day later it is forgotten")
		require.EqualValues(t, 8, total())

		both, err := d.send("k", keyed(ann, "o-1"), keyed(ann, "o-9"))
		require.NoError(t, err)
		require.Equal(t, late[0], both[0], "a label counts under a key too")
		again, err = d.send("k", keyed(ann, "o-1"), keyed(ann, "o-9"))
		require.NoError(t, err)
		require.Equal(t, both, again)
		require.EqualValues(t, 10, total())
	})
}

// TestALabelOfRacingSends makes sends with common labels at the same time: each
// label sends once, and all get its receipt.
func TestALabelOfRacingSends(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.DB) {
		d := newDesk(t, s)
		var people []campaign.Addressee
		for i := range int64(40) {
			d.subscribe(d.botID, string(rune('a'+i)), i+1)
			people = append(people, campaign.Addressee{ChatID: i + 1, Label: "same"})
		}
		const senders = 8
		receipts := make([][]campaign.Receipt, senders)
		var running sync.WaitGroup
		for n := range senders {
			running.Go(func() {
				mine := append(append([]campaign.Addressee{}, people[n*3:]...), people[:n*3]...)
				got, err := d.send("", mine...)
				if err == nil {
					receipts[n] = append(got[len(got)-n*3:len(got):len(got)], got[:len(got)-n*3]...)
				}
			})
		}
		running.Wait()
		for _, got := range receipts {
			require.Equal(t, receipts[0], got)
		}
		list, _, err := d.campaigns.List(t.Context(), 1, campaign.Filter{Limit: 10})
		require.NoError(t, err)
		require.Len(t, list, 1)
		require.EqualValues(t, len(people), list[0].Counts.Recipients)
		ids := make([]string, len(people))
		for i, r := range receipts[0] {
			ids[i] = r.RequestID
		}
		found, err := d.triggers.Requests(t.Context(), 1, append(ids, "nothing"))
		require.NoError(t, err)
		require.Len(t, found, len(people))
		other, err := d.triggers.Requests(t.Context(), 2, ids)
		require.NoError(t, err)
		require.Empty(t, other)
	})
}

func TestStartIsAllOrNothing(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.DB) {
		d := newDesk(t, s)
		d.subscribe(d.botID, "ann", 1)
		sale := campaign.Campaign{WorkspaceID: 1, BotID: d.botID, MessageID: d.messageID, Name: " sale ", Audience: campaign.Audience{All: true}}
		now, err := d.campaigns.Start(t.Context(), sale, time.Time{})
		require.NoError(t, err)
		require.Equal(t, campaign.Launching, now.State)
		later, err := d.campaigns.Start(t.Context(), sale, d.now().Add(time.Hour))
		require.NoError(t, err)
		for _, made := range []campaign.Report{now, later} {
			stored, err := d.campaigns.Get(t.Context(), 1, made.ID)
			require.NoError(t, err)
			require.Equal(t, made.State, stored.State)
			require.Equal(t, "sale", stored.Name)
			require.JSONEq(t, `{"text":"1234"}`, stored.Content)
			require.True(t, made.ScheduledAt.Equal(stored.ScheduledAt))
			require.True(t, made.LaunchedAt.Equal(stored.LaunchedAt))
		}
		d.set(d.now().Add(2 * time.Hour))
		require.NoError(t, s.Campaigns.StartScheduled(t.Context(), d.now()))
		stored, err := d.campaigns.Get(t.Context(), 1, later.ID)
		require.NoError(t, err)
		require.Equal(t, campaign.Launching, stored.State)

		for code, broken := range map[string]func(c *campaign.Campaign){
			"message_not_found": func(c *campaign.Campaign) { c.MessageID = 99 },
			"bot_not_found":     func(c *campaign.Campaign) { c.BotID = 99 },
			"audience_missing":  func(c *campaign.Campaign) { c.Audience = campaign.Audience{} },
			"group_not_found":   func(c *campaign.Campaign) { c.Audience = campaign.Audience{Groups: []int64{5}} },
			"name_invalid":      func(c *campaign.Campaign) { c.Name = " " },
		} {
			c := sale
			broken(&c)
			_, err := d.campaigns.Start(t.Context(), c, time.Time{})
			require.True(t, fault.Is(err, code), "%s: %v", code, err)
		}
		reports, total, err := d.campaigns.List(t.Context(), 1,
			campaign.Filter{Kind: campaign.Broadcast, Offset: 1, Limit: 5, Total: true})
		require.NoError(t, err)
		require.EqualValues(t, 2, total, "nothing is left of those that failed")
		require.Len(t, reports, 1)
		require.Equal(t, now.ID, reports[0].ID, "newest first")
	})
}
