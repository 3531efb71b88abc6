package store_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"bellman/internal/audience"
	"bellman/internal/campaign"
	"bellman/internal/dispatch"
	"bellman/internal/message"
	"bellman/internal/outcome"
	"bellman/internal/store"
	"bellman/internal/store/storetest"
	"bellman/internal/track"
)

// reader is a recipient of a campaign as the test knows it.
type reader struct {
	seq, contactID int64
	status         campaign.Status
	reason         outcome.Reason
	language       string
	groups         []int64
	links          []int
	clicked        bool
}

// audienceOf is a campaign of which everything is known: half of it is settled, some of
// them clicked, they speak languages and are in groups.
type audienceOf struct {
	campaigns *campaign.Service
	id        int64
	readers   []reader
	groups    []int64
}

const (
	readers, claimedReaders = 120, 100
)

func newAudience(t *testing.T, s *store.DB, random *rand.Rand) audienceOf {
	t.Helper()
	botID := connect(t, s, 5)
	a := audienceOf{id: broadcast(t, s, botID, readers)}
	a.campaigns = campaign.New(s.Campaigns, message.New(s.Messages, nil, now), now, func() {})
	lease := hold(t, s, "a")
	_, err := s.Ledgers.Adopt(t.Context(), lease.BotID, lease.Epoch, start)
	require.NoError(t, err)
	step := func(n int64, c dispatch.CampaignStep) {
		c.CampaignID, c.BotID, c.Epoch = a.id, botID, lease.Epoch
		_, err := s.Ledgers.Step(t.Context(), dispatch.Step{Owner: "a", Number: n, Now: start, Campaigns: []dispatch.CampaignStep{c}})
		require.NoError(t, err)
	}
	step(1, dispatch.CampaignStep{ClaimTo: claimedReaders})
	c, _, err := s.Campaigns.Find(t.Context(), 1, a.id)
	require.NoError(t, err)
	all, err := s.Campaigns.Deliveries(t.Context(), c, nil, 0, readers)
	require.NoError(t, err)
	require.Len(t, all, readers)
	ends := []reader{
		{status: campaign.Sent}, {status: campaign.Sent}, {status: campaign.Failed, reason: outcome.BotBlocked},
		{status: campaign.Failed, reason: outcome.ContentRefused}, {status: campaign.Skipped, reason: outcome.ChatMuted},
		{status: campaign.Unknown, reason: outcome.AnswerLost}, {status: campaign.Queued, reason: outcome.TooManyRequests},
		{status: campaign.Failed, reason: "text_too_long"}, {status: campaign.Failed, reason: outcome.NotTelegram},
	}
	var settled []dispatch.Outcome
	var deferred []dispatch.Deferral
	for _, d := range all {
		r := reader{seq: d.Seq, contactID: d.ContactID, status: campaign.Queued}
		if d.Seq <= claimedReaders {
			end := ends[random.IntN(len(ends))]
			r.status, r.reason = end.status, end.reason
			to := dispatch.Recipient{Seq: d.Seq, ChatID: d.ChatID, ContactID: d.ContactID}
			if r.status == campaign.Queued {
				deferred = append(deferred, dispatch.Deferral{Recipient: to, DueAt: start.Add(time.Hour), Reason: r.reason})
			} else {
				settled = append(settled, dispatch.Outcome{Recipient: to, Status: r.status, Reason: r.reason, SettledAt: start})
			}
		}
		a.readers = append(a.readers, r)
	}
	step(2, dispatch.CampaignStep{
		ClaimFrom: claimedReaders, ClaimTo: claimedReaders, SettledSeq: claimedReaders, Outcomes: settled, Deferrals: deferred,
	})
	a.describe(t, s, random)
	return a
}

// describe gives the people languages, groups and clicks.
func (a *audienceOf) describe(t *testing.T, s *store.DB, random *rand.Rand) {
	t.Helper()
	groups := audience.New(s.Groups, now)
	for i := range 3 {
		a.groups = append(a.groups, group(t, groups, fmt.Sprint("g", i)))
	}
	var clicks []track.Click
	for i := range a.readers {
		r := &a.readers[i]
		if r.language = []string{"", "uk", "en"}[random.IntN(3)]; r.language != "" {
			store.ExecForTest(t, s, fmt.Sprintf(`UPDATE contacts SET language_code = '%s' WHERE id = %d`, r.language, r.contactID))
		}
		for _, g := range a.groups {
			if random.IntN(3) == 0 {
				r.groups = append(r.groups, g)
				_, err := s.Groups.Attach(t.Context(), 1, []int64{g}, []int64{r.contactID}, start)
				require.NoError(t, err)
			}
		}
		for n := range random.IntN(4) * random.IntN(2) {
			c := clickAt(a.id, r.seq, random.IntN(3), start.Add(time.Duration(random.IntN(1000))*time.Minute))
			if r.clicked = true; random.IntN(4) == 0 {
				c.Press = fmt.Sprint("q", r.seq, "/", n)
			} else {
				r.links = append(r.links, c.Link)
			}
			clicks = append(clicks, c)
		}
	}
	require.NoError(t, s.Clicks.RecordClicks(t.Context(), clicks))
}

func overlap[T comparable](a, b []T) bool {
	return slices.ContainsFunc(a, func(v T) bool { return slices.Contains(b, v) })
}

