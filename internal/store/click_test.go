package store_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"bellman/internal/campaign"
	"bellman/internal/message"
	"bellman/internal/store"
	"bellman/internal/store/storetest"
	"bellman/internal/track"
	"bellman/internal/workspace"
)

// clickOf returns a click whose id grows with n.
func clickOf(campaignID, seq int64, n int) track.Click {
	return track.Click{
		ID: fmt.Sprintf("0198f2a4-5e1c-7c3f-9f63-%012x", n), CampaignID: campaignID, Seq: seq, ContactID: seq + 1000,
		Link: n % 3, Agent: "Chrome", At: start.Add(time.Duration(n) * time.Millisecond),
	}
}

// clickedOf returns the recipients who clicked, and their number by the counter.
func clickedOf(t *testing.T, s *store.DB, campaignID int64) (people map[int64]bool, clicks []track.Click) {
	t.Helper()
	clicks, err := s.Clicks.Clicks(t.Context(), campaignID, "", 1_000_000)
	require.NoError(t, err)
	people = map[int64]bool{}
	for _, c := range clicks {
		people[c.Seq] = true
	}
	count, marked := store.ClickedForTest(t, s, campaignID)
	require.Len(t, people, int(count), "the counter counts recipients")
	require.Len(t, people, int(marked), "each recipient is marked once")
	return people, clicks
}

func TestRecordClicksCountsOnce(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.DB) {
		first := []track.Click{clickOf(1, 5, 1), clickOf(1, 5, 2), clickOf(1, 6, 3), clickOf(2, 5, 4)}
		first[1].Target, first[1].Agent = "https://x.example/?a=\"<>&\u2028'", ""
		require.NoError(t, s.Clicks.RecordClicks(t.Context(), first))
		require.NoError(t, s.Clicks.RecordClicks(t.Context(), first), "what is stored again counts once")
		require.NoError(t, s.Clicks.RecordClicks(t.Context(), nil))
		again := []track.Click{first[0], clickOf(1, 5, 9), clickOf(1, 7, 10)}
		require.NoError(t, s.Clicks.RecordClicks(t.Context(), again))

		people, clicks := clickedOf(t, s, 1)
		require.Len(t, people, 3)
		want := []track.Click{clickOf(1, 7, 10), clickOf(1, 5, 9), clickOf(1, 6, 3), first[1], first[0]}
		require.Equal(t, want, clicks, "newest first")
		people, _ = clickedOf(t, s, 2)
		require.Len(t, people, 1)

		page, err := s.Clicks.Clicks(t.Context(), 1, clicks[1].ID, 2)
		require.NoError(t, err)
		require.Equal(t, want[2:4], page)
		counts, err := s.Clicks.LinkCounts(t.Context(), 1)
		require.NoError(t, err)
		require.Equal(t, []track.LinkCount{
			{Link: 0, Clicks: 2, People: 2}, {Link: 1, Clicks: 2, People: 2}, {Link: 2, Clicks: 1, People: 1},
		}, counts)
	})
}

func TestRecordPresses(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.DB) {
		press := func(n int, query, data string) track.Click {
			return track.Click{ID: clickOf(1, 5, n).ID, CampaignID: 1, Seq: 5, ContactID: 8, Press: query, Data: data, At: start}
		}
		require.NoError(t, s.Clicks.RecordClicks(t.Context(), []track.Click{press(1, "q1", "rate:5"), clickOf(1, 6, 2)}))
		require.NoError(t, s.Clicks.RecordClicks(t.Context(), []track.Click{press(3, "q1", "rate:5"), press(4, "q2", "rate:\x00")}))
		_, clicks := clickedOf(t, s, 1)
		require.Equal(t, []track.Click{press(4, "q2", "rate:\ufffd"), clickOf(1, 6, 2), press(1, "q1", "rate:5")}, clicks,
			"one press counts once, whatever its id")
		counts, err := s.Clicks.LinkCounts(t.Context(), 1)
		require.NoError(t, err)
		require.Len(t, counts, 1, "a press is no link")
	})
}

// Processes that write clicks of the same people at the same time lose none and
// count nobody twice.
func TestRecordClicksTogether(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.DB) {
		const writers, batches, size = 6, 8, 40
		var writing sync.WaitGroup
		failed := make(chan error, writers*batches*2)
		for w := range writers {
			writing.Go(func() {
				random := rand.New(rand.NewPCG(1, uint64(w)))
				for range batches {
					clicks := make([]track.Click, size)
					for i := range clicks {
						clicks[i] = clickOf(1+random.Int64N(3), random.Int64N(60), 0)
						clicks[i].ID = uuid.Must(uuid.NewV7()).String()
					}
					failed <- s.Clicks.RecordClicks(context.Background(), clicks)
					random.Shuffle(size, func(i, j int) { clicks[i], clicks[j] = clicks[j], clicks[i] })
					failed <- s.Clicks.RecordClicks(context.Background(), clicks)
				}
			})
		}
		writing.Wait()
		close(failed)
		for err := range failed {
			require.NoError(t, err)
		}
		total := 0
		for id := range int64(3) {
			_, clicks := clickedOf(t, s, id+1)
			total += len(clicks)
		}
		require.Equal(t, writers*batches*size, total)
	})
}

