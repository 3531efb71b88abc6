package dispatch_test

import (
	"encoding/json"
	"maps"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"bellman/internal/bot"
	"bellman/internal/campaign"
	"bellman/internal/contact"
	"bellman/internal/dispatch"
	"bellman/internal/message"
	"bellman/internal/outcome"
	"bellman/internal/telegram"
)

// phones are the chats of a bot, as their people see them: what stands in each under which
// number. A script decides what goes wrong with a call.
type phones struct {
	mu    sync.Mutex
	shown map[int64]map[int64]string
	calls map[string]map[int64]int // by method and chat
	last  map[int64]int64          // by chat, each of which numbers its own messages
	// spoil returns what is answered in place of the truth to the n-th call of a method for a
	// chat, and whether the call takes effect all the same; nil for the truth.
	spoil func(method string, chat int64, n int) (answer *telegram.Result, effect bool)
}

func newPhones() *phones {
	return &phones{shown: map[int64]map[int64]string{}, calls: map[string]map[int64]int{}, last: map[int64]int64{}}
}

func (p *phones) Send(_, _, method string, body []byte) telegram.Result {
	defer time.Sleep(50 * time.Millisecond)
	p.mu.Lock()
	defer p.mu.Unlock()
	var asked struct {
		Chat int64  `json:"chat_id"`
		ID   int64  `json:"message_id"`
		Text string `json:"text"`
	}
	if err := json.Unmarshal(body, &asked); err != nil {
		return refused(400, "Bad Request: "+err.Error())
	}
	if p.calls[method] == nil {
		p.calls[method] = map[int64]int{}
	}
	p.calls[method][asked.Chat]++
	var answer *telegram.Result
	effect := true
	if p.spoil != nil {
		answer, effect = p.spoil(method, asked.Chat, p.calls[method][asked.Chat])
	}
	if answer != nil && !effect {
		return *answer
	}
	truth := p.carryOut(method, asked.Chat, asked.ID, asked.Text)
	if answer != nil {
		return *answer
	}
	return truth
}

// carryOut does what Telegram does.
func (p *phones) carryOut(method string, chat, id int64, text string) telegram.Result {
	if p.shown[chat] == nil {
		p.shown[chat] = map[int64]string{}
	}
	present, there := p.shown[chat][id]
	switch {
	case method == "sendMessage":
		p.last[chat]++
		id = p.last[chat]
		p.shown[chat][id] = text
	case method == "editMessageText" && !there:
		return refused(400, "Bad Request: message to edit not found")
	case method == "editMessageText" && present == text:
		return refused(400, "Bad Request: message is not modified: specified new message content is the same")
	case method == "editMessageText":
		p.shown[chat][id] = text
	case method == "deleteMessage" && !there:
		return refused(400, "Bad Request: message to delete not found")
	case method == "deleteMessage":
		delete(p.shown[chat], id)
		id = 0
	default:
		return refused(404, "Not Found: method not found")
	}
	return telegram.Result{Fate: telegram.Answered, OK: true, Code: 200, MessageID: id}
}

func (p *phones) SendFiles(apiURL, token, method string, body []byte, _ []telegram.Upload) telegram.Result {
	return p.Send(apiURL, token, method, body)
}

func (p *phones) Call(string, string, string, []byte) telegram.Result { return ok(0, 0) }

// texts returns what stands in a chat, under whatever numbers.
func (p *phones) texts(chat int64) (all []string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for text := range maps.Values(p.shown[chat]) {
		all = append(all, text)
	}
	return all
}

func (p *phones) count(method string, chat int64) int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.calls[method][chat]
}

// withPhones runs a test of a world whose bot writes to phones.
func withPhones(t *testing.T, test func(w *world, p *phones)) {
	t.Helper()
	inBubble(t, func(w *world) {
		p := newPhones()
		w.transport = p
		test(w, p)
	})
}

// edit replaces what a campaign has sent by a text.
func (w *world) edit(id int64, text string) campaign.Report {
	w.t.Helper()
	m, err := w.messages.Create(w.t.Context(), 1, "m", message.Text(text))
	require.NoError(w.t, err)
	r, err := w.campaigns.EditSent(w.t.Context(), 1, id, m.ID)
	require.NoError(w.t, err)
	return r
}

