package dispatch_test

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"bellman/internal/bot"
	"bellman/internal/campaign"
	"bellman/internal/contact"
	"bellman/internal/dispatch"
	"bellman/internal/message"
	"bellman/internal/outcome"
	"bellman/internal/seal"
	"bellman/internal/store"
	"bellman/internal/store/storetest"
	"bellman/internal/telegram"
	"bellman/internal/workspace"
)

// wire is a transport with scripted answers, which records the calls.
type wire struct {
	mu sync.Mutex
	// answer decides the result of the n-th call (from 1) for a chat.
	answer func(chatID int64, n int) telegram.Result
	// probe decides the result of calls that send nothing; nil means that they are
	// answered.
	probe func() telegram.Result
	// upload does the same for calls whose answers describe files.
	upload func(chatID int64, n int) telegram.Result
	calls  []call
	nth    map[int64]int
}

type call struct {
	chatID int64
	at     time.Time
	token  string
	method string
	body   map[string]any
	// fields are the fields that carried files.
	fields []string
}

func ok(int64, int) telegram.Result {
	return telegram.Result{Fate: telegram.Answered, OK: true, Code: 200, MessageID: 1}
}

func refused(code int, description string) telegram.Result {
	return telegram.Result{Fate: telegram.Answered, Code: code, Description: description}
}

func (w *wire) Send(_, token, method string, body []byte) telegram.Result {
	c, n := w.take(token, method, body, nil)
	return w.answer(c.chatID, n)
}

func (w *wire) SendFiles(_, token, method string, body []byte, files []telegram.Upload) telegram.Result {
	c, n := w.take(token, method, body, files)
	return w.upload(c.chatID, n)
}

func (w *wire) Call(string, string, string, []byte) telegram.Result {
	if w.probe == nil {
		return ok(0, 0)
	}
	return w.probe()
}

// take records a call, which takes 50 ms, and returns its number among those of its
// chat.
func (w *wire) take(token, method string, body []byte, files []telegram.Upload) (call, int) {
	c := call{at: time.Now(), token: token, method: method, body: parameters(body)}
	c.chatID = int64(c.body["chat_id"].(float64))
	for _, f := range files {
		c.fields = append(c.fields, f.Field)
	}
	w.mu.Lock()
	if w.nth == nil {
		w.nth = map[int64]int{}
	}
	w.nth[c.chatID]++
	n := w.nth[c.chatID]
	w.calls = append(w.calls, c)
	w.mu.Unlock()
	time.Sleep(50 * time.Millisecond)
	return c, n
}

func (w *wire) all() []call {
	w.mu.Lock()
	defer w.mu.Unlock()
	return slices.Clone(w.calls)
}

// last returns the last call for a chat.
func (w *wire) last(chatID int64) call {
	for _, c := range slices.Backward(w.all()) {
		if c.chatID == chatID {
			return c
		}
	}
	return call{}
}

func (w *wire) received() map[int64]int {
	w.mu.Lock()
	defer w.mu.Unlock()
	got := map[int64]int{}
	for _, c := range w.calls {
		got[c.chatID]++
	}
	return got
}

type profile struct{ id int64 }

func (p profile) GetMe(context.Context, string, string) (bot.Profile, error) {
	return bot.Profile{TelegramID: p.id, Username: "b", Name: "B"}, nil
}

// world is an installation over a store, with a wire in Telegram's place.
type world struct {
	t         *testing.T
	store     *store.DB
	ledger    dispatch.Store // the store's ledger, as engines know it
	wire      *wire
	transport dispatch.Transport // the wire, unless a test has another
	seal      *seal.Ring
	bots      *bot.Service
	contacts  *contact.Service
	campaigns *campaign.Service
	messages  *message.Service
	bot       bot.Bot
	rate      float64
	wake      func()
	files     dispatch.Files
	links     dispatch.Links
	observer  dispatch.Observer
	log       *slog.Logger
}

