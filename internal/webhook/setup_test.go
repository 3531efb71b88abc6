package webhook_test

import (
	"database/sql"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"bellman/internal/bot"
	"bellman/internal/campaign"
	"bellman/internal/contact"
	"bellman/internal/dispatch"
	"bellman/internal/message"
	"bellman/internal/outbound"
	"bellman/internal/outcome"
	"bellman/internal/seal"
	"bellman/internal/store"
	"bellman/internal/store/storetest"
	"bellman/internal/summary"
	"bellman/internal/webhook"
	"bellman/internal/workspace"
)

var start = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)

// clock stands still until it is moved.
type clock struct{ at atomic.Int64 }

func newClock() *clock {
	c := &clock{}
	c.at.Store(start.UnixMilli())
	return c
}

func (c *clock) now() time.Time          { return time.UnixMilli(c.at.Load()).UTC() }
func (c *clock) advance(d time.Duration) { c.at.Add(d.Milliseconds()) }

// world is an installation with everything that webhooks need.
type world struct {
	*store.DB
	address string
	clock   *clock
	seal    *seal.Ring
	client  *outbound.Caller
	hooks   *webhook.Service
	sent    *summary.Cache
}

func newWorld(t testing.TB, address string) *world {
	t.Helper()
	ring := seal.Of(seal.NewKey())
	w := &world{DB: storetest.Open(t, address), address: address, clock: newClock(), seal: ring, client: outbound.NewCaller()}
	t.Cleanup(w.client.Close)
	w.sent = summary.NewCache(w.Summaries, w.clock.now, slog.New(slog.DiscardHandler))
	w.hooks = webhook.New(w.Webhooks, w.client, ring, w.clock.now, nil)
	return w
}

// sender returns the sender of one process.
func (w *world) sender(owner string) *webhook.Sender { return w.senderOver(w.Webhooks, owner) }

func (w *world) senderOver(s webhook.SenderStore, owner string) *webhook.Sender {
	return webhook.NewSender(s, w.sent, w.client, w.seal, owner, w.clock.now, slog.New(slog.DiscardHandler))
}

// exec runs a statement on the database, beside the store.
func (w *world) exec(t testing.TB, statement string, args ...any) {
	t.Helper()
	driver := "sqlite"
	if store.IsPostgres(w.address) {
		driver = "pgx"
	}
	db, err := sql.Open(driver, w.address)
	require.NoError(t, err)
	_, err = db.ExecContext(t.Context(), statement, args...)
	require.NoError(t, err)
	require.NoError(t, db.Close())
}

// try makes test sends of campaigns, as if they had been that from the beginning. Each has a message of its own.
func (w *world) try(t testing.TB, campaignIDs ...int64) {
	t.Helper()
	for _, id := range campaignIDs {
		w.exec(t, `UPDATE campaigns SET test = TRUE WHERE id = $1`, id)
		w.exec(t, `DELETE FROM stats WHERE message_id = (SELECT message_id FROM campaigns WHERE id = $1)`, id)
	}
}

// hook creates a webhook, for all statuses unless some are given.
func (w *world) hook(t testing.TB, workspaceID int64, url string, statuses ...outcome.Activity) webhook.Webhook {
	t.Helper()
	h, err := w.hooks.Create(t.Context(), workspaceID, webhook.Draft{Name: "h", URL: url, Statuses: statuses})
	require.NoError(t, err)
	return h
}

func (w *world) look(t testing.TB, s *webhook.Sender) {
	t.Helper()
	require.NoError(t, s.Look(t.Context()))
}

// outgoing is a campaign that goes out, whose recipients are all claimed.
type outgoing struct {
	w          *world
	campaignID int64
	lease      dispatch.Lease
	owner      string
	recipients []dispatch.Recipient
	step       int64
	settled    int
}

var owners atomic.Int64

// launch sends a broadcast of the content to n people of a new bot.
func (w *world) launch(t testing.TB, workspaceID int64, n int, content message.Content) *outgoing {
	t.Helper()
	number := owners.Add(1)
	b, err := w.Bots.Save(t.Context(), bot.Bot{WorkspaceID: workspaceID, AppUUID: fmt.Sprintf("00000000-0000-4000-8000-%012d", number),
		TelegramID: number, Username: "b", Name: "b", SealedToken: []byte("x"), State: bot.Active, CreatedAt: start, UpdatedAt: start})
	require.NoError(t, err)
	people := contact.New(w.Contacts, w.clock.now)
	for from := 0; from < n; from += contact.MaxTokens {
		tokens := make([]contact.Token, min(n-from, contact.MaxTokens))
		for i := range tokens {
			k := from + i + 1
			tokens[i] = contact.Token{ChatID: int64(k), ExternalCustomerID: fmt.Sprint("C-", k), Email: fmt.Sprintf("c%d@shop.example", k)}
		}
		_, err = people.AddTokens(t.Context(), workspace.Workspace{ID: workspaceID}, b.ID, tokens)
		require.NoError(t, err)
	}
	messages := message.New(w.Messages, nil, w.clock.now)
	m, err := messages.Create(t.Context(), workspaceID, "Sale", content)
	require.NoError(t, err)
	campaigns := campaign.New(w.Campaigns, messages, w.clock.now, func() {})
	c, err := campaigns.Create(t.Context(), campaign.Campaign{
		WorkspaceID: workspaceID, BotID: b.ID, MessageID: m.ID, Name: "c", Audience: campaign.Audience{All: true},
	})
	require.NoError(t, err)
	_, err = campaigns.Launch(t.Context(), workspaceID, c.ID, time.Time{})
	require.NoError(t, err)
	for more := true; more; {
		more, err = w.Campaigns.LayOut(t.Context(), c.ID, 5000, start)
		require.NoError(t, err)
	}
	o := &outgoing{w: w, campaignID: c.ID, owner: fmt.Sprint("dispatch-", number)}
	held, _, err := w.Ledgers.HoldLeases(t.Context(), o.owner, w.clock.now(), time.Hour, true)
	require.NoError(t, err)
	for _, l := range held {
		if l.BotID == b.ID {
			o.lease = l
		}
	}
	_, err = w.Ledgers.Adopt(t.Context(), b.ID, o.lease.Epoch, start)
	require.NoError(t, err)
	claimed := o.take(t, dispatch.CampaignStep{ClaimTo: int64(n)})
	o.recipients = claimed.Recipients
	require.Len(t, o.recipients, n)
	return o
}