// outcomes returns what became of the recipients, by chat.
func (w *world) outcomes(id int64) map[int64]campaign.Delivery {
	w.t.Helper()
	all, _, err := w.campaigns.Deliveries(w.t.Context(), 1, id, campaign.DeliveryFilter{}, 0, 1000)
	require.NoError(w.t, err)
	byChat := map[int64]campaign.Delivery{}
	for _, d := range all {
		byChat[d.ChatID] = d
	}
	return byChat
}

// claimAndDie lays a campaign out and claims some of its recipients for a process that is
// never heard of again.
func (w *world) claimAndDie(id, n int64) {
	w.t.Helper()
	ctx := w.t.Context()
	_, err := w.store.Campaigns.LayOut(ctx, id, 1000, time.Now())
	require.NoError(w.t, err)
	held, _, err := w.ledger.HoldLeases(ctx, "dead", time.Now(), time.Minute, true)
	require.NoError(w.t, err)
	require.Len(w.t, held, 1)
	_, err = w.ledger.Adopt(ctx, held[0].BotID, held[0].Epoch, time.Now())
	require.NoError(w.t, err)
	claimed, err := w.ledger.Step(ctx, dispatch.Step{Owner: "dead", Number: 1, Now: time.Now(), Campaigns: []dispatch.CampaignStep{
		{CampaignID: id, BotID: held[0].BotID, Epoch: held[0].Epoch, ClaimTo: n, Changes: true},
	}})
	require.NoError(w.t, err)
	require.Len(w.t, claimed[0].Recipients, int(n))
	require.NoError(w.t, w.store.Ledgers.ForgetSenders(ctx))
}

func TestWhatWasSentIsEditedAndDeleted(t *testing.T) {
	t.Parallel()
	withPhones(t, func(w *world, p *phones) {
		w.subscribe(people(40)...)
		p.spoil = func(method string, chat int64, _ int) (*telegram.Result, bool) {
			if method == "sendMessage" && chat == 1001 {
				r := refused(400, "Bad Request: CHAT_RESTRICTED")
				return &r, false
			}
			return nil, true
		}
		defer w.process("p1")()
		id := w.launch()
		w.until(id, campaign.Finished)
		w.subscribe(5) // after the broadcast: there is nothing of it in this chat

		first := w.edit(id, "first")
		_, err := w.campaigns.DeleteSent(w.t.Context(), 1, id)
		require.ErrorContains(w.t, err, "changing these messages still")
		r := w.until(first.ID, campaign.Finished)
		require.Equal(w.t, campaign.Edit, r.Action)
		require.Equal(w.t, campaign.Counts{Recipients: 39, Sent: 39}, r.Counts, "to whom it was sent")
		began := time.Now()
		second := w.until(w.edit(id, "second").ID, campaign.Finished)
		require.InDelta(w.t, 39.0/30, time.Since(began).Seconds(), 0.6, "at the bot's pace")
		require.Equal(w.t, second.Counts, r.Counts)
		for _, chat := range people(40) {
			if chat != 1001 {
				require.Equal(w.t, []string{"second"}, p.texts(chat))
				require.Equal(w.t, 1, p.count("sendMessage", chat), "nobody gets a new message")
			}
		}
		d := w.outcomes(second.ID)[1000]
		require.Equal(w.t, w.outcomes(id)[1000].TelegramMessageID, d.TelegramMessageID)

		gone, err := w.campaigns.DeleteSent(w.t.Context(), 1, id)
		require.NoError(w.t, err)
		require.Equal(w.t, r.Counts, w.until(gone.ID, campaign.Finished).Counts)
		require.Equal(w.t, d.TelegramMessageID, w.outcomes(gone.ID)[1000].TelegramMessageID, "it says which message went")
		for _, chat := range append(people(40), 5) {
			require.Empty(w.t, p.texts(chat))
		}
		again, err := w.campaigns.DeleteSent(w.t.Context(), 1, id)
		require.NoError(w.t, err)
		require.Equal(w.t, r.Counts, w.until(again.ID, campaign.Finished).Counts, "what is gone is deleted")
		late := w.until(w.edit(id, "late").ID, campaign.Finished)
		require.Equal(w.t, campaign.Counts{Recipients: 39, Failed: 39}, late.Counts)
		require.Equal(w.t, outcome.TargetNotFound, w.outcomes(late.ID)[1000].Reason)
	})
}