func newWorld(t *testing.T, s *store.DB) *world {
	t.Helper()
	ring := seal.Of(seal.NewKey())
	w := &world{t: t, store: s, ledger: s.Ledgers, wire: &wire{answer: ok}, seal: ring, rate: 30, wake: func() {}}
	w.bots = bot.New(s.Bots, profile{77}, ring, time.Now, uuid.NewString)
	w.contacts = contact.New(s.Contacts, time.Now)
	w.messages = message.New(s.Messages, nil, time.Now).WithFields(w.contacts)
	w.campaigns = campaign.New(s.Campaigns, w.messages, time.Now, func() { w.wake() })
	var err error
	w.bot, err = w.bots.Connect(t.Context(), 1, "77:secret", "")
	require.NoError(t, err)
	w.transport, w.log = w.wire, slog.New(slog.DiscardHandler)
	return w
}

func (w *world) subscribe(chatIDs ...int64) {
	w.t.Helper()
	tokens := make([]contact.Token, len(chatIDs))
	for i, id := range chatIDs {
		tokens[i] = contact.Token{ChatID: id, ExternalCustomerID: fmt.Sprint("c", id)}
	}
	_, err := w.contacts.AddTokens(w.t.Context(), workspace.Workspace{ID: 1}, w.bot.ID, tokens)
	require.NoError(w.t, err)
}

func people(n int) []int64 {
	ids := make([]int64, n)
	for i := range ids {
		ids[i] = int64(1000 + i)
	}
	return ids
}

// useFiles gives the installation files.
func (w *world) useFiles(files *shelf) {
	w.files = files
	w.messages = message.New(w.store.Messages, files, time.Now)
	w.campaigns = campaign.New(w.store.Campaigns, w.messages, time.Now, func() { w.wake() })
}

// launch starts a broadcast to everybody.
func (w *world) launch() int64 {
	w.t.Helper()
	return w.launchContent(message.Text("hello"))
}

func (w *world) launchContent(content message.Content) int64 {
	w.t.Helper()
	m, err := w.messages.Create(w.t.Context(), 1, "m", content)
	require.NoError(w.t, err)
	c, err := w.campaigns.Create(w.t.Context(), campaign.Campaign{WorkspaceID: 1, BotID: w.bot.ID, MessageID: m.ID, Name: "c",
		Audience: campaign.Audience{All: true}})
	require.NoError(w.t, err)
	_, err = w.campaigns.Launch(w.t.Context(), 1, c.ID, time.Time{})
	require.NoError(w.t, err)
	return c.ID
}

// process runs a layout and an engine until stop is called; stop waits until they
// have ended.
func (w *world) process(name string) (stop func()) {
	engine := dispatch.New(dispatch.Config{
		Store: w.ledger, Transport: w.transport, Unseal: w.seal.Unseal, Owner: name, Rate: w.rate,
		Links: w.links, Files: w.files, Observe: w.observer, Now: time.Now, Log: w.log,
	})
	layout := campaign.NewLayout(w.store.Campaigns, time.Now, w.log, engine.Wake)
	w.wake = func() { layout.Wake(); engine.Wake() }
	ctx, cancel := context.WithCancel(context.Background())
	var running sync.WaitGroup
	running.Go(func() { layout.Run(ctx) })
	running.Go(func() { engine.Run(ctx) })
	return func() {
		cancel()
		running.Wait()
	}
}

func (w *world) report(id int64) campaign.Report {
	w.t.Helper()
	r, err := w.campaigns.Get(w.t.Context(), 1, id)
	require.NoError(w.t, err)
	require.Equal(w.t, r.Counts.Recipients, r.Counts.Queued+r.Counts.Sending+r.Counts.Sent+r.Counts.Failed+r.Counts.Skipped+r.Counts.Unknown)
	return r
}

// deliveries returns up to limit deliveries with the status.
func (w *world) deliveries(id int64, status campaign.Status, limit int) []campaign.Delivery {
	w.t.Helper()
	f := campaign.DeliveryFilter{Statuses: []campaign.Status{status}}
	found, _, err := w.campaigns.Deliveries(w.t.Context(), 1, id, f, 0, limit)
	require.NoError(w.t, err)
	return found
}

// until waits until the campaign is in the given state.
func (w *world) until(id int64, state campaign.State) campaign.Report {
	w.t.Helper()
	for range 100000 {
		if r := w.report(id); r.State == state {
			return r
		}
		time.Sleep(250 * time.Millisecond)
	}
	w.t.Fatalf("the campaign is %+v", w.report(id))
	return campaign.Report{}
}

