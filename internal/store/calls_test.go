package store_test

import (
	"context"
	"fmt"
	"log/slog"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"bellman/internal/activity"
	"bellman/internal/audience"
	"bellman/internal/audit"
	"bellman/internal/campaign"
	"bellman/internal/contact"
	"bellman/internal/dispatch"
	"bellman/internal/event"
	"bellman/internal/idempotency"
	"bellman/internal/imports"
	"bellman/internal/report"
	"bellman/internal/retention"
	"bellman/internal/store"
	"bellman/internal/store/storetest"
	"bellman/internal/summary"
	"bellman/internal/track"
	"bellman/internal/webhook"
	"bellman/internal/workspace"
)

// A recorder keeps the statements that were run while it was on.
type recorder struct {
	mu  sync.Mutex
	on  bool
	log []asked
}

// asked is a statement as it was run.
type asked struct {
	query string
	args  []any
	// row is true for a run of a prepared statement, whose preparation is recorded,
	// too.
	row bool
}

func (r *recorder) note(a asked) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.on {
		r.log = append(r.log, a)
	}
	return nil
}

func (r *recorder) Statement(query string, args []any) error {
	return r.note(asked{query, args, false})
}
func (r *recorder) Row(query string, args []any) error { return r.note(asked{query, args, true}) }
func (r *recorder) Commit(commit func() error) error   { return commit() }

// during returns the statements that were run during the call.
func (r *recorder) during(call func()) []asked {
	r.mu.Lock()
	r.on, r.log = true, nil
	r.mu.Unlock()
	call()
	r.mu.Lock()
	defer r.mu.Unlock()
	r.on = false
	return r.log
}

// kind is what is special about the plans of a call.
type kind struct {
	// walks: the call reads much by its nature, such as all of a campaign in a span of
	// time.
	walks bool
	// estimated: the engine chooses the indexes by how many rows it believes a
	// table to have, so the call needs statistics that are not too old.
	estimated bool
	// rounds: the call takes up to so many statements, by what it finds.
	rounds bool
}

var walks, estimated, searches = kind{walks: true}, kind{estimated: true}, kind{walks: true, rounds: true}

// call is one of the calls whose costs matter: with n items, on a town.
type call struct {
	name string
	// sqlite and postgres are how many statements the call takes, whatever the
	// number of items.
	sqlite, postgres int
	kind
	run func(t *testing.T, w *town, n int)
}

func window() activity.Window {
	return activity.Window{From: start.Add(-time.Hour), To: start.Add(time.Hour)}
}

func contactIDs(from, n int) (ids []int64) {
	for i := range n {
		ids = append(ids, int64(townFirst+from+i))
	}
	return ids
}

// deliveries reads a page of a campaign and drops it: only the call counts.
func deliveries(statuses ...campaign.Status) func(*testing.T, *town, int) {
	return func(t *testing.T, w *town, n int) {
		got, err := w.Campaigns.Deliveries(t.Context(), campaign.Campaign{ID: townSending, State: campaign.Sending}, statuses, 500, n)
		require.NoError(t, err)
		require.NotEmpty(t, got)
	}
}

// campaigns reads a page of campaigns.
func campaigns(f campaign.Filter) func(*testing.T, *town, int) {
	return func(t *testing.T, w *town, n int) {
		f.Limit = n
		all, _, _, err := w.Campaigns.List(t.Context(), 1, f)
		require.NoError(t, err)
		require.Len(t, all, n)
	}
}

func list(f contact.Filter, span contact.Span) func(*testing.T, *town, int) {
	return func(t *testing.T, w *town, n int) {
		span.Limit = n
		page, err := contact.New(w.Contacts, now).List(t.Context(), workspace.Workspace{ID: 1}, f, span)
		require.NoError(t, err)
		require.NotEmpty(t, page.Contacts)
	}
}

// townBot stands for the bot of the town, whose id is not known before.
const townBot = -1

func find(q contact.Query) func(*testing.T, *town, int) {
	return func(t *testing.T, w *town, n int) {
		asked := q
		if q.BotID == townBot {
			asked.BotID = w.botID
		}
		page, _, err := contact.New(w.Contacts, now).Find(t.Context(), workspace.Workspace{ID: 1}, asked, contact.NewestFirst, nil, n)
		require.NoError(t, err)
		require.Len(t, page.Contacts, n)
	}
}