// wants reports whether a filter names the reader.
func wants(f campaign.DeliveryFilter, r reader) bool {
	return (len(f.Statuses) == 0 || slices.Contains(f.Statuses, r.status)) &&
		(len(f.Reasons) == 0 || slices.Contains(f.Reasons, r.reason)) &&
		(!f.Clicked || r.clicked) && (len(f.Links) == 0 || overlap(f.Links, r.links)) &&
		(len(f.Languages) == 0 || slices.Contains(f.Languages, r.language)) &&
		(len(f.GroupIDs) == 0 || overlap(f.GroupIDs, r.groups))
}

// some returns none, or some, of the values.
func some[T any](random *rand.Rand, of ...T) (picked []T) {
	if random.IntN(2) == 0 {
		return nil
	}
	for _, v := range of {
		if random.IntN(2) == 0 {
			picked = append(picked, v)
		}
	}
	return picked
}

// Whatever filters are put together, the pages of a list have those who meet them all, each
// once and in order; in a cancelled campaign, too.
func TestReportFindsPeople(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.DB) {
		seed := rand.Uint64()
		t.Logf("seed %d", seed)
		random := rand.New(rand.NewPCG(seed, 0))
		a := newAudience(t, s, random)
		list := func(f campaign.DeliveryFilter) (seqs []int64) {
			limit := 1 + random.IntN(40)
			for after := int64(0); ; {
				page, next, err := a.campaigns.Deliveries(t.Context(), 1, a.id, f, after, limit)
				require.NoError(t, err)
				require.LessOrEqual(t, len(page), limit)
				for _, d := range page {
					require.Equal(t, a.readers[d.Seq-1].status, d.Status)
					seqs = append(seqs, d.Seq)
				}
				if next == 0 {
					return seqs
				}
				require.Greater(t, next, after)
				after = next
			}
		}
		check := func() {
			for range 60 {
				f := campaign.DeliveryFilter{
					Statuses: some(random, campaign.Statuses...), Clicked: random.IntN(4) == 0, Links: some(random, 0, 1, 2),
					Reasons: some(random, outcome.BotBlocked, outcome.ContentRefused, outcome.ChatMuted, outcome.AnswerLost,
						outcome.TooManyRequests, outcome.Cancelled, outcome.NotTelegram, "text_too_long"),
					Languages: some(random, "", "uk", "en"), GroupIDs: some(random, a.groups...),
				}
				var want []int64
				for _, r := range a.readers {
					if wants(f, r) {
						want = append(want, r.seq)
					}
				}
				require.Equal(t, want, list(f), "%+v", f)
			}
		}
		check()
		_, err := a.campaigns.Cancel(t.Context(), 1, a.id)
		require.NoError(t, err)
		for i := range a.readers {
			if r := &a.readers[i]; r.status == campaign.Queued {
				r.status, r.reason = campaign.Skipped, outcome.Cancelled
			}
		}
		check()
		nobody, _, err := a.campaigns.Deliveries(t.Context(), 1, a.id, campaign.DeliveryFilter{GroupIDs: []int64{1 << 40}}, 0, 10)
		require.NoError(t, err)
		require.Empty(t, nobody)
	})
}

// A report by language or group counts as a count in memory does.
func TestReportIsDivided(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.DB) {
		seed := rand.Uint64()
		t.Logf("seed %d", seed)
		a := newAudience(t, s, rand.New(rand.NewPCG(seed, 0)))
		gone := a.groups[2]
		require.NoError(t, audience.New(s.Groups, now).Delete(t.Context(), 1, gone, func(audience.Group) error { return nil }))
		languages, groups := map[string]campaign.Tally{}, map[int64]campaign.Tally{}
		for _, r := range a.readers {
			languages[r.language] = plus(languages[r.language], r)
			for _, g := range r.groups {
				if g != gone {
					groups[g] = plus(groups[g], r)
				}
			}
		}
		parts, err := a.campaigns.Divide(t.Context(), 1, a.id, campaign.ByLanguage)
		require.NoError(t, err)
		require.False(t, parts.About)
		got := map[string]campaign.Tally{}
		for _, p := range parts.All {
			got[p.Language] = p.Tally
		}
		require.Equal(t, languages, got)
		require.True(t, slices.IsSortedFunc(parts.All, func(a, b campaign.Part) int { return int(b.Recipients - a.Recipients) }))
		parts, err = a.campaigns.Divide(t.Context(), 1, a.id, campaign.ByGroup)
		require.NoError(t, err)
		require.Len(t, parts.All, len(groups))
		for _, p := range parts.All {
			require.Equal(t, groups[p.GroupID], p.Tally)
			require.Equal(t, fmt.Sprint("g", slices.Index(a.groups, p.GroupID)), p.GroupName)
		}
	})
}

// plus adds a reader to a tally.
func plus(n campaign.Tally, r reader) campaign.Tally {
	n.Recipients++
	for status, count := range map[campaign.Status]*int64{
		campaign.Sent: &n.Sent, campaign.Failed: &n.Failed, campaign.Skipped: &n.Skipped, campaign.Unknown: &n.Unknown,
	} {
		if r.status == status {
			*count++
		}
	}
	if r.clicked {
		n.Clicked++
	}
	return n
}