// inBubble runs test on SQLite with a clock that skips every wait.
func inBubble(t *testing.T, test func(w *world)) {
	t.Helper()
	address := storetest.SQLite(t)
	synctest.Test(t, func(t *testing.T) {
		test(newWorld(t, storetest.Open(t, address)))
	})
}

func TestBroadcastReachesEverybodyOnceInPace(t *testing.T) {
	t.Parallel()
	inBubble(t, func(w *world) {
		w.subscribe(people(600)...)
		stop := w.process("p1")
		start := time.Now()
		r := w.until(w.launch(), campaign.Finished)
		require.EqualValues(w.t, 600, r.Counts.Sent)
		took := time.Since(start)
		require.Less(w.t, took, time.Duration(float64(20*time.Second)*1.02)+time.Second)
		stop()
		for id, n := range w.wire.received() {
			require.Equal(w.t, 1, n, id)
		}
		calls := w.wire.calls
		for i := 30; i < len(calls); i++ {
			require.GreaterOrEqual(w.t, calls[i].at.Sub(calls[i-30].at), time.Second, "no window of a second holds more than 30")
		}
	})
}

// spec: status-forbidden
func TestChatsThatBlockedTheBotAreRemoved(t *testing.T) {
	t.Parallel()
	inBubble(t, func(w *world) {
		w.subscribe(people(20)...)
		w.wire.answer = func(chat int64, n int) telegram.Result {
			if chat == 1003 {
				return refused(403, "Forbidden: bot was blocked by the user")
			}
			return ok(chat, n)
		}
		defer w.process("p1")()
		id := w.launch()
		r := w.until(id, campaign.Finished)
		require.EqualValues(w.t, 19, r.Counts.Sent)
		require.EqualValues(w.t, 1, r.Counts.Failed)
		b, err := w.bots.Get(w.t.Context(), 1, w.bot.ID)
		require.NoError(w.t, err)
		require.EqualValues(w.t, 19, b.Subscribers)
		failed := w.deliveries(id, campaign.Failed, 10)
		require.Len(w.t, failed, 1)
		require.Equal(w.t, outcome.BotBlocked, failed[0].Reason)
		_, chats, err := w.contacts.Get(w.t.Context(), 1, failed[0].ContactID)
		require.NoError(w.t, err, "the contact stays")
		require.Empty(w.t, chats)
		w.subscribe(1003)
		b, err = w.bots.Get(w.t.Context(), 1, w.bot.ID)
		require.NoError(w.t, err)
		require.EqualValues(w.t, 20, b.Subscribers)
	})
}

// spec: tg-retry-after
func TestTooManyRequestsIsNeverAFailure(t *testing.T) {
	t.Parallel()
	inBubble(t, func(w *world) {
		w.subscribe(people(100)...)
		storm := time.Now().Add(5 * time.Second)
		w.wire.answer = func(chat int64, n int) telegram.Result {
			if time.Now().Before(storm) && chat%2 == 0 {
				r := refused(429, "Too Many Requests: retry after 2")
				r.RetryAfter = 2 * time.Second
				return r
			}
			return ok(chat, n)
		}
		defer w.process("p1")()
		r := w.until(w.launch(), campaign.Finished)
		require.EqualValues(w.t, 100, r.Counts.Sent)
	})
}

// spec: tg-lost
func TestLostAnswerIsUnknownAndNotRepeated(t *testing.T) {
	t.Parallel()
	inBubble(t, func(w *world) {
		w.subscribe(people(10)...)
		w.wire.answer = func(chat int64, n int) telegram.Result {
			if chat == 1005 {
				return telegram.Result{Fate: telegram.Lost}
			}
			return ok(chat, n)
		}
		defer w.process("p1")()
		r := w.until(w.launch(), campaign.Finished)
		require.EqualValues(w.t, 1, r.Counts.Unknown)
		require.Equal(w.t, 1, w.wire.received()[1005])
	})
}