// take runs a step.
func (o *outgoing) take(t testing.TB, c dispatch.CampaignStep) dispatch.Claimed {
	t.Helper()
	o.step++
	c.CampaignID, c.BotID, c.Epoch = o.campaignID, o.lease.BotID, o.lease.Epoch
	claimed, err := o.w.Ledgers.Step(t.Context(), dispatch.Step{
		Owner: o.owner, Number: o.step, Now: o.w.clock.now(), Campaigns: []dispatch.CampaignStep{c},
	})
	require.NoError(t, err)
	require.False(t, claimed[0].Fenced)
	return claimed[0]
}

// resume announces the campaign's sender again, after every sender was forgotten.
func (o *outgoing) resume(t testing.TB) {
	t.Helper()
	o.w.exec(t, `INSERT INTO senders (owner, step, expires_at) VALUES ($1, $2, 9000000000000)`, o.owner, o.step)
}

// settle writes the outcomes of the next recipients.
func (o *outgoing) settle(t testing.TB, outcomes ...dispatch.Outcome) {
	t.Helper()
	var removals []dispatch.Removal
	for i := range outcomes {
		to := o.recipients[o.settled+i]
		outcomes[i].Recipient, outcomes[i].SettledAt = to, o.w.clock.now()
		if outcomes[i].Reason.RemovesChat() {
			removals = append(removals, dispatch.Removal{ChatID: to.ChatID, Seq: to.Seq})
		}
	}
	o.settled += len(outcomes)
	n := int64(len(o.recipients))
	o.take(t, dispatch.CampaignStep{ClaimFrom: n, ClaimTo: n, SettledSeq: int64(o.settled), Outcomes: outcomes, Removals: removals})
}

// sent settles the next n recipients as sent.
func (o *outgoing) sent(t testing.TB, n int) {
	t.Helper()
	outcomes := make([]dispatch.Outcome, n)
	for i := range outcomes {
		outcomes[i] = dispatch.Outcome{Status: dispatch.Sent, TelegramMessageID: int64(o.settled + i + 1000)}
	}
	o.settle(t, outcomes...)
}

// receiver is an owner's system. It answers GET with 200.
type receiver struct {
	*httptest.Server
	mu     sync.Mutex
	arrays [][]map[string]any
	posts  []*http.Request
	// status answers POST; 0 is 200.
	status atomic.Int32
	// overlap is true when two arrays came at once.
	overlap atomic.Bool
	busy    atomic.Bool
}

func newReceiver(t testing.TB) *receiver {
	t.Helper()
	r := &receiver{}
	r.Server = httptest.NewServer(r)
	t.Cleanup(r.Close)
	return r
}

// ServeHTTP implements [http.Handler].
func (r *receiver) ServeHTTP(w http.ResponseWriter, q *http.Request) {
	if q.Method == http.MethodGet {
		return
	}
	if !r.busy.CompareAndSwap(false, true) {
		r.overlap.Store(true)
	}
	defer r.busy.Store(false)
	raw, err := io.ReadAll(q.Body)
	var array []map[string]any
	if err == nil {
		err = json.Unmarshal(raw, &array)
	}
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	status := int(r.status.Load())
	r.mu.Lock()
	r.posts = append(r.posts, q)
	if status == 0 {
		r.arrays = append(r.arrays, array)
	}
	r.mu.Unlock()
	if status != 0 {
		w.WriteHeader(status)
	}
}

// taken returns the objects of all arrays that were answered with 200.
func (r *receiver) taken() []map[string]any {
	r.mu.Lock()
	defer r.mu.Unlock()
	var all []map[string]any
	for _, array := range r.arrays {
		all = append(all, array...)
	}
	return all
}

// attempts returns how many arrays were posted.
func (r *receiver) attempts() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return len(r.posts)
}

// numbers returns a numeric field of each object.
func numbers(objects []map[string]any, name string) []int64 {
	all := make([]int64, len(objects))
	for i, o := range objects {
		if v, ok := o[name].(float64); ok {
			all[i] = int64(v)
		}
	}
	return all
}

// each runs a test in a fresh world on each engine.
func each(t *testing.T, test func(t *testing.T, w *world)) {
	t.Helper()
	storetest.EachAddress(t, func(t *testing.T, address string) { test(t, newWorld(t, address)) })
}
