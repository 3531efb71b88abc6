package store_test

import (
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"bellman/internal/access"
	"bellman/internal/campaign"
	"bellman/internal/contact"
	"bellman/internal/fault"
	"bellman/internal/message"
	"bellman/internal/store"
	"bellman/internal/store/storetest"
)

// The newest revisions are kept, each as it was saved, and go with their message.
func TestRevisions(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.DB) {
		at := start
		messages := message.New(s.Messages, nil, func() time.Time { return at })
		ann := access.With(t.Context(), access.Caller{WorkspaceID: 1, User: &access.User{ID: 5, Name: "Ann"}})
		m, err := messages.Create(ann, 1, "m1", message.Text("text 1"))
		require.NoError(t, err)
		const saves = message.KeepRevisions + 7
		for n := 2; n <= saves; n++ {
			at = at.Add(time.Hour)
			// The second save of each hour goes into the revision of the first.
			for _, text := range []string{"first", fmt.Sprint("text ", n)} {
				m, err = messages.Save(ann, 1, m.ID, message.Edit{Name: fmt.Sprint("m", n), Content: message.Text(text)})
				require.NoError(t, err)
				at = at.Add(time.Minute)
			}
			require.EqualValues(t, n, m.Revision)
		}
		var numbers []int64
		for before := int64(1 << 53); ; {
			page, err := messages.Revisions(t.Context(), 1, m.ID, before, 30)
			require.NoError(t, err)
			if len(page) == 0 {
				break
			}
			for _, r := range page {
				require.Equal(t, fmt.Sprint("m", r.Number), r.Name)
				require.Equal(t, "Ann", r.Author.Name)
				require.Equal(t, time.Minute, r.SavedAt.Sub(r.BegunAt))
				require.Empty(t, r.Content.Text)
				numbers = append(numbers, r.Number)
			}
			before = page[len(page)-1].Number
		}
		require.Len(t, numbers, message.KeepRevisions)
		require.EqualValues(t, saves, numbers[0])
		r, err := messages.Revision(t.Context(), 1, m.ID, saves-1)
		require.NoError(t, err)
		require.Equal(t, message.Text(fmt.Sprint("text ", saves-1)), r.Content)
		for _, gone := range []int64{7, saves + 1} {
			_, err = messages.Revision(t.Context(), 1, m.ID, gone)
			require.ErrorIs(t, err, message.ErrRevisionNotFound)
		}
		_, err = messages.Revision(t.Context(), 2, m.ID, saves)
		require.ErrorIs(t, err, message.ErrNotFound)
		_, err = s.Messages.Revision(t.Context(), 2, m.ID, saves)
		require.ErrorIs(t, err, message.ErrRevisionNotFound)
		require.NoError(t, messages.Delete(t.Context(), 1, m.ID))
		require.Zero(t, store.CountForTest(t, s, `SELECT COUNT(*) FROM revisions`))
	})
}

// Of two who save what they have read at the same time, one is told: nothing that was
// saved is lost.
func TestOneEditorWins(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.DB) {
		messages := message.New(s.Messages, nil, now)
		m, err := messages.Create(t.Context(), 1, "m", message.Text("0"))
		require.NoError(t, err)
		errMeanwhile := errors.New("changed meanwhile")
		for round := range 20 {
			var (
				wg     sync.WaitGroup
				failed [2]error
			)
			for i := range failed {
				wg.Go(func() {
					_, failed[i] = messages.Save(t.Context(), 1, m.ID, message.Edit{
						Name: "m", Content: message.Text(fmt.Sprint(round, " ", i)), Unless: func(present message.Message) error {
							if present.Content.Text != m.Content.Text {
								return errMeanwhile
							}
							return nil
						},
					})
				})
			}
			wg.Wait()
			won := 0
			if failed[0] != nil {
				won = 1
			}
			require.NoError(t, failed[won])
			require.ErrorIs(t, failed[1-won], errMeanwhile)
			m, err = messages.Get(t.Context(), 1, m.ID)
			require.NoError(t, err)
			require.Equal(t, fmt.Sprint(round, " ", won), m.Content.Text)
			require.EqualValues(t, round+2, m.Revision)
		}
	})
}