// spec: tg-not-sent
func TestServerFaultsAndOutagesAreRetried(t *testing.T) {
	t.Parallel()
	inBubble(t, func(w *world) {
		w.subscribe(people(10)...)
		w.wire.answer = func(chat int64, n int) telegram.Result {
			switch {
			case chat == 1002 && n < 3:
				return refused(500, "Internal Server Error")
			case chat == 1004 && n == 1:
				return telegram.Result{Fate: telegram.NotSent}
			case chat == 1006:
				return refused(500, "Internal Server Error")
			}
			return ok(chat, n)
		}
		defer w.process("p1")()
		r := w.until(w.launch(), campaign.Finished)
		require.EqualValues(w.t, 9, r.Counts.Sent)
		require.EqualValues(w.t, 1, r.Counts.Failed)
		require.Equal(w.t, 10, w.wire.received()[1006])
	})
}

// spec: tg-content
func TestContentFaultPausesTheCampaign(t *testing.T) {
	t.Parallel()
	inBubble(t, func(w *world) {
		w.subscribe(people(100)...)
		w.wire.answer = func(int64, int) telegram.Result {
			return refused(400, "Bad Request: can't parse entities: Unsupported start tag \"x\" at byte offset 0")
		}
		defer w.process("p1")()
		id := w.launch()
		r := w.until(id, campaign.Paused)
		require.Equal(w.t, outcome.ContentRefused, r.StateReason)
		require.Contains(w.t, r.StateDetail, "Unsupported start tag")
		synctest.Wait()
		require.Less(w.t, r.Counts.Failed, int64(20))
		w.wire.mu.Lock()
		w.wire.answer = ok
		w.wire.mu.Unlock()
		_, err := w.campaigns.Resume(w.t.Context(), 1, id)
		require.NoError(w.t, err)
		r = w.until(id, campaign.Finished)
		require.EqualValues(w.t, 100, r.Counts.Sent+r.Counts.Failed)
	})
}

// spec: tg-token-refused
func TestRefusedTokenPausesTheBotUntilANewOne(t *testing.T) {
	t.Parallel()
	inBubble(t, func(w *world) {
		w.subscribe(people(50)...)
		var good sync.Map
		w.wire.answer = func(chat int64, n int) telegram.Result {
			if _, yes := good.Load("yes"); !yes {
				return refused(401, "Unauthorized")
			}
			return ok(chat, n)
		}
		defer w.process("p1")()
		id := w.launch()
		r := w.until(id, campaign.Paused)
		require.Equal(w.t, outcome.BotRefused, r.StateReason)
		b, err := w.bots.Get(w.t.Context(), 1, w.bot.ID)
		require.NoError(w.t, err)
		require.Equal(w.t, bot.Paused, b.State)
		good.Store("yes", true)
		_, err = w.bots.Connect(w.t.Context(), 1, "77:fresh", "")
		require.NoError(w.t, err)
		r = w.until(id, campaign.Finished)
		require.EqualValues(w.t, 50, r.Counts.Sent, "nobody failed for the bot's fault")
	})
}

func TestPauseResumeCancel(t *testing.T) {
	t.Parallel()
	inBubble(t, func(w *world) {
		w.subscribe(people(300)...)
		defer w.process("p1")()
		id := w.launch()
		time.Sleep(2 * time.Second)
		_, err := w.campaigns.Pause(w.t.Context(), 1, id)
		require.NoError(w.t, err)
		time.Sleep(2 * time.Second)
		paused := w.report(id)
		require.Zero(w.t, paused.Counts.Sending)
		time.Sleep(10 * time.Second)
		require.Equal(w.t, paused.Counts, w.report(id).Counts, "nothing leaves while paused")
		_, err = w.campaigns.Resume(w.t.Context(), 1, id)
		require.NoError(w.t, err)
		time.Sleep(2 * time.Second)
		_, err = w.campaigns.Cancel(w.t.Context(), 1, id)
		require.NoError(w.t, err)
		time.Sleep(2 * time.Second)
		r := w.report(id)
		require.Equal(w.t, campaign.Cancelled, r.State)
		require.Greater(w.t, r.Counts.Sent, paused.Counts.Sent)
		require.Zero(w.t, r.Counts.Queued+r.Counts.Sending+r.Counts.Unknown)
		skipped := w.deliveries(id, campaign.Skipped, 500)
		require.Len(w.t, skipped, int(r.Counts.Skipped))
	})
}