func TestRecordClicksIsAllOrNothing(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.DB) {
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		require.Error(t, s.Clicks.RecordClicks(ctx, []track.Click{clickOf(1, 1, 1)}))
		people, _ := clickedOf(t, s, 1)
		require.Empty(t, people)
	})
}

func TestPressedDelivery(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.DB) {
		botID := connect(t, s, 5)
		id := broadcast(t, s, botID, 3)
		store.PressableForTest(t, s, botID, 2, 99, id, 2)
		c, err := s.Clicks.PressedDelivery(t.Context(), track.Press{BotID: botID, ChatID: 2, MessageID: 99})
		require.NoError(t, err)
		require.Equal(t, []int64{id, 2}, []int64{c.CampaignID, c.Seq})
		require.NotZero(t, c.ContactID)
		for _, p := range []track.Press{
			{BotID: botID, ChatID: 2, MessageID: 98}, {BotID: botID, ChatID: 1, MessageID: 99}, {BotID: botID + 1, ChatID: 2, MessageID: 99},
		} {
			_, err = s.Clicks.PressedDelivery(t.Context(), p)
			require.ErrorIs(t, err, track.ErrNotPressable)
		}
	})
}

func TestUTMOfAWorkspace(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.DB) {
		service := workspace.New(s.Workspaces, time.Now)
		w, err := service.Find(t.Context(), 1)
		require.NoError(t, err)
		// spec: utm-by-default
		require.Equal(t, workspace.DefaultUTM, w.UTM)
		want := workspace.UTM{Source: "bellman", Term: `"quoted" $messageName`}
		w, err = service.Update(t.Context(), 1, workspace.Settings{UTM: &want})
		require.NoError(t, err)
		require.Equal(t, want, w.UTM)
		region := "UA"
		_, err = service.Update(t.Context(), 1, workspace.Settings{PhoneRegion: &region})
		require.NoError(t, err)
		w, err = service.Find(t.Context(), 1)
		require.NoError(t, err)
		require.Equal(t, want, w.UTM)
		_, err = service.Update(t.Context(), 1, workspace.Settings{UTM: &workspace.UTM{Source: "$nothing"}})
		require.ErrorContains(t, err, "$nothing")
		w, err = service.Update(t.Context(), 1, workspace.Settings{UTM: &workspace.UTM{}})
		require.NoError(t, err)
		require.Empty(t, w.UTM)
	})
}

// What links get is frozen when a campaign is launched or scheduled, and when a triggered
// one is opened: later changes of the workspace and of the message's name are for others.
func TestLinksAreFrozen(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.DB) {
		ctx, settings, clock := t.Context(), workspace.New(s.Workspaces, time.Now), func() time.Time { return start }
		botID := connect(t, s, 5)
		messages := message.New(s.Messages, nil, clock)
		m, err := messages.Create(ctx, 1, "Sale", message.Text("hi"))
		require.NoError(t, err)
		campaigns := campaign.New(s.Campaigns, messages, clock, func() {})
		draft := func() int64 {
			c, err := campaigns.Create(ctx, campaign.Campaign{
				WorkspaceID: 1, BotID: botID, MessageID: m.ID, Name: "c", Audience: campaign.Audience{All: true},
			})
			require.NoError(t, err)
			return c.ID
		}
		launched, scheduled, later := draft(), draft(), draft()
		_, err = campaigns.Launch(ctx, 1, launched, time.Time{})
		require.NoError(t, err)
		_, err = campaigns.Launch(ctx, 1, scheduled, start.Add(time.Hour))
		require.NoError(t, err)
		_, err = campaigns.Pause(ctx, 1, launched)
		require.NoError(t, err)
		change := func(name, source string) {
			_, err = settings.Update(ctx, 1, workspace.Settings{UTM: &workspace.UTM{Source: source}})
			require.NoError(t, err)
			store.ExecForTest(t, s, fmt.Sprintf(`UPDATE messages SET name = '%s' WHERE id = %d`, name, m.ID))
		}
		change("Other", "new")
		_, err = campaigns.Resume(ctx, 1, launched)
		require.NoError(t, err)
		require.NoError(t, s.Campaigns.StartScheduled(ctx, start.Add(2*time.Hour)))
		_, err = campaigns.Launch(ctx, 1, later, time.Time{})
		require.NoError(t, err)
		change("Third", "newest")
		frozen, err := s.Summaries.Stored(ctx, []int64{launched, scheduled, later})
		require.NoError(t, err)
		got := map[int64]string{}
		for _, c := range frozen {
			got[c.ID] = c.MessageName + " " + c.UTM.Source
		}
		require.Equal(t, map[int64]string{launched: "Sale bellman-$type", scheduled: "Sale bellman-$type", later: "Other new"}, got)
	})
}