func layOut(id int64) func(*testing.T, *town, int) {
	return func(t *testing.T, w *town, n int) {
		_, err := w.Campaigns.LayOut(t.Context(), id, n, start)
		require.NoError(t, err)
	}
}

var calls = []call{
	{"a step that settles nothing and claims", 8, 8, kind{}, func(t *testing.T, w *town, n int) {
		for i, c := range w.step(func(c *dispatch.CampaignStep) { c.ClaimTo += int64(n) }) {
			require.Len(t, c.Recipients, n, i)
		}
	}},
	{"a step that claims with custom fields", 9, 9, kind{}, func(t *testing.T, w *town, n int) {
		for i, c := range w.step(func(c *dispatch.CampaignStep) {
			c.ClaimTo += int64(n)
			if c.CampaignID == townSending {
				c.Fields = []int64{7}
			}
		}) {
			require.Len(t, c.Recipients, n, i)
			for _, r := range c.Recipients {
				require.Equal(t, i == 0, r.Person != nil && len(r.Person.Fields) == 1)
			}
		}
	}},
	{"a step that settles, defers and claims what is due", 34, 34, kind{}, func(t *testing.T, w *town, n int) {
		claimed := w.step(func(c *dispatch.CampaignStep) { c.ClaimTo += int64(3 * n) })
		w.step(func(c *dispatch.CampaignStep) {
			rec := claimed[c.CampaignID-townSending].Recipients
			for i, r := range rec[:n] {
				c.Outcomes = append(c.Outcomes, dispatch.Outcome{
					Recipient: r, Status: dispatch.Sent, TelegramMessageID: int64(1e6 + i), SettledAt: start})
			}
			for _, r := range rec[n : 2*n] {
				c.Outcomes = append(c.Outcomes, dispatch.Outcome{
					Recipient: r, Status: dispatch.Failed, Reason: "bot_blocked", SettledAt: start})
				c.Removals = append(c.Removals, dispatch.Removal{ChatID: r.ChatID, Seq: r.Seq})
			}
			for _, r := range rec[2*n:] {
				c.Deferrals = append(c.Deferrals, dispatch.Deferral{Recipient: r, DueAt: start, Reason: "x"})
			}
			c.ClaimDue, c.Finish = n, true
		})
	}},
	{"what there is to send", 1, 1, kind{}, func(t *testing.T, w *town, _ int) {
		work, err := w.Ledgers.Work(t.Context(), townOwner)
		require.NoError(t, err)
		require.NotEmpty(t, work)
	}},
	{"an adoption with some on the wire", 50, 50, kind{}, func(_ *testing.T, w *town, n int) {
		w.step(func(c *dispatch.CampaignStep) { c.ClaimTo += int64(n) })
		w.lead(townOwner)
	}},
	{"what is queued", 1, 1, kind{}, func(t *testing.T, w *town, _ int) {
		queues, err := w.Campaigns.Queues(t.Context())
		require.NoError(t, err)
		require.NotEmpty(t, queues)
	}},
	{"what is yet to be laid out", 2, 2, kind{}, func(t *testing.T, w *town, _ int) {
		require.NoError(t, w.Campaigns.StartScheduled(t.Context(), start))
		unlaid, err := w.Campaigns.Unlaid(t.Context())
		require.NoError(t, err)
		require.NotEmpty(t, unlaid)
	}},
	{"a chunk of a layout to everybody", 4, 5, kind{}, layOut(townFresh)},
	{"a chunk of a layout to a group", 5, 6, kind{}, layOut(townFresh + 1)},
	{"a chunk of a layout to those who failed", 4, 5, kind{}, layOut(townFresh + 2)},
	{"a chunk of a layout of an edit", 4, 5, kind{}, layOut(townFresh + 3)},
	{"a step that claims edits", 8, 8, kind{}, func(t *testing.T, w *town, n int) {
		for i, c := range w.step(func(c *dispatch.CampaignStep) { c.ClaimTo, c.Changes = c.ClaimTo+int64(n), true }) {
			require.Len(t, c.Recipients, n, i)
		}
	}},
	{"a campaign", 1, 1, kind{}, func(t *testing.T, w *town, _ int) {
		_, _, err := w.Campaigns.Find(t.Context(), 1, townSending)
		require.NoError(t, err)
	}},
	{"a page of campaigns", 2, 2, estimated, campaigns(campaign.Filter{After: &campaign.Place{ID: townFirst + 1000}})},
	{"a page of campaigns by name", 2, 2, estimated,
		campaigns(campaign.Filter{Order: campaign.ByName, After: &campaign.Place{Text: "c", ID: townFirst + 1000}})},
	{"a page of campaigns by creation", 2, 2, estimated,
		campaigns(campaign.Filter{Order: campaign.ByCreation.Back(), After: &campaign.Place{At: 1, ID: townFirst + 1000}})},
	{"a page of campaigns by launch", 2, 2, estimated,
		campaigns(campaign.Filter{Order: campaign.ByLaunch, After: &campaign.Place{At: 1, ID: townFirst + 1000}})},
	{"a page of campaigns by schedule", 2, 2, estimated,
		campaigns(campaign.Filter{Order: campaign.BySchedule.Back(), After: &campaign.Place{ID: townFirst + 1000}})},
	{"the broadcasts before one", 2, 2, kind{walks: true, estimated: true}, func(t *testing.T, w *town, n int) {
		all, _, _, err := w.Campaigns.List(t.Context(), 1, campaign.Filter{States: []campaign.State{campaign.Finished}, Kind: campaign.Broadcast,
			Actions: []campaign.Action{campaign.Send}, BotID: w.botID + 1, Order: campaign.ByLaunch.Back(),
			After: &campaign.Place{At: start.UnixMilli(), ID: townSending}, Limit: n})
		require.NoError(t, err)
		require.Len(t, all, n)
	}},
	{"why recipients did not get a campaign", 1, 1, kind{}, func(t *testing.T, w *town, n int) {
		most := map[campaign.Status]int64{campaign.Failed: int64(n), campaign.Unknown: 9}
		causes, err := w.Campaigns.CountCauses(t.Context(), townSending, most)
		require.NoError(t, err)
		require.NotEmpty(t, causes)
	}},
	{"what uses a message", 1, 1, kind{}, func(t *testing.T, w *town, n int) {
		uses, err := w.Messages.MessageUses(t.Context(), 1, w.messageID, 1<<53, n)
		require.NoError(t, err)
		require.Len(t, uses, n)
	}},
	{"a page of deliveries", 2, 2, kind{}, deliveries()},
	{"a page of deliveries that are queued", 2, 2, kind{}, deliveries(campaign.Queued)},
	{"a page of deliveries that failed", 2, 2, kind{}, deliveries(campaign.Failed)},
	{"a page of deliveries that were sent", 2, 2, estimated, deliveries(campaign.Sent)},
	{"a page of deliveries that failed or are unknown", 2, 2, kind{}, deliveries(campaign.Failed, campaign.Unknown)},
	{"a page of deliveries by whom they were clicked", 4, 4, estimated, func(t *testing.T, w *town, n int) {
		for _, links := range [][]int{nil, {0, 1}} {
			got, err := w.Campaigns.Clickers(t.Context(), townSending, links, 500, n)
			require.NoError(t, err)
			require.Len(t, got, n)
		}
	}},
	{"deliveries at their places, by language and group", 4, 4, kind{}, func(t *testing.T, w *town, n int) {
		seqs, tallies := make([]int64, n), make([]campaign.Tally, n)
		for i := range seqs {
			seqs[i], tallies[i] = int64(1+7*i), campaign.Tally{ContactID: int64(townFirst + 60 + i), Recipients: 1}
		}
		got, err := w.Campaigns.DeliveriesAt(t.Context(), townSending, seqs)
		require.NoError(t, err)
		require.Len(t, got, n)
		_, err = w.Campaigns.LanguagesOf(t.Context(), 1, contactIDs(60, n))
		require.NoError(t, err)
		members, err := w.Campaigns.MembersAmong(t.Context(), 1, []int64{townFirst}, contactIDs(60, n))
		require.NoError(t, err)
		require.Len(t, members, n)
		parts, err := w.Campaigns.SumByGroup(t.Context(), 1, tallies)
		require.NoError(t, err)
		require.Len(t, parts, 1)
	}},
	{"chats with contacts that are known", 6, 9, kind{}, func(t *testing.T, w *town, n int) {
		items := make([]contact.Token, n)
		for i := range items {
			items[i] = contact.Token{ChatID: 5_000_000 + int64(n*1000+i), ExternalCustomerID: fmt.Sprint("e", i+1),
				Phone: "+38050" + strconv.Itoa(1000001+i), Email: fmt.Sprintf("p%d@example.com", i+1)}
		}
		_, err := contact.New(w.Contacts, now).AddTokens(t.Context(), workspace.Workspace{ID: 1}, w.botID, items)
		require.NoError(t, err)
	}},
	{"chats with contacts that are new", 9, 10, kind{}, func(t *testing.T, w *town, n int) {
		items := make([]contact.Token, n)
		for i := range items {
			items[i] = contact.Token{ChatID: 6_000_000 + int64(n*1000+i), ExternalCustomerID: fmt.Sprint("new", n*1000+i)}
		}
		_, err := contact.New(w.Contacts, now).AddTokens(t.Context(), workspace.Workspace{ID: 1}, w.botID, items)
		require.NoError(t, err)
	}},
	{"imports that are due, and one that is given back", 5, 5, kind{}, func(t *testing.T, w *town, n int) {
		taken, err := w.Imports.TakeImports(t.Context(), "w", false, start, 0, n)
		require.NoError(t, err)
		require.NotEmpty(t, taken)
		held, err := w.Imports.RenewImport(t.Context(), taken[0], 0)
		require.NoError(t, err)
		require.True(t, held)
		require.NoError(t, w.Imports.ReturnImport(t.Context(), taken[0], 0, start.Add(-time.Hour)))
	}},
	{"a part of an import", 23, 24, kind{}, func(t *testing.T, w *town, n int) {
		part, lease := 10+n, imports.Lease{ImportID: townFirst + 1501, Attempt: 1}
		require.NoError(t, w.Imports.AddImportPart(t.Context(), lease, imports.Piece{Number: part, Contacts: []byte("[]")}))
		p, more, err := w.Imports.NextImportPart(t.Context(), townFirst+1501)
		require.NoError(t, err)
		require.True(t, more)
		profiles := make([]contact.Profile, n)
		for i := range profiles {
			profiles[i] = contact.Profile{Email: new(fmt.Sprintf("i%d@example.com", n*1000+i)), FirstName: new("Ivan"),
				Fields: map[int64]string{7: "x"}}
		}
		result := func(plan contact.Plan) (imports.Result, error) {
			r := imports.Result{
				Count: imports.Count{Created: int64(n)}, Report: []byte(`{"mapping":[]}`), Join: []string{"g"}, Leave: []string{"none"},
			}
			for _, c := range plan.Create {
				r.ContactIDs = append(r.ContactIDs, c.ID)
			}
			return r, nil
		}
		contacts := contact.New(w.Imports.ImportContacts(lease, p.Number, result), now)
		_, err = contacts.Import(t.Context(), workspace.Workspace{ID: 1}, profiles, contact.ImportOptions{DedupeOn: contact.OnEmail})
		require.NoError(t, err)
		_, err = w.Imports.ImportedPeople(t.Context(), townFirst+1501, p.Number)
		require.NoError(t, err)
		require.NoError(t, w.Imports.FinishImportPart(t.Context(), lease, p.Number, start))
	}},
	{"a page of imports, and how many there are", 2, 2, kind{}, func(t *testing.T, w *town, n int) {
		_, err := w.Imports.Imports(t.Context(), 1, imports.ListFilter{Before: 1 << 53, Limit: n})
		require.NoError(t, err)
		_, err = w.Imports.CountImports(t.Context(), 1, nil, n)
		require.NoError(t, err)
	}},
	{"a look at what changes by itself", 3, 3, kind{}, func(t *testing.T, w *town, _ int) {
		_, err := w.Live.Sight(t.Context(), 1, start)
		require.NoError(t, err)
		_, _, err = w.Campaigns.Active(t.Context(), 1)
		require.NoError(t, err)
	}},
	{"imports that are to be taken back", 1, 1, kind{}, func(t *testing.T, w *town, n int) {
		_, err := w.Imports.TakeUndos(t.Context(), "w", start, 0, n)
		require.NoError(t, err)
	}},
	{"a page of contacts", 5, 5, kind{}, list(contact.Filter{}, contact.Span{ByID: true, Offset: 15_000})},
	{"a page of contacts by update", 5, 5, kind{}, list(contact.Filter{}, contact.Span{Offset: 100})},
	{"a deep page of contacts by update", 5, 5, kind{}, list(contact.Filter{}, contact.Span{Offset: 15_000})},
	{"the next page of contacts by update", 5, 5, kind{},
		list(contact.Filter{}, contact.Span{After: contact.Position{UpdatedAt: time.UnixMilli(1), ID: townFirst + 15_000}})},
	{"a page of contacts of a common name", 5, 5, walks, list(contact.Filter{FirstName: "ann"}, contact.Span{})},
	{"a page of contacts of a name", 5, 5, kind{}, list(contact.Filter{FirstName: "ann", LastName: "lee77"}, contact.Span{})},
	{"a page of contacts with an email", 6, 6, kind{}, list(contact.Filter{Email: "p77@example.com"}, contact.Span{})},
	{"a search for contacts by a letter", 5, 5, kind{}, find(contact.Query{Search: "a"})},
	{"what the recipients of a broadcast lack", 2, 2, walks, func(t *testing.T, w *town, _ int) {
		c := campaign.Campaign{WorkspaceID: 1, BotID: w.botID, Audience: campaign.Audience{All: true}}
		missing, err := w.Campaigns.CountMissing(t.Context(), c, []campaign.Value{{Name: "firstName"}, {FieldID: 7}})
		require.NoError(t, err)
		require.Len(t, missing, 2)
	}},
	{"whom a broadcast reaches", 1, 2, walks, func(t *testing.T, w *town, _ int) {
		all := campaign.Campaign{WorkspaceID: 1, BotID: w.botID, Audience: campaign.Audience{All: true}}
		r, err := w.Campaigns.CountReach(t.Context(), all, start)
		require.NoError(t, err)
		require.GreaterOrEqual(t, r.Reached(), int64(townPeople))
	}},
	{"the recipients of a broadcast, for approval", 3, 4, walks, func(t *testing.T, w *town, _ int) {
		c := campaign.Campaign{WorkspaceID: 1, BotID: w.botID, Audience: campaign.Audience{All: true}}
		above, err := w.Campaigns.ApprovalAbove(t.Context(), 1)
		require.NoError(t, err)
		require.Zero(t, above)
		n, err := w.Campaigns.CountAudience(t.Context(), c)
		require.NoError(t, err)
		require.Positive(t, n)
	}},
	{"a search for contacts", 7, 7, estimated, func(t *testing.T, w *town, n int) {
		lee := contact.Query{Search: "lee1234"}
		page, _, err := contact.New(w.Contacts, now).Find(t.Context(), workspace.Workspace{ID: 1}, lee, contact.NewestFirst, nil, n)
		require.NoError(t, err)
		require.NotEmpty(t, page.Contacts)
	}},
	{"a page of contacts of a group and a bot", 8, 8, walks, find(contact.Query{GroupIDs: []int64{townFirst}, BotID: townBot})},
	{"a page of contacts with a value", 7, 7, walks, find(contact.Query{Field: contact.FieldTest{ID: 7, Op: contact.FieldSet}})},
	{"a page of contacts with a number", 7, 7, walks,
		find(contact.Query{Field: contact.FieldTest{ID: 8, Op: contact.FieldAtLeast, Value: "100"}, Search: "e"})},
	{"how many contacts have a chat", 3, 3, walks, func(t *testing.T, w *town, _ int) {
		n, err := contact.New(w.Contacts, now).Count(t.Context(), workspace.Workspace{ID: 1}, contact.Query{Chat: contact.ChatActive})
		require.NoError(t, err)
		require.Positive(t, n.N)
	}},
	{"contacts by their ids", 4, 4, kind{}, func(t *testing.T, w *town, n int) {
		page, err := contact.New(w.Contacts, now).ByID(t.Context(), 1, contactIDs(50, n))
		require.NoError(t, err)
		require.Len(t, page.Contacts, n)
	}},
	{"contacts by other identifiers", 2, 2, kind{}, func(t *testing.T, w *town, n int) {
		who := make([]contact.Identity, 0, 3*n)
		for i := range n {
			who = append(who, contact.Identity{ExternalCustomerID: fmt.Sprint("e", i+1)},
				contact.Identity{Email: fmt.Sprintf("p%d@example.com", i+1)}, contact.Identity{Phone: fmt.Sprint("+38050", 1_000_001+i)})
		}
		ids, err := contact.New(w.Contacts, now).Locate(t.Context(), 1, who)
		require.NoError(t, err)
		for i, id := range ids {
			require.EqualValues(t, townFirst+1+i/3, id)
		}
	}},
	{"contacts that are erased", 31, 34, kind{}, func(t *testing.T, w *town, n int) {
		for i := range int64(2) {
			require.NoError(t, contact.New(w.Contacts, now).Delete(t.Context(), 1, townFirst+19_000+int64(n)*2+i, i == 0))
		}
	}},
	{"contacts that are restored", 52, 62, kind{}, func(t *testing.T, w *town, n int) {
		contacts := contact.New(w.Contacts, now)
		for i := range int64(2) {
			id := townFirst + 18_000 + int64(n)*2 + i
			require.NoError(t, contacts.Delete(t.Context(), 1, id, false))
			_, err := contacts.Restore(t.Context(), 1, "", id, contact.Profile{})
			require.NoError(t, err)
		}
	}},
	{"a send of triggered messages", 9, 10, kind{}, func(t *testing.T, w *town, n int) {
		a := appended(w.botID, w.messageID, n)
		for _, m := range a.Messages {
			a.Accepted = append(a.Accepted, campaign.Accepted{Key: m.RequestID, RequestID: m.RequestID, ChatID: m.ChatID})
		}
		a.Settled = func(ctx context.Context, _ []campaign.Accepted) error {
			idempotency.Record(ctx, "made")
			return nil
		}
		claim := &idempotency.Claim{WorkspaceID: 1, Key: fmt.Sprint("new", n), Fingerprint: "f", At: start}
		require.NoError(t, w.Triggers.Append(idempotency.With(t.Context(), claim), a))
		require.NoError(t, w.Idempotency.Keep(t.Context(), claim, []byte("answer")))
	}},
	{"whom a triggered message reaches", 4, 4, kind{}, func(t *testing.T, w *town, n int) {
		_, err := w.Triggers.Reach(t.Context(), 1, w.botID, contactIDs(1, n), []int64{3, 4})
		require.NoError(t, err)
		_, err = w.Idempotency.Kept(t.Context(), 1, "k5", time.Time{})
		require.NoError(t, err)
		_, err = w.Triggers.AcceptedRequests(t.Context(), 1, []string{"a5", "a6"}, time.Time{})
		require.NoError(t, err)
	}},
	{"requests by their ids", 2, 2, estimated, func(t *testing.T, w *town, n int) {
		ids := make([]string, n)
		for i := range ids {
			ids[i] = fmt.Sprint("r", i+1)
		}
		got, err := w.Triggers.Requests(t.Context(), 1, ids)
		require.NoError(t, err)
		require.Len(t, got, n)
	}},
	{"tidying triggered campaigns and keys", 3, 3, kind{}, func(t *testing.T, w *town, _ int) {
		require.NoError(t, w.Triggers.Tidy(t.Context(), "2026-01", start))
		_, err := w.Triggers.ForgetRequests(t.Context(), start.Add(-time.Hour), 1)
		require.NoError(t, err)
		_, err = w.Idempotency.Forget(t.Context(), start.Add(-time.Hour), 1)
		require.NoError(t, err)
	}},
	{"a batch of clicks", 10, 1, kind{}, func(t *testing.T, w *town, n int) {
		clicks := make([]track.Click, n)
		for i := range clicks {
			w.clicks++
			clicks[i] = track.Click{ID: uuid.Must(uuid.NewV7()).String(), CampaignID: townSending + int64(i%3),
				Seq: int64(9000 + w.clicks), ContactID: 1, At: start}
		}
		require.NoError(t, w.Clicks.RecordClicks(t.Context(), clicks))
	}},
	{"a press and a page of clicks", 2, 2, kind{}, func(t *testing.T, w *town, n int) {
		_, err := w.Clicks.PressedDelivery(t.Context(), track.Press{BotID: w.botID, ChatID: 7, MessageID: 7})
		require.NoError(t, err)
		page, err := w.Clicks.Clicks(t.Context(), townSending, "", n)
		require.NoError(t, err)
		require.Len(t, page, n)
	}},
	{"clicks by hour", 1, 1, walks, func(t *testing.T, w *town, _ int) {
		hours, err := w.Clicks.HourlyClicks(t.Context(), townSending, start, start.Add(time.Hour))
		require.NoError(t, err)
		require.Len(t, hours, 1)
	}},
	{"the links of campaigns", 2, 2, kind{}, func(t *testing.T, w *town, n int) {
		ids, err := w.Summaries.Launched(t.Context(), start, n)
		require.NoError(t, err)
		got, err := w.Summaries.Stored(t.Context(), ids)
		require.NoError(t, err)
		require.NotEmpty(t, got)
	}},
	{"a page of activity", 6, 6, walks, func(t *testing.T, w *town, n int) {
		active, err := w.Activity.ActiveCampaigns(t.Context(), 1, window(), townSending, 3)
		require.NoError(t, err)
		require.Len(t, active, 3)
		part := activity.Stretch{Window: window(), CampaignID: townSending, AfterSeq: 5000, Limit: n}
		sent, err := w.Activity.CampaignOutcomes(t.Context(), part, []campaign.Status{campaign.Sent, campaign.Failed})
		require.NoError(t, err)
		require.Len(t, sent, n)
	}},
	{"a page of activity with clicks", 2, 2, walks, func(t *testing.T, w *town, n int) {
		part := activity.Stretch{Window: window(), CampaignID: townSending, AfterSeq: 5000, Limit: n}
		clicked, err := w.Activity.CampaignClicks(t.Context(), part, 5)
		require.NoError(t, err)
		require.Len(t, clicked, n)
	}},
	{"the history of contacts", 18, 18, searches, func(t *testing.T, w *town, n int) {
		places, err := w.Activity.Places(t.Context(), 1, contactIDs(1500, n))
		require.NoError(t, err)
		places, err = w.Activity.PlacesWithin(t.Context(), places, window(), start)
		require.NoError(t, err)
		sent, err := w.Activity.PlacedDeliveries(t.Context(), 1, places)
		require.NoError(t, err)
		require.NotEmpty(t, sent)
	}},
	{"what happened to a contact", 21, 21, searches, func(t *testing.T, w *town, n int) {
		all := activity.New(w.Activity, summary.NewCache(w.Summaries, now, slog.New(slog.DiscardHandler)))
		entries, err := all.Timeline(t.Context(), 1, townFirst+1500, nil, nil, n)
		require.NoError(t, err)
		require.NotEmpty(t, entries)
	}},
	{"a batch for a webhook", 14, 14, kind{}, func(t *testing.T, w *town, n int) {
		taken, err := w.Webhooks.TakeWebhooks(t.Context(), "w", start.Add(time.Hour), time.Minute, 5)
		require.NoError(t, err)
		require.Len(t, taken, 1)
		b, err := w.Webhooks.Batch(t.Context(), taken[0], n)
		require.NoError(t, err)
		require.Len(t, b.Entries, n)
		held, err := w.Webhooks.SettleActivities(t.Context(), taken[0], b.Entries, webhook.Attempt{At: start}, time.Minute)
		require.NoError(t, err)
		require.True(t, held)
		require.NoError(t, w.Webhooks.ReleaseWebhook(t.Context(), taken[0], start))
	}},
	{"events of contacts", 7, 7, kind{}, func(t *testing.T, w *town, n int) {
		items := make([]event.Item, n)
		for i := range items {
			items[i] = event.Item{Type: "bought", Key: fmt.Sprintf("p%d@example.com", i+1)}
		}
		_, err := event.New(w.Events, now).Add(t.Context(), 1, "", items)
		require.NoError(t, err)
		page, err := w.Events.Events(t.Context(), 1, event.Filter{Type: "bought", ContactID: townFirst + 1, Before: 1 << 53, Limit: n})
		require.NoError(t, err)
		require.NotEmpty(t, page)
	}},
	{"members of a group by time", 3, 3, kind{}, func(t *testing.T, w *town, n int) {
		page, _, err := w.Groups.Members(t.Context(), 1, townFirst,
			audience.Page{ByTime: true, Descending: true, After: audience.Member{ContactID: townFirst + 9000}, Limit: n})
		require.NoError(t, err)
		require.Len(t, page, n)
		require.EqualValues(t, townFirst+8999, page[0].ContactID)
	}},
	{"members of a group", 11, 12, estimated, func(t *testing.T, w *town, n int) {
		_, err := w.Groups.Detach(t.Context(), 1, []int64{townFirst}, contactIDs(300, n))
		require.NoError(t, err)
		_, err = w.Groups.Attach(t.Context(), 1, []int64{townFirst}, contactIDs(300, n), start)
		require.NoError(t, err)
		page, total, err := w.Groups.Members(t.Context(), 1, townFirst, audience.Page{Offset: 10_000, Limit: n})
		require.NoError(t, err)
		require.Len(t, page, n)
		require.Greater(t, total, int64(19_000))
	}},
	{"steps that move groups and follow them", 47, 47, kind{}, func(t *testing.T, w *town, n int) {
		claimed := w.step(func(c *dispatch.CampaignStep) { c.ClaimTo += int64(n) })
		w.step(func(c *dispatch.CampaignStep) {
			for _, r := range claimed[c.CampaignID-townSending].Recipients {
				c.Deferrals = append(c.Deferrals, dispatch.Deferral{Recipient: r, DueAt: time.UnixMilli(0), Reason: "moved", MigrateTo: -r.ChatID})
			}
		})
		claimed = w.step(func(c *dispatch.CampaignStep) { c.ClaimDue = n })
		w.step(func(c *dispatch.CampaignStep) {
			for _, r := range claimed[c.CampaignID-townSending].Recipients {
				require.True(t, r.Moved)
				c.Outcomes = append(c.Outcomes, dispatch.Outcome{Recipient: r, Status: dispatch.Sent, TelegramMessageID: -r.ChatID, SettledAt: start})
			}
		})
	}},
	{"sums of a month by day and bot", 1, 1, kind{}, func(t *testing.T, w *town, n int) {
		days := make([]report.Span, n)
		for i := range days {
			days[i] = report.Span{From: report.QuarterOf(start).AddDate(0, 0, i-n), To: report.QuarterOf(start).AddDate(0, 0, i-n+1)}
		}
		counts, err := w.Reports.Stats(t.Context(), 1, days, report.Filter{Kind: "broadcast"}, []report.Dimension{report.ByBot})
		require.NoError(t, err)
		require.NotEmpty(t, counts)
	}},
	{"campaigns that are forgotten", 3, 3, kind{}, func(t *testing.T, w *town, n int) {
		more, err := w.Retention.Forget(t.Context(), retention.Cutoff{WorkspaceID: 1, Before: time.UnixMilli(2)}, start, n)
		require.NoError(t, err)
		require.True(t, more)
	}},
	{"a piece of what a forgotten campaign had", 7, 7, kind{rounds: true}, func(t *testing.T, w *town, n int) {
		more, err := w.Retention.SweepRecipients(t.Context(), nil, n)
		require.NoError(t, err)
		require.True(t, more)
	}},
	{"a piece of events that are not kept", 2, 2, kind{}, func(t *testing.T, w *town, n int) {
		more, err := w.Retention.SweepEvents(t.Context(), retention.Cutoff{WorkspaceID: 1, Before: time.UnixMilli(townPeople)}, townFirst, n)
		require.NoError(t, err)
		require.True(t, more)
	}},
	{"a piece of the audit log that is not kept", 6, 6, kind{}, func(t *testing.T, w *town, n int) {
		more, err := w.Retention.SweepAudit(t.Context(), []retention.Cutoff{{WorkspaceID: 1, Before: time.UnixMilli(townPeople)}}, n)
		require.NoError(t, err)
		require.True(t, more)
	}},
	{"a line that is written on its own", 3, 3, kind{}, func(t *testing.T, w *town, _ int) {
		require.NoError(t, w.Audit.Tell(audit.With(t.Context(), audit.NewDraft(audit.Entry{WorkspaceID: 1, At: start, Act: "sign-in"}))))
	}},
	{"a page of the audit log", 1, 1, kind{}, func(t *testing.T, w *town, n int) {
		got, err := w.Audit.Lines(t.Context(), audit.Filter{WorkspaceID: 1, Act: "create-key", Before: townPeople, Limit: n})
		require.NoError(t, err)
		require.Len(t, got, n)
	}},
	{"a piece of the chain", 1, 1, kind{}, func(t *testing.T, w *town, n int) {
		got, err := w.Audit.Chain(t.Context(), townPeople/2, n)
		require.NoError(t, err)
		require.Len(t, got, n)
	}},
}

// The cost of a call is the number of its statements, since each is a round trip or
// blocks the only writer. It does not grow with the items.
func TestStatementsOfCalls(t *testing.T) {
	t.Parallel()
	storetest.EachAddress(t, func(t *testing.T, address string) {
		r := &recorder{}
		w := newTown(t, address, r)
		for _, c := range calls {
			t.Run(strings.ReplaceAll(c.name, " ", "-"), func(t *testing.T) {
				want := c.sqlite
				if store.IsPostgres(address) {
					want = c.postgres
				}
				for _, n := range []int{10, 100} {
					got := r.during(func() { c.run(t, w, n) })
					count := 0
					var texts []string
					for _, a := range got {
						if !a.row {
							count++
							texts = append(texts, a.query)
						}
					}
					if c.rounds {
						require.LessOrEqual(t, count, want)
						continue
					}
					require.Equal(t, want, count, "%d items: %s", n, strings.Join(texts, "\n--\n"))
				}
			})
		}
	})
}