func TestStopLeavesNothingUnknownAndTheNextGoesOn(t *testing.T) {
	t.Parallel()
	inBubble(t, func(w *world) {
		w.subscribe(people(200)...)
		stop := w.process("p1")
		id := w.launch()
		time.Sleep(3 * time.Second)
		stop()
		r := w.report(id)
		require.Zero(w.t, r.Counts.Unknown+r.Counts.Sending)
		require.Positive(w.t, r.Counts.Sent)
		require.Len(w.t, w.wire.received(), int(r.Counts.Sent))
		defer w.process("p2")()
		r = w.until(id, campaign.Finished)
		require.EqualValues(w.t, 200, r.Counts.Sent)
	})
}

func TestEmptyAudienceFinishes(t *testing.T) {
	t.Parallel()
	inBubble(t, func(w *world) {
		defer w.process("p1")()
		require.Zero(w.t, w.until(w.launch(), campaign.Finished).Counts.Recipients)
	})
}

// spec: tg-migrate
func TestBroadcastOnBothEngines(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.DB) {
		w := newWorld(t, s)
		w.rate = 0
		w.subscribe(people(700)...)
		w.wire.answer = func(chat int64, n int) telegram.Result {
			switch {
			case chat%10 == 0:
				return refused(403, "Forbidden: bot was blocked by the user")
			case chat%10 == 1 && n == 1:
				return refused(500, "Internal Server Error")
			case chat%10 == 2:
				return telegram.Result{Fate: telegram.Lost}
			case chat%100 == 3 && n == 1:
				return telegram.Result{Fate: telegram.Answered, Code: 400, MigrateTo: -chat}
			}
			return ok(chat, n)
		}
		defer w.process("p1")()
		id := w.launch()
		r := w.until(id, campaign.Finished)
		require.Equal(w.t, campaign.Counts{Recipients: 700, Sent: 560, Failed: 70, Unknown: 70}, r.Counts)
		b, err := w.bots.Get(w.t.Context(), 1, w.bot.ID)
		require.NoError(w.t, err)
		require.EqualValues(w.t, 630, b.Subscribers)
		for _, status := range campaign.Statuses {
			got := w.deliveries(id, status, 700)
			want := map[campaign.Status]int{campaign.Sent: 560, campaign.Failed: 70, campaign.Unknown: 70}[status]
			require.Len(w.t, got, want, status)
		}
	})
}

// counts adds up what an engine reports.
type counts struct {
	mu                                 sync.Mutex
	called, settled, deferred, claimed int
}

func (c *counts) Called(telegram.Verdict, bool, time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.called++
}

func (c *counts) Stepped(settled, deferred, claimed int, _ time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.settled, c.deferred, c.claimed = c.settled+settled, c.deferred+deferred, c.claimed+claimed
}

// Every call, outcome, deferral and claim is reported once.
func TestObserverCounts(t *testing.T) {
	t.Parallel()
	inBubble(t, func(w *world) {
		var got counts
		w.observer = &got
		w.subscribe(people(30)...)
		w.wire.answer = func(chat int64, n int) telegram.Result {
			if chat == 1003 && n == 1 {
				return refused(500, "Internal Server Error")
			}
			return ok(chat, n)
		}
		defer w.process("p1")()
		w.until(w.launch(), campaign.Finished)
		got.mu.Lock()
		defer got.mu.Unlock()
		require.Equal(w.t, []int{31, 30, 1, 31}, []int{got.called, got.settled, got.deferred, got.claimed})
	})
}

// takenOver is a ledger of which another process has just taken everything over.
type takenOver struct{ dispatch.Store }

func (s takenOver) Work(ctx context.Context, owner string) ([]dispatch.Work, error) {
	work, err := s.Store.Work(ctx, owner)
	for i := range work {
		work[i].Epoch++
	}
	return work, err
}

// A campaign that another process leads is left alone.
func TestCampaignOfANewerEpochIsLeftAlone(t *testing.T) {
	t.Parallel()
	inBubble(t, func(w *world) {
		w.subscribe(people(3)...)
		honest := w.ledger
		w.ledger = takenOver{honest}
		stop := w.process("p1")
		id := w.launch()
		time.Sleep(10 * time.Second)
		stop()
		require.Empty(w.t, w.wire.all())
		w.ledger = honest
		defer w.process("p2")()
		require.EqualValues(w.t, 3, w.until(id, campaign.Finished).Counts.Sent)
	})
}
