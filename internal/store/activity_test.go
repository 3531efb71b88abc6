package store_test

import (
	"cmp"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"bellman/internal/activity"
	"bellman/internal/campaign"
	"bellman/internal/dispatch"
	"bellman/internal/message"
	"bellman/internal/outcome"
	"bellman/internal/store"
	"bellman/internal/store/storetest"
	"bellman/internal/summary"
	"bellman/internal/track"
)

// settleAll settles every recipient with the outcome that ended returns, and
// finishes the campaigns that are complete.
func settleAll(
	t *testing.T, s *store.DB, number int64, ended func(campaignID, seq int64) (campaign.Status, outcome.Reason, time.Time),
) int64 {
	t.Helper()
	hold(t, s, "p")
	works, err := s.Ledgers.Work(t.Context(), "p")
	require.NoError(t, err)
	var steps []dispatch.CampaignStep
	for _, w := range works {
		step := dispatch.CampaignStep{CampaignID: w.CampaignID, BotID: w.BotID, Epoch: w.Epoch, ClaimFrom: w.ClaimedSeq, ClaimTo: w.LaidSeq}
		steps = append(steps, step)
	}
	got, err := s.Ledgers.Step(t.Context(), dispatch.Step{Owner: "p", Number: number, Now: start, Campaigns: steps})
	require.NoError(t, err)
	for i := range steps {
		c := &steps[i]
		c.ClaimFrom, c.SettledSeq, c.Finish = c.ClaimTo, c.ClaimTo, true
		for _, r := range got[i].Recipients {
			status, reason, at := ended(c.CampaignID, r.Seq)
			c.Outcomes = append(c.Outcomes, dispatch.Outcome{Recipient: r, Status: status, Reason: reason, SettledAt: at})
		}
	}
	_, err = s.Ledgers.Step(t.Context(), dispatch.Step{Owner: "p", Number: number + 1, Now: start.Add(100 * time.Hour), Campaigns: steps})
	require.NoError(t, err)
	return number + 2
}

// clickAt returns a click whose id contains its time, as the program's ids do.
func clickAt(campaignID, seq int64, link int, at time.Time) track.Click {
	random := uuid.New()
	ms := at.UnixMilli()
	for i := range 6 {
		random[i] = byte(ms >> (40 - 8*i))
	}
	random[6] = random[6]&0x0f | 0x70
	return track.Click{ID: random.String(), CampaignID: campaignID, Seq: seq, ContactID: seq, Link: link, At: at}
}

// summaries returns the summaries of the campaigns of a database.
func summaries(s *store.DB) *summary.Cache {
	return summary.NewCache(s.Summaries, now, slog.New(slog.DiscardHandler))
}

// happened is what a test expects of an activity.
type happened struct {
	campaignID, seq, nth int64
	status               outcome.Activity
	at                   time.Time
}

var outcomesOf = map[campaign.Status]outcome.Activity{
	campaign.Sent: outcome.Delivered, campaign.Failed: outcome.Undelivered,
	campaign.Skipped: outcome.Undelivered, campaign.Unknown: outcome.Lost,
}