// Pages in every order show every message that fits once.
func TestMessagesInOrder(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.DB) {
		at := start
		messages := message.New(s.Messages, nil, func() time.Time { return at })
		for _, name := range []string{"b", "Є", "a", "B", "ї", "a"} {
			at = at.Add(time.Second)
			content := message.Text("Знижка for " + name)
			content.Tags = []string{"T" + name}
			content.Translations = map[string]message.Version{"en": {Text: "only of 3"}}
			if name != "ї" {
				content.Translations = nil
			}
			_, err := messages.Create(t.Context(), 1, name, content)
			require.NoError(t, err)
		}
		_, err := messages.Update(t.Context(), 1, 2, "Є", message.Text("later"))
		require.NoError(t, err)
		at = at.Add(time.Second)
		_, err = messages.Update(t.Context(), 1, 1, "b", message.Text("last"))
		require.NoError(t, err)
		for _, c := range []struct {
			filter message.Filter
			want   []int64
		}{
			{message.Filter{}, []int64{6, 5, 4, 3, 2, 1}},
			{message.Filter{Order: message.ByName}, []int64{3, 6, 1, 4, 2, 5}},
			{message.Filter{Order: message.ByName.Back()}, []int64{5, 2, 4, 1, 6, 3}},
			{message.Filter{Order: message.ByCreation}, []int64{1, 2, 3, 4, 5, 6}},
			{message.Filter{Order: message.ByCreation.Back()}, []int64{6, 5, 4, 3, 2, 1}},
			{message.Filter{Order: message.ByUpdate}, []int64{3, 4, 5, 2, 6, 1}},
			{message.Filter{Order: message.ByUpdate.Back()}, []int64{1, 6, 2, 5, 4, 3}},
			{message.Filter{Search: "ЗНИЖКА", InText: true}, []int64{6, 5, 4, 3}},
			{message.Filter{Search: "OF 3", InText: true, Order: message.ByName}, []int64{5}},
			{message.Filter{Tags: []string{"ta", "tЇ"}}, []int64{6, 5, 3}},
			{message.Filter{Search: "A", Tags: []string{"ta"}, Order: message.ByCreation}, []int64{3, 6}},
		} {
			var ids []int64
			f := c.filter
			f.Limit = 2
			for {
				page, _, err := messages.Find(t.Context(), 1, f)
				require.NoError(t, err)
				for _, m := range page {
					ids = append(ids, m.ID)
				}
				if len(page) == 0 {
					break
				}
				last := f.Order.Place(page[len(page)-1], contact.Fold)
				f.After = &last
			}
			require.Equal(t, c.want, ids, c.filter)
			c.filter.Total = true
			_, total, err := messages.Find(t.Context(), 1, c.filter)
			require.NoError(t, err)
			require.EqualValues(t, len(c.want), total)
		}
	})
}

// A draft is sent from nowhere, and what uses a message is told.
func TestDraftIsNotSent(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.DB) {
		messages := message.New(s.Messages, nil, now)
		campaigns := campaign.New(s.Campaigns, messages, now, func() {})
		botID := connect(t, s, 5)
		launched := broadcast(t, s, botID, 2)
		c, err := campaigns.Get(t.Context(), 1, launched)
		require.NoError(t, err)
		m, err := messages.Save(t.Context(), 1, c.MessageID, message.Edit{Name: "m", Content: message.Text("<b>"), Draft: true})
		require.NoError(t, err)
		require.True(t, m.Draft)
		draft := campaign.Campaign{WorkspaceID: 1, BotID: botID, MessageID: m.ID, Name: "later", Audience: campaign.Audience{All: true}}
		later, err := campaigns.Create(t.Context(), draft)
		require.NoError(t, err, "a campaign can be made before its message is written")
		triggers := campaign.NewTriggers(s.Triggers, messages, now, func() string { return "r" }, func() {})
		for name, send := range map[string]func() error{
			"launch":   func() error { _, err := campaigns.Launch(t.Context(), 1, later.ID, time.Time{}); return err },
			"schedule": func() error { _, err := campaigns.Launch(t.Context(), 1, later.ID, start.Add(time.Hour)); return err },
			"start":    func() error { _, err := campaigns.Start(t.Context(), draft, time.Time{}); return err },
			"check":    func() error { _, err := campaigns.Preflight(t.Context(), 1, later.ID); return err },
			"send": func() error {
				_, err := triggers.Send(t.Context(), 1, m.ID, campaign.Trigger{BotID: botID, Addressees: []campaign.Addressee{{ChatID: 1}}})
				return err
			},
			"test": func() error {
				_, err := triggers.Send(t.Context(), 1, m.ID,
					campaign.Trigger{BotID: botID, Test: true, Addressees: []campaign.Addressee{{ChatID: 1}}})
				return err
			},
			"preview": func() error { _, err := messages.Preview(t.Context(), 1, m.ID, message.Person{}); return err },
		} {
			require.True(t, fault.Is(send(), "html_tag_unclosed"), name)
		}
		got, _, err := s.Campaigns.Find(t.Context(), 1, launched)
		require.NoError(t, err)
		require.JSONEq(t, `{"text":"hi"}`, got.Content, "what goes out already stays as it was")

		uses, err := messages.Uses(t.Context(), 1, m.ID, 1<<53, 10)
		require.NoError(t, err)
		require.Equal(t, []message.Use{
			{CampaignID: later.ID, Name: "later", Kind: "broadcast", State: "draft"},
			{CampaignID: launched, Name: "c", Kind: "broadcast", State: "sending"},
		}, uses)
		uses, err = messages.Uses(t.Context(), 1, m.ID, later.ID, 10)
		require.NoError(t, err)
		require.Len(t, uses, 1)
		_, err = messages.Uses(t.Context(), 2, m.ID, 1<<53, 10)
		require.ErrorIs(t, err, message.ErrNotFound)
	})
}
