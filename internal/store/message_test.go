package store_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"bellman/internal/campaign"
	"bellman/internal/fault"
	"bellman/internal/message"
	"bellman/internal/outcome"
	"bellman/internal/store"
	"bellman/internal/store/storetest"
)

// spec: messages-tag-search
func TestMessagesAreFoundByName(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.DB) {
		messages := message.New(s.Messages, nil, now)
		for _, name := range []string{"Весняний розпродаж", "Spring SALE", "sale 100%", "Знижка", "Straße"} {
			content := message.Text("x")
			content.Tags = []string{"of " + name}
			if name == "Straße" {
				content.Tags = []string{"VIP", "Знижка"}
			}
			_, err := messages.Create(t.Context(), 1, name, content)
			require.NoError(t, err)
		}
		require.NoError(t, messages.Delete(t.Context(), 1, 4))
		for _, c := range []struct {
			filter message.Filter
			want   []int64
			total  int64
		}{
			{message.Filter{Limit: 10}, []int64{5, 3, 2, 1}, 4},
			{message.Filter{Limit: 2, Offset: 1}, []int64{3, 2}, 4},
			{message.Filter{Limit: 2, Offset: 9}, nil, 4},
			{message.Filter{Search: "РОЗПРОД", Limit: 10}, []int64{1}, 1},
			{message.Filter{Search: "Sale", Limit: 1}, []int64{3}, 2},
			{message.Filter{Search: "0%", Limit: 10}, []int64{3}, 1},
			{message.Filter{Search: "strasse", Limit: 10}, []int64{5}, 1},
			{message.Filter{Search: "знижка", Limit: 10}, []int64{5}, 1},
			{message.Filter{Search: "vip", Limit: 10}, []int64{5}, 1},
			{message.Filter{Search: "vi", Limit: 10}, nil, 0},
		} {
			c.filter.Total = true
			found, total, err := messages.Find(t.Context(), 1, c.filter)
			require.NoError(t, err)
			require.Equal(t, c.total, total, c.filter)
			var ids []int64
			for _, m := range found {
				ids = append(ids, m.ID)
			}
			require.Equal(t, c.want, ids, c.filter)
		}
		found, total, err := messages.Find(t.Context(), 2, message.Filter{Limit: 10})
		require.NoError(t, err)
		require.Zero(t, total)
		require.Empty(t, found)
	})
}

func TestDeletedMessageIsGone(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.DB) {
		messages := message.New(s.Messages, nil, now)
		campaigns := campaign.New(s.Campaigns, messages, now, func() {})
		botID := connect(t, s, 5)
		id := broadcast(t, s, botID, 3)
		c, err := campaigns.Get(t.Context(), 1, id)
		require.NoError(t, err)
		err = messages.Delete(t.Context(), 1, c.MessageID)
		require.True(t, fault.Is(err, "message_in_use"), err)
		sent := note(t, s)
		err = s.Triggers.Append(t.Context(), appended(botID, sent, 2))
		require.NoError(t, err)
		err = messages.Delete(t.Context(), 1, sent)
		require.True(t, fault.Is(err, "message_in_use"), err)
		settleAll(t, s, 1, func(int64, int64) (campaign.Status, outcome.Reason, time.Time) { return campaign.Sent, "", start })
		later, err := campaigns.Create(t.Context(), campaign.Campaign{
			WorkspaceID: 1, BotID: botID, MessageID: sent, Name: "later", Audience: campaign.Audience{All: true},
		})
		require.NoError(t, err)

		require.True(t, fault.Is(messages.Delete(t.Context(), 2, sent), "message_not_found"))
		for _, gone := range []int64{c.MessageID, sent} {
			require.NoError(t, messages.Delete(t.Context(), 1, gone), "what it was to be sent by is through")
			require.True(t, fault.Is(messages.Delete(t.Context(), 1, gone), "message_not_found"))
			_, err = messages.Get(t.Context(), 1, gone)
			require.True(t, fault.Is(err, "message_not_found"), err)
			_, err = messages.Update(t.Context(), 1, gone, "m", message.Text("x"))
			require.True(t, fault.Is(err, "message_not_found"), err)
			for _, make := range []func(c campaign.Campaign) error{
				func(c campaign.Campaign) error { _, err := campaigns.Create(t.Context(), c); return err },
				func(c campaign.Campaign) error { _, err := campaigns.Start(t.Context(), c, time.Time{}); return err },
			} {
				err := make(campaign.Campaign{WorkspaceID: 1, BotID: botID, MessageID: gone, Name: "c", Audience: campaign.Audience{All: true}})
				require.True(t, fault.Is(err, "message_not_found"), err)
			}
		}
		list, _, err := messages.Find(t.Context(), 1, message.Filter{Limit: 10})
		require.NoError(t, err)
		require.Empty(t, list)
		_, err = campaigns.Launch(t.Context(), 1, later.ID, time.Time{})
		require.True(t, fault.Is(err, "message_not_found"), err)
		_, err = campaigns.Get(t.Context(), 1, id)
		require.NoError(t, err, "what was sent stays on record")
	})
}