// TestActivityIsEverythingInTheWindow compares lists with what was written, for any
// window, any statuses, pages of any size, and all contacts or some.
func TestActivityIsEverythingInTheWindow(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.DB) {
		random := rand.New(rand.NewPCG(1, 2))
		moment := func() time.Time { return start.Add(time.Duration(random.IntN(100)) * time.Hour) }
		botID := connect(t, s, 5)
		first := broadcast(t, s, botID, 30)
		// Ids may be larger than an offset can hold.
		store.SkipIDsForTest(t, s, "campaign_id", 1<<40)
		second := broadcast(t, s, botID, 40)
		third, testID := second+1, second+2
		messageID := note(t, s)
		triggered := appended(botID, messageID, 20)
		for i := range triggered.Messages {
			triggered.Messages[i].ContactID = int64(i + 1)
		}
		triggered.Content = `{"text":"<a href=\"https://a.example/x\">a</a> <a href=\"https://b.example/\">b</a>",` +
			`"language":"en","tags":["x","y"]}`
		err := s.Triggers.Append(t.Context(), triggered)
		require.NoError(t, err)
		tests := triggered
		tests.Test = true
		err = s.Triggers.Append(t.Context(), tests)
		require.NoError(t, err)

		var all []happened
		statuses := []campaign.Status{campaign.Sent, campaign.Sent, campaign.Failed, campaign.Skipped, campaign.Unknown}
		settleAll(t, s, 1, func(campaignID, seq int64) (campaign.Status, outcome.Reason, time.Time) {
			status, at := statuses[random.IntN(len(statuses))], moment()
			if campaignID != testID {
				all = append(all, happened{campaignID, seq, 0, outcomesOf[status], at})
			}
			return status, map[campaign.Status]outcome.Reason{campaign.Failed: outcome.BotBlocked}[status], at
		})
		require.Len(t, all, 90)
		var clicks []track.Click
		for range 120 {
			at := moment()
			clicks = append(clicks, clickAt([]int64{first, second, third}[random.IntN(3)], int64(random.IntN(20)+1), random.IntN(2), at))
		}
		require.NoError(t, s.Clicks.RecordClicks(t.Context(), clicks))
		for _, c := range clicks {
			all = append(all, happened{c.CampaignID, c.Seq, 1, outcome.Clicked, c.At})
		}

		service := activity.New(s.Activity, summaries(s))
		for range 60 {
			q := activity.Query{Window: activity.Window{From: moment(), To: moment()}, Limit: []int{1, 2, 7, 1000}[random.IntN(4)]}
			if !q.To.After(q.From) {
				q.From, q.To = q.To, q.From.Add(time.Hour)
			}
			for _, status := range []outcome.Activity{outcome.Delivered, outcome.Undelivered, outcome.Lost, outcome.Clicked} {
				if random.IntN(2) == 0 {
					q.Statuses = append(q.Statuses, status)
				}
			}
			if q.People = random.IntN(2) == 0; q.People {
				q.Contacts = []int64{int64(random.IntN(40) + 1), int64(random.IntN(40) + 1)}
			}
			var want, got []happened
			for _, h := range all {
				if !h.at.Before(q.From) && h.at.Before(q.To) && (len(q.Statuses) == 0 || slices.Contains(q.Statuses, h.status)) &&
					(!q.People || slices.Contains(q.Contacts, h.seq)) {
					want = append(want, h)
				}
			}
			for last := (activity.Offset{}); ; {
				page, err := service.List(t.Context(), 1, q)
				require.NoError(t, err)
				for _, a := range page {
					require.Positive(t, a.Offset.Compare(last), "offsets grow")
					require.Equal(t, a.Status == outcome.Undelivered && a.Reason != "", a.Status.HardBounce(a.Reason))
					last = a.Offset
					h := happened{a.Campaign.ID, a.Person.ChatID, min(a.Offset.Nth, 1), a.Status, a.At}
					got = append(got, h)
				}
				if q.Offset = last; len(page) < q.Limit {
					break
				}
			}
			order := func(a, b happened) int {
				return cmp.Or(cmp.Compare(a.campaignID, b.campaignID), cmp.Compare(a.seq, b.seq), cmp.Compare(a.nth, b.nth), a.at.Compare(b.at))
			}
			slices.SortFunc(want, order)
			slices.SortFunc(got, order)
			require.Equal(t, want, got)
		}
		page, err := service.List(t.Context(), 1, activity.Query{
			Window: activity.Window{From: start, To: start.Add(200 * time.Hour)}, Statuses: []outcome.Activity{outcome.Clicked}, Limit: 1000})
		require.NoError(t, err)
		for _, a := range page {
			if a.Campaign.ID == third {
				require.Contains(t, []string{"https://a.example/x", "https://b.example/"}, a.Link)
				require.Equal(t, []string{"x", "y"}, a.Campaign.Tags)
				require.Equal(t, "en", a.Language)
				require.Equal(t, campaign.Triggered, a.Campaign.Kind)
			}
		}
		page, err = service.List(t.Context(), 2, activity.Query{
			Window: activity.Window{From: start, To: start.Add(200 * time.Hour)}, Limit: 1000,
		})
		require.NoError(t, err)
		require.Empty(t, page, "another workspace sees nothing")
	})
}