// What stands in a chat is corrected even if it is muted or switched off; a person who has
// blocked the bot is not reached, and leaves.
func TestWhoIsReachedByAnEdit(t *testing.T) {
	t.Parallel()
	withPhones(t, func(w *world, p *phones) {
		w.subscribe(people(5)...)
		defer w.process("p1")()
		id := w.launch()
		w.until(id, campaign.Finished)
		later, inactive := time.Now().Add(time.Hour), true
		for chat, change := range map[int64]contact.ChatChange{1001: {MutedUntil: &later}, 1002: {Inactive: &inactive}} {
			_, err := w.store.Contacts.ChangeChat(w.t.Context(), w.bot.ID, chat, change)
			require.NoError(w.t, err)
		}
		p.spoil = func(_ string, chat int64, _ int) (*telegram.Result, bool) {
			if chat == 1003 {
				r := refused(403, "Forbidden: bot was blocked by the user")
				return &r, false
			}
			return nil, true
		}
		r := w.until(w.edit(id, "right").ID, campaign.Finished)
		require.Equal(w.t, campaign.Counts{Recipients: 5, Sent: 4, Failed: 1}, r.Counts)
		require.Equal(w.t, outcome.BotBlocked, w.outcomes(r.ID)[1003].Reason)
		for _, chat := range []int64{1000, 1001, 1002, 1004} {
			require.Equal(w.t, []string{"right"}, p.texts(chat))
		}
		b, err := w.bots.Get(w.t.Context(), 1, w.bot.ID)
		require.NoError(w.t, err)
		require.EqualValues(w.t, 4, b.Subscribers)
		r = w.until(w.edit(id, "later").ID, campaign.Finished)
		require.Equal(w.t, outcome.ChatRemoved, w.outcomes(r.ID)[1003].Reason)
	})
}

// The number of a message in a group means another one in the supergroup that it became.
func TestGroupsThatMovedAreNotChanged(t *testing.T) {
	t.Parallel()
	withPhones(t, func(w *world, p *phones) {
		const known, found, fresh = -1000, -1001, -100_000
		w.subscribe(known, found)
		defer w.process("p1")()
		id := w.launch()
		w.until(id, campaign.Finished)
		p.spoil = func(_ string, chat int64, _ int) (*telegram.Result, bool) {
			if chat == known {
				return &telegram.Result{Fate: telegram.Answered, Code: 400, MigrateTo: fresh}, false
			}
			return nil, true
		}
		// Another broadcast learns of the one move.
		w.until(w.launchContent(message.Text("other")), campaign.Finished)
		p.spoil = func(_ string, chat int64, _ int) (*telegram.Result, bool) {
			if chat == found {
				return &telegram.Result{Fate: telegram.Answered, Code: 400, MigrateTo: fresh - 1}, false
			}
			return nil, true
		}
		r := w.until(w.edit(id, "right").ID, campaign.Finished)
		require.Equal(w.t, campaign.Counts{Recipients: 2, Failed: 2}, r.Counts)
		for _, chat := range []int64{known, found} {
			require.Equal(w.t, outcome.TargetNotFound, w.outcomes(r.ID)[chat].Reason)
		}
		require.Equal(w.t, []string{"other"}, p.texts(fresh))
	})
}

