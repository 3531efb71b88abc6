package store_test

import (
	"cmp"
	"fmt"
	"log/slog"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"bellman/internal/activity"
	"bellman/internal/audience"
	"bellman/internal/store"
	"bellman/internal/store/storetest"
	"bellman/internal/summary"
)

// lived is what a test has written for one contact, as it should be told.
type lived struct {
	at   int64
	kind activity.Kind
	// order is among those of one kind and one time.
	order, name string
}

// life writes what happens to a contact, much of it in the same millisecond, beside what
// happens to another one.
func life(t *testing.T, s *store.DB) (id int64, all []lived) {
	t.Helper()
	makeRoom(t, s)
	botID, messageID := connect(t, s, 5), note(t, s)
	both := people(t, s, botID, 2)
	id = both[0]
	exec := func(format string, args ...any) { store.ExecForTest(t, s, fmt.Sprintf(format, args...)) }
	add := func(at int64, kind activity.Kind, major, minor int64, key, name string) {
		all = append(all, lived{at, kind, fmt.Sprintf("%020d %020d %s", major, minor, key), name})
	}
	add(start.UnixMilli(), activity.ChatBegan, botID, 1, "", "chat")
	for i := range int64(14) {
		c, at, state := townFirst+i, 5+i%3, "finished"
		if i == 12 {
			state = "cancelled"
		}
		exec(`INSERT INTO campaigns (id, workspace_id, bot_id, message_id, name, kind, state, audience, content, laid_seq, laid,
			created_at, updated_at, launched_at, finished_at, forgotten_at) VALUES (%d, 1, %d, %d, 'c%d', 'broadcast', '%s', '{"all":true}',
			'{"text":"<a href=\"https://x.ua/%d\">hi</a>"}', 2, TRUE, 1, 1, 1, %s, %s)`,
			c, botID, messageID, i, state, i, orNull(i != 11, 6), orNull(i == 13, 7))
		exec(`INSERT INTO ledgers (campaign_id, bot_id) VALUES (%d, %d)`, c, botID)
		for seq, who := range both {
			exec(`INSERT INTO recipients (campaign_id, seq, chat_id, contact_id) VALUES (%d, %d, %d, %d)`, c, seq+1, seq+1, who)
			exec(`INSERT INTO clicks (campaign_id, id, seq, contact_id, link, clicked_at) VALUES (%d, 'k%02d%d', %d, %d, 0, %d)`,
				c, i, who, seq+1, who, at)
			if i != 11 && i != 12 {
				exec(`INSERT INTO outcomes (campaign_id, seq, status, settled_at) VALUES (%d, %d, 'sent', %d)`, c, seq+1, at)
			}
			exec(`INSERT INTO events (workspace_id, id, type_id, contact_id, key, params, past, occurred_at, created_at)
				VALUES (1, %d, 999, %d, 'k', '{}', FALSE, %d, 1)`, 10*i+int64(seq), who, at)
		}
		add(at, activity.Happened, 0, 10*i, "", fmt.Sprint("event ", 10*i))
		if i == 13 {
			continue // it is forgotten
		}
		add(at, activity.Clicked, c, 0, fmt.Sprintf("k%02d%d", i, id), fmt.Sprint("https://x.ua/", i))
		switch i {
		case 11:
			at = activity.Underway.UnixMilli()
		case 12:
			at = 6
		}
		add(at, activity.Messaged, c, 1, "", fmt.Sprint("c", i))
	}
	exec(`INSERT INTO event_types (id, workspace_id, key, created_at) VALUES (999, 1, 'x', 1)`)
	groups := audience.New(s.Groups, func() time.Time { return time.UnixMilli(6) })
	for i := range 3 {
		g := group(t, groups, fmt.Sprint("g", i), both...)
		add(6, activity.JoinedGroup, 0, g, "", fmt.Sprint("g", i))
	}
	slices.SortFunc(all, func(a, b lived) int {
		return -cmp.Or(cmp.Compare(a.at, b.at), cmp.Compare(slices.Index(activity.Kinds, a.kind), slices.Index(activity.Kinds, b.kind)),
			cmp.Compare(a.order, b.order))
	})
	return id, all
}

func orNull(is bool, n int) string {
	if is {
		return fmt.Sprint(n)
	}
	return "NULL"
}

func nameOf(e activity.Entry) string {
	switch e.Kind {
	case activity.Messaged:
		return e.Message.CampaignName
	case activity.Clicked:
		return e.Click.Link
	case activity.Happened:
		return fmt.Sprint("event ", e.Event.ID)
	case activity.JoinedGroup:
		return e.Group.Name
	}
	return "chat"
}

// In pages of any size, a timeline tells all that happened once, latest first.
func TestTimelineTellsAllOnce(t *testing.T) {
	t.Parallel()
	storetest.EachAddress(t, func(t *testing.T, address string) {
		s := storetest.OpenIll(t, address) // its sums are not those of its rows
		id, all := life(t, s)
		svc := activity.New(s.Activity, summary.NewCache(s.Summaries, now, slog.New(slog.DiscardHandler)))
		rapid.Check(t, func(rt *rapid.T) {
			limit := rapid.IntRange(1, 60).Draw(rt, "limit")
			kinds := rapid.SliceOfNDistinct(rapid.SampledFrom(activity.Kinds), 0, 3, rapid.ID).Draw(rt, "kinds")
			var want, got []string
			for _, h := range all {
				if len(kinds) == 0 || slices.Contains(kinds, h.kind) {
					want = append(want, h.name)
				}
			}
			for after, more := (*activity.Moment)(nil), true; more; {
				page, err := svc.Timeline(t.Context(), 1, id, kinds, after, limit)
				require.NoError(rt, err)
				for _, e := range page {
					got = append(got, nameOf(e))
				}
				if more = len(page) == limit; more {
					after = &page[limit-1].Moment
				}
			}
			require.Equal(rt, want, got)
		})
		for _, limit := range []int{0, activity.MaxHistory + 2} {
			_, err := svc.Timeline(t.Context(), 1, id, nil, nil, limit)
			require.ErrorContains(t, err, "at once")
		}
		none, err := svc.Timeline(t.Context(), 2, id, nil, nil, 10)
		require.NoError(t, err)
		require.Empty(t, none, "another workspace")
	})
}