func TestActivityListsNoMoreThanFifteenClicksOfOne(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.DB) {
		id := broadcast(t, s, connect(t, s, 5), 3)
		var clicks []track.Click
		for n := range 40 {
			clicks = append(clicks, clickAt(id, 2, 0, start.Add(time.Duration(n)*time.Second)))
		}
		press := clickAt(id, 3, 0, start)
		press.Press = "q"
		require.NoError(t, s.Clicks.RecordClicks(t.Context(), append(clicks, press)))
		service := activity.New(s.Activity, summaries(s))
		q := activity.Query{Window: activity.Window{From: start, To: start.Add(time.Hour)}, Limit: 4}
		var seen []activity.Activity
		for {
			page, err := service.List(t.Context(), 1, q)
			require.NoError(t, err)
			if seen = append(seen, page...); len(page) < q.Limit {
				break
			}
			q.Offset = page[len(page)-1].Offset
		}
		require.Len(t, seen, 16)
		for n, a := range seen[:15] {
			require.Equal(t, start.Add(time.Duration(n)*time.Second), a.At, "the first ones, in their order")
		}
		require.Empty(t, seen[15].Link, "a button that sends data leads nowhere")
	})
}

// TestPlacesAreThoseOfEveryCampaign compares the results of the binary search with
// a walk over all recipients of broadcasts, triggered campaigns and resends.
func TestPlacesAreThoseOfEveryCampaign(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.DB) {
		botID := connect(t, s, 5)
		for _, n := range []int{1, 2, 13, 30} {
			broadcast(t, s, botID, n)
		}
		random := rand.New(rand.NewPCG(3, 4))
		triggered := appended(botID, note(t, s), 50)
		for i := range triggered.Messages {
			triggered.Messages[i].Chat = campaign.Chat{ChatID: int64(random.IntN(30) + 1)}
			triggered.Messages[i].ContactID = triggered.Messages[i].ChatID
		}
		err := s.Triggers.Append(t.Context(), triggered)
		require.NoError(t, err)
		fail := func(_, seq int64) (campaign.Status, outcome.Reason, time.Time) {
			if seq%3 == 0 {
				return campaign.Sent, "", start
			}
			return campaign.Failed, "telegram_error", start
		}
		number := settleAll(t, s, 1, fail)
		require.NoError(t, s.Triggers.Tidy(t.Context(), "2027-01", start))
		campaigns := campaign.New(s.Campaigns, message.New(s.Messages, nil, now), now, func() {})
		for range 2 {
			list, _, err := campaigns.List(t.Context(), 1, campaign.Filter{Limit: 1})
			require.NoError(t, err)
			for _, id := range []int64{list[0].ID, list[0].ID - 1} {
				again, err := campaigns.Resend(t.Context(), 1, id, []campaign.Status{campaign.Failed})
				require.NoError(t, err)
				for more := true; more; {
					more, err = s.Campaigns.LayOut(t.Context(), again.ID, 7, start)
					require.NoError(t, err)
				}
			}
			number = settleAll(t, s, number, fail)
		}
		all, _, err := campaigns.List(t.Context(), 1, campaign.Filter{Limit: 100})
		require.NoError(t, err)
		require.Len(t, all, 9)
		walked := map[int64][]activity.Place{}
		slices.Reverse(all)
		for _, c := range all {
			deliveries, err := s.Campaigns.Deliveries(t.Context(), c.Campaign, nil, 0, 1000)
			require.NoError(t, err)
			for _, d := range deliveries {
				walked[d.ContactID] = append(walked[d.ContactID], activity.Place{CampaignID: c.ID, Seq: d.Seq})
			}
		}
		require.Len(t, walked, 30)
		for contactID, want := range walked {
			got, err := s.Activity.Places(t.Context(), 1, []int64{contactID})
			require.NoError(t, err)
			require.Equal(t, want, got, fmt.Sprint("contact ", contactID))
			history, total, err := activity.New(s.Activity, summaries(s)).History(t.Context(), 1, []int64{contactID},
				activity.Past{Offset: 1, Limit: 2})
			require.NoError(t, err)
			require.EqualValues(t, len(want), total)
			for i, m := range history {
				require.Equal(t, want[len(want)-2-i], m.Place, "newest first")
				require.Equal(t, contactID, m.Delivery.ContactID)
			}
		}
		nobody, err := s.Activity.Places(t.Context(), 2, []int64{1})
		require.NoError(t, err)
		require.Empty(t, nobody, "another workspace sees nothing")
	})
}