// A deletion beside a paid broadcast costs nothing, and what is too old says so.
//
// spec: tg-deletable
func TestWhatIsTooOldIsNotDeleted(t *testing.T) {
	t.Parallel()
	withPhones(t, func(w *world, p *phones) {
		w.subscribe(people(3)...)
		w.limit(bot.Limits{PaidBroadcast: new(true)})
		defer w.process("p1")()
		id := w.launch()
		_, err := w.campaigns.Update(w.t.Context(), 1, id, campaign.Changes{Paid: campaign.Paid{Allow: new(true)}})
		require.NoError(w.t, err)
		w.until(id, campaign.Finished)
		p.spoil = func(string, int64, int) (*telegram.Result, bool) {
			r := refused(400, "Bad Request: message can't be deleted for everyone")
			return &r, false
		}
		gone, err := w.campaigns.DeleteSent(w.t.Context(), 1, id)
		require.NoError(w.t, err)
		require.False(w.t, gone.AllowPaid)
		r := w.until(gone.ID, campaign.Finished)
		require.Equal(w.t, campaign.Counts{Recipients: 3, Failed: 3}, r.Counts)
		require.Equal(w.t, outcome.TooOld, w.outcomes(r.ID)[1000].Reason)
		require.Zero(w.t, r.StarsSpent)
	})
}

// Whatever is lost, refused and killed on the way: after the end, a chat shows the new text
// and nothing else, or its outcome says why not; nobody gets a second message. A change that
// may have been made is made again, so that nobody is left in doubt.
func TestEditsOutliveWhatGoesWrong(t *testing.T) {
	t.Parallel()
	withPhones(t, func(w *world, p *phones) {
		w.subscribe(people(200)...)
		stop := w.process("p0")
		id := w.launch()
		w.until(id, campaign.Finished)
		random := rand.New(rand.NewPCG(7, 7))
		p.spoil = func(_ string, chat int64, n int) (*telegram.Result, bool) {
			lost := telegram.Result{Fate: telegram.Lost}
			switch d := random.IntN(100); {
			case chat%50 == 7:
				r := refused(400, "Bad Request: message can't be edited")
				return &r, false
			case n > 6:
			case d < 10:
				return &lost, true
			case d < 20:
				return &lost, false
			case d < 25:
				r := refused(429, "Too Many Requests: retry after 1")
				r.RetryAfter = time.Second
				return &r, false
			case d < 35:
				r := refused(500, "Internal Server Error")
				return &r, false
			}
			return nil, true
		}
		r := w.edit(id, "right")
		for i := range 6 {
			time.Sleep(1300 * time.Millisecond)
			stop()
			stop = w.process([]string{"p1", "p2", "p3", "p4", "p5", "p6"}[i])
		}
		defer func() { stop() }()
		done := w.until(r.ID, campaign.Finished)
		require.EqualValues(w.t, 200, done.Counts.Recipients)
		require.Zero(w.t, done.Counts.Unknown, "nobody is left in doubt")
		ended := w.outcomes(r.ID)
		for _, chat := range people(200) {
			require.Equal(w.t, 1, p.count("sendMessage", chat))
			want := "right"
			if d := ended[chat]; d.Status != campaign.Sent {
				require.NotEmpty(w.t, d.Reason)
				want = "hello"
			}
			require.Equal(w.t, []string{want}, p.texts(chat), chat)
		}
	})
}

// A process that was killed with edits on the wire leaves nobody in doubt: the next one makes
// them again.
func TestKilledEditsAreMadeAgain(t *testing.T) {
	t.Parallel()
	withPhones(t, func(w *world, p *phones) {
		w.subscribe(people(30)...)
		stop := w.process("p1")
		id := w.launch()
		w.until(id, campaign.Finished)
		stop()
		// A process claims, and is never heard of again: some of its edits have arrived.
		c := w.edit(id, "right")
		w.claimAndDie(c.ID, 12)
		for chat := int64(1000); chat < 1006; chat++ {
			for number := range p.shown[chat] {
				p.shown[chat][number] = "right"
			}
		}
		defer w.process("p2")()
		r := w.until(c.ID, campaign.Finished)
		require.Equal(w.t, campaign.Counts{Recipients: 30, Sent: 30}, r.Counts)
		for _, chat := range people(30) {
			require.Equal(w.t, []string{"right"}, p.texts(chat))
		}
	})
}
