package api_test

import (
	"bytes"
	"database/sql"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"bellman/internal/api/apitest"
	"bellman/internal/dispatch"
	"bellman/internal/idempotency"
	"bellman/internal/outcome"
	"bellman/internal/store"
	"bellman/internal/store/storetest"
	"bellman/internal/track"
	"bellman/internal/webhook"
)

// A marked person has been everywhere, with marks that nothing else has.
type marked struct {
	letter string
	id     int64
	// chats are two with the bot, the second of which blocks it.
	chats [2]int64
}

func (p marked) phone() string { return fmt.Sprint("+38050551717", p.letter[0]-'a') }

// mark returns a text that is the person's alone.
func (p marked) mark(of string) string { return "qzxv" + p.letter + of }

func (p marked) external() string { return p.mark("-EXT") }
func (p marked) email() string    { return p.mark("mail") + "@x.example" }

// traces returns where the person is in the database.
func (p marked) traces(t *testing.T, address string) []string {
	t.Helper()
	return storetest.Traces(t, address, []string{p.mark(""), p.phone()[1:]}, append([]int64{p.id}, p.chats[:]...))
}

// A hamlet is an installation in which two people have been everywhere.
type hamlet struct {
	*testing.T
	*apitest.Installation
	address, app string
	lease        dispatch.Lease
	steps        int64
	field        int64
	people       [2]marked
	// waiting is an import that has both of them, and has not been run.
	waiting string
}

func newHamlet(t *testing.T, address string) *hamlet {
	t.Helper()
	s := storetest.Open(t, address)
	makeNumbersLong(t, address)
	h := &hamlet{T: t, Installation: apitest.NewOn(t, s), address: address}
	h.app = h.Connect(t)
	h.watch()
	h.field = apitest.Field[int64](t, h.post(http.StatusCreated, "/manage/v1/fields", `{"name":"Card","type":"text"}`), "id")
	h.post(http.StatusCreated, apitest.Messages, `{"name":"m","text":"x","buttons":[[{"text":"Rate","callbackData":"rate"}]]}`)
	for i, letter := range []string{"a", "b"} {
		h.people[i] = marked{letter: letter, chats: [2]int64{7_770_001_110 + int64(i), 7_770_002_220 + int64(i)}}
		h.enter(&h.people[i])
	}
	h.importPeople()
	h.lead()
	h.broadcast()
	h.tell()
	h.trigger()
	return h
}

// makeNumbersLong makes ids of contacts so long that they are found in texts.
func makeNumbersLong(t *testing.T, address string) {
	t.Helper()
	driver, text := "sqlite", `UPDATE counters SET last = 8800770066000 WHERE name = 'contact_id'`
	if store.IsPostgres(address) {
		driver, text = "pgx", `SELECT setval('contact_id', 8800770066000)`
	}
	db, err := sql.Open(driver, address)
	require.NoError(t, err)
	_, err = db.Exec(text)
	require.NoError(t, err)
	require.NoError(t, db.Close())
}

func (h *hamlet) post(status int, path, body string, header ...string) *httptest.ResponseRecorder {
	h.Helper()
	w := h.Call(http.MethodPost, path, body, header...)
	require.Equal(h, status, w.Code, "%s: %s", path, w.Body)
	return w
}

// now is the time of what is sent and clicked.
func (h *hamlet) now() time.Time { return h.Config.Now() }

// watch adds a webhook that is told everything.
func (h *hamlet) watch() {
	h.Helper()
	id, err := h.Store.Webhooks.NextWebhookID(h.Context())
	require.NoError(h, err)
	require.NoError(h, h.Store.Webhooks.CreateWebhook(h.Context(), webhook.Webhook{
		ID: id, WorkspaceID: 1, Name: "w", URL: "https://example.com", State: webhook.Active, CreatedAt: h.now(), UpdatedAt: h.now(),
		Statuses: []outcome.Activity{outcome.Delivered, outcome.Undelivered, outcome.Clicked, outcome.Unsubscribed},
	}, func([]webhook.Webhook) error { return nil }))
}

// tokens is a call with a person's chats.
const tokens = `{"tokens":[{"token":"%d","externalCustomerId":%q},{"token":"%d","phone":%q}]}`

// enter makes a person known: by an event before that, as a contact, by chats, as a
// subscriber, by an order.
func (h *hamlet) enter(p *marked) {
	h.Helper()
	event := `{"eventTypeKey":"seen","keyValue":"` + p.external() + `","params":{"page":"` + p.mark("page") + `"}}`
	h.post(http.StatusCreated, "/manage/v1/events", event)
	contact := fmt.Sprintf(`{"externalCustomerId":%q,"phone":%q,"email":%q,"firstName":%q,"lastName":%q,"timeZone":"Europe/Kyiv",
		"languageCode":"uk","contactKey":%q,"address":{"region":%q,"town":%q,"address":%q,"postcode":"01001"},
		"fields":[{"id":%d,"value":%q}],"devices":[{"type":"webpush","token":%q,"deviceModel":%q}]}`,
		p.external(), p.phone(), p.email(), p.mark("first"), p.mark("last"), p.mark("key"), p.mark("region"), p.mark("town"), p.mark("street"),
		h.field, p.mark("card"), p.mark("token"), p.mark("device"))
	key := []string{idempotency.Header, "contact " + p.external()}
	p.id = apitest.Field[int64](h.T, h.post(http.StatusCreated, "/manage/v1/contacts", contact, key...), "id")
	h.post(http.StatusOK, "/v1/apps/"+h.app+"/tokens", fmt.Sprintf(tokens, p.chats[0], p.external(), p.chats[1], p.phone()),
		idempotency.Header, "tokens "+p.letter)
	h.post(http.StatusCreated, "/manage/v1/events", event)
	h.post(http.StatusOK, "/v1/orders", fmt.Sprintf(`{"orders":[{"externalOrderId":%q,"totalCost":1,"status":"DELIVERED",
		"date":"2027-01-15T10:00:00Z","currency":"UAH","externalCustomerId":%q,"deliveryAddress":%q}]}`,
		p.mark("order"), p.external(), p.mark("street")))
	h.post(http.StatusOK, "/v1/contact/subscribe", fmt.Sprintf(
		`{"contact":{"channels":{"type":"email","value":%q}},"groups":["Regulars"],"subscriptions":"news"}`, p.email()))
}

// importPeople runs an import that knows both people, and leaves one that waits.
func (h *hamlet) importPeople() {
	h.Helper()
	rows := make([]string, 0, 2)
	for _, p := range h.people {
		rows = append(rows, fmt.Sprintf(`{"externalCustomerId":%q,"firstName":%q,"channels":[{"type":"sms","value":"no phone"}]}`,
			p.external(), p.mark("first")))
	}
	start := func() string {
		body := `{"dedupeOn":"externalCustomerId","contactFields":["firstName"],"eventKeyForNewContacts":"new","contacts":[`
		return apitest.Field[string](h.T, h.post(http.StatusOK, "/v1/contacts", body+strings.Join(rows, ",")+`]}`), "asyncSessionId")
	}
	h.runImport(start())
	h.waiting = start()
}

func (h *hamlet) runImport(session string) {
	h.Helper()
	i, err := h.Config.Imports.Find(h.Context(), 1, session)
	require.NoError(h, err)
	require.NoError(h, h.Config.Imports.Run(h.Context(), storetest.TakeImport(h.T, h.Store, i.ID)))
}

func (h *hamlet) lead() {
	h.Helper()
	held, _, err := h.Store.Ledgers.HoldLeases(h.Context(), "p", h.now(), time.Hour, true)
	require.NoError(h, err)
	h.lease = held[0]
}

// step runs the next step of the sender, for one campaign.
func (h *hamlet) step(c dispatch.CampaignStep) []dispatch.Recipient {
	h.Helper()
	h.steps++
	_, err := h.Store.Ledgers.Adopt(h.Context(), h.lease.BotID, h.lease.Epoch, h.now())
	require.NoError(h, err)
	c.BotID, c.Epoch, c.Pressable = h.lease.BotID, h.lease.Epoch, true
	got, err := h.Store.Ledgers.Step(h.Context(), dispatch.Step{
		Owner: "p", Number: h.steps, Now: h.now(), Campaigns: []dispatch.CampaignStep{c},
	})
	require.NoError(h, err)
	require.False(h, got[0].Fenced || got[0].Stopped)
	return got[0].Recipients
}

// who returns the person of a recipient.
func (h *hamlet) who(r dispatch.Recipient) marked {
	return h.people[slices.IndexFunc(h.people[:], func(p marked) bool { return p.id == r.ContactID })]
}

// launch launches a broadcast to everybody, and lays it out.
func (h *hamlet) launch() (id int64) {
	h.Helper()
	w := h.post(http.StatusCreated, "/manage/v1/campaigns", `{"name":"c","botId":1,"messageId":1,"audience":{"all":true}}`)
	id = apitest.Field[int64](h.T, w, "id")
	h.post(http.StatusOK, fmt.Sprintf("/manage/v1/campaigns/%d/launch", id), "")
	more, err := h.Store.Campaigns.LayOut(h.Context(), id, 100, h.now())
	require.NoError(h, err)
	require.False(h, more)
	return id
}

// broadcast sends to everybody: the first chats get it, and click and press, the second
// ones have blocked the bot.
func (h *hamlet) broadcast() {
	h.Helper()
	id := h.launch()
	to := h.step(dispatch.CampaignStep{CampaignID: id, ClaimTo: 4})
	require.Len(h, to, 4)
	done := dispatch.CampaignStep{CampaignID: id, ClaimFrom: 4, ClaimTo: 4, SettledSeq: 4}
	var clicks []track.Click
	for n, r := range to {
		o := dispatch.Outcome{Recipient: r, Status: outcome.Sent, Detail: h.who(r).mark("detail"), TelegramMessageID: int64(90 + n),
			SettledAt: h.now()}
		if n >= 2 {
			o.Status, o.Reason, o.TelegramMessageID = outcome.Failed, outcome.BotBlocked, 0
			done.Removals = append(done.Removals, dispatch.Removal{ChatID: r.ChatID, Seq: r.Seq})
		}
		done.Outcomes = append(done.Outcomes, o)
		clicks = append(clicks, h.click(id, r), h.press(id, r))
	}
	h.step(done)
	require.NoError(h, h.Store.Clicks.RecordClicks(h.Context(), clicks[:4]))
}

func (h *hamlet) click(id int64, r dispatch.Recipient) track.Click {
	return track.Click{ID: uuid.NewString(), CampaignID: id, Seq: r.Seq, ContactID: r.ContactID, Agent: "Chrome",
		Target: "https://x.example/" + h.who(r).mark("target"), At: h.now()}
}

func (h *hamlet) press(id int64, r dispatch.Recipient) track.Click {
	p := h.who(r)
	return track.Click{ID: uuid.NewString(), CampaignID: id, Seq: r.Seq, ContactID: r.ContactID, Press: p.mark("press"),
		Data: p.mark("pressed"), At: h.now()}
}

// tell posts what waits for the webhook, which is to be posted again.
func (h *hamlet) tell() {
	h.Helper()
	b, l := h.batch()
	require.NotEmpty(h, b.Entries)
	held, err := h.Store.Webhooks.SettleActivities(h.Context(), l, b.Entries, webhook.Attempt{MessageID: "m", At: h.now(), Status: 200}, 1)
	require.NoError(h, err)
	require.True(h, held)
	require.NoError(h, h.Store.Webhooks.ReleaseWebhook(h.Context(), l, h.now()))
	found, err := h.Store.Webhooks.ReplayAttempt(h.Context(), l.WebhookID, 1)
	require.NoError(h, err)
	require.True(h, found)
}

func (h *hamlet) batch() (webhook.Batch, webhook.Lease) {
	h.Helper()
	taken, err := h.Store.Webhooks.TakeWebhooks(h.Context(), "p", h.now(), time.Nanosecond, 1)
	require.NoError(h, err)
	require.Len(h, taken, 1)
	b, err := h.Store.Webhooks.Batch(h.Context(), taken[0], 100)
	require.NoError(h, err)
	return b, taken[0]
}

// trigger sends three messages to each: one has gone out, one has to wait, one waits for
// its turn.
func (h *hamlet) trigger() {
	h.Helper()
	for n := range 3 {
		for _, p := range h.people {
			h.post(http.StatusOK, "/v1/message/1/smartsend", fmt.Sprintf(
				`{"recipients":[{"locator":"%d","jsonParam":{"to":%q},"externalRequestId":%q}]}`, p.chats[0], p.mark("data"),
				p.mark(fmt.Sprint("label", n))), idempotency.Header, fmt.Sprint("send ", p.letter, n))
		}
	}
	to := h.step(dispatch.CampaignStep{CampaignID: 2, ClaimTo: 4})
	require.Len(h, to, 4)
	done := dispatch.CampaignStep{CampaignID: 2, ClaimFrom: 4, ClaimTo: 4, SettledSeq: 4}
	for n, r := range to {
		if n >= 2 {
			done.Deferrals = append(done.Deferrals, dispatch.Deferral{Recipient: r, DueAt: h.now(), Reason: outcome.TooManyRequests,
				Detail: h.who(r).mark("again")})
			continue
		}
		o := dispatch.Outcome{Recipient: r, Status: outcome.Sent, TelegramMessageID: int64(190 + n), SettledAt: h.now()}
		done.Outcomes = append(done.Outcomes, o)
	}
	h.step(done)
}

func (h *hamlet) path(p marked, rest string) string {
	return fmt.Sprint("/manage/v1/contacts/", p.id, rest)
}

// everywhere are the tables in which the people are.
var everywhere = []string{
	"accepted", "activities", "chats", "clicks", "contact_devices", "contact_fields", "contacts", "deferred", "events", "idempotency",
	"identities", "import_parts", "members", "outcomes", "pressable", "recipients", "requests", "webhook_attempts",
}

// Of a person who has come through every door everything is exported, and then nothing is
// left in any table; another one with like values stays whole.
func TestErasure(t *testing.T) {
	t.Parallel()
	storetest.EachAddress(t, func(t *testing.T, address string) {
		h := newHamlet(t, address)
		gone, stays := h.people[0], h.people[1]
		require.Equal(t, everywhere, storetest.TablesIn(gone.traces(t, address)))
		before := h.alone(stays)
		h.export(gone, stays)

		h.progress(gone, http.StatusNotFound, "erasure_not_found")
		h.post(http.StatusAccepted, h.path(gone, "/erase"), "")
		h.post(http.StatusAccepted, h.path(gone, "/erase"), "{}")
		for _, path := range []string{"", "/export"} {
			require.Equal(t, http.StatusNotFound, h.Call(http.MethodGet, h.path(gone, path), "").Code)
		}
		h.progress(gone, http.StatusOK, `"state":"erasing"`)
		h.EraseAll(t)
		h.progress(gone, http.StatusOK, `"state":"erased"`)
		h.post(http.StatusOK, h.path(gone, "/erase"), "")
		h.post(http.StatusNotFound, "/manage/v1/contacts/8800770066999/erase", "")

		h.nothingLeft(gone)
		require.Equal(t, before, h.alone(stays))
		h.goesOn(gone, stays)
		h.nothingLeft(gone)
	})
}

// progress checks what is told of an erasure.
func (h *hamlet) progress(p marked, status int, contains string) {
	h.Helper()
	w := h.Call(http.MethodGet, h.path(p, "/erase"), "")
	require.Equal(h, status, w.Code, w.Body)
	require.Contains(h, w.Body.String(), contains)
}

// alone returns where the person is alone. Contents of imports and of arrays that were
// posted name several.
func (h *hamlet) alone(p marked) []string {
	h.Helper()
	return slices.DeleteFunc(p.traces(h.T, h.address), func(trace string) bool {
		return strings.HasPrefix(trace, "import_parts.") || strings.HasPrefix(trace, "webhook_attempts.")
	})
}

// Who may delete contacts may not erase them, by neither way.
func TestErasureNeedsItsRight(t *testing.T) {
	t.Parallel()
	in := apitest.New(t)
	in.Prepare(t)
	marketer := caller(t, in, "marketer")
	for method, path := range map[string]string{http.MethodPost: "/erase", http.MethodGet: "/export", http.MethodDelete: "?erase=true"} {
		require.Equal(t, http.StatusForbidden, marketer(method, "/manage/v1/contacts/1"+path, "").Code)
	}
	require.Equal(t, http.StatusNoContent, marketer(http.MethodDelete, "/manage/v1/contacts/1", "").Code)
	require.Equal(t, http.StatusNoContent, caller(t, in, "admin")(http.MethodDelete, "/manage/v1/contacts/1?erase=true", "").Code)
}

// nothingLeft finds the person's id in the note of the erasure, and in the audit log of
// what was done with the contact of that number, and nothing else.
func (h *hamlet) nothingLeft(p marked) {
	h.Helper()
	traces := slices.DeleteFunc(p.traces(h.T, h.address), func(trace string) bool {
		return trace == fmt.Sprintf("audit.subject: contacts/%d", p.id)
	})
	require.Equal(h, []string{fmt.Sprintf("erasures.contact_id: %%!s(int64=%d)", p.id)}, traces)
}

// export checks that an export has all that can be shown of the person, and nothing of
// another one.
func (h *hamlet) export(p, other marked) {
	h.Helper()
	w := h.Call(http.MethodGet, h.path(p, "/export"), "")
	require.Equal(h, http.StatusOK, w.Code, w.Body)
	var x map[string]any
	require.NoError(h, json.Unmarshal(w.Body.Bytes(), &x), w.Body)
	for _, of := range []string{
		"-EXT", "first", "last", "key", "region", "town", "street", "card", "token", "device", "mail", "page", "order", "detail",
		"target", "press", "pressed", "data", "label0", "label2", "again",
	} {
		require.Contains(h, w.Body.String(), p.mark(of))
	}
	for _, of := range []string{
		p.phone(), fmt.Sprint(p.chats[0]), fmt.Sprint(p.chats[1]), "Regulars", "news", h.app, `"contact ` + p.external() + `"`, "send a2",
	} {
		require.Contains(h, w.Body.String(), of)
	}
	require.NotContains(h, w.Body.String(), other.mark(""))
	require.NotContains(h, w.Body.String(), fmt.Sprint(other.id))
	for name, n := range map[string]int{"deliveries": 5, "events": 4, "clicks": 2, "waiting": 6, "imports": 2, "answers": 5, "groups": 1} {
		require.Len(h, x[name], n, "%s: %s", name, w.Body)
	}
}

// goesOn does what may come after an erasure: deferrals and recipients whose turn it is,
// clicks in what was sent, repeated requests, imports, webhooks.
func (h *hamlet) goesOn(gone, stays marked) {
	h.Helper()
	to := h.step(dispatch.CampaignStep{CampaignID: 2, ClaimFrom: 4, ClaimTo: 6, ClaimDue: 10, SettledSeq: 4, Personal: true})
	require.Len(h, to, 4)
	done := dispatch.CampaignStep{CampaignID: 2, ClaimFrom: 6, ClaimTo: 6, SettledSeq: 6}
	for _, r := range to {
		o := dispatch.Outcome{Recipient: r, Status: outcome.Sent, TelegramMessageID: 300 + r.Seq, SettledAt: h.now()}
		if r.ContactID != stays.id {
			require.Zero(h, r.ChatID)
			require.Equal(h, dispatch.ChatRemoved, r.Barred)
			require.Empty(h, r.Person.Data)
			o.Status, o.Reason, o.TelegramMessageID = outcome.Skipped, r.Barred, 0
		}
		done.Outcomes = append(done.Outcomes, o)
	}
	h.step(done)
	late := dispatch.Recipient{Seq: 1, ChatID: gone.chats[0], ContactID: gone.id}
	require.NoError(h, h.Store.Clicks.RecordClicks(h.Context(), []track.Click{h.click(1, late), h.press(1, late)}))
	again := fmt.Sprintf(tokens, gone.chats[0], gone.external(), gone.chats[1], gone.phone())
	w := h.post(http.StatusConflict, "/v1/apps/"+h.app+"/tokens", again, idempotency.Header, "tokens "+gone.letter)
	require.Contains(h, w.Body.String(), "it is not carried out again")
	h.runImport(h.waiting)
	apitest.Scenario{Method: http.MethodGet, Path: "/manage/v1/imports/" + h.waiting, Status: 200, Contains: []string{
		`"state":"finished"`, `"created":0,"updated":1,"skipped":1,"failed":0`,
	}}.Check(h.T, h.Installation)
	b, _ := h.batch()
	require.NotEmpty(h, b.Entries)
	for _, e := range b.Entries {
		require.Equal(h, stays.id, e.Person.ContactID)
	}
}

// A deleted contact is exported and erased with what it would get back. In the file of
// SQLite not even free pages have anything of it.
func TestErasureOfDeletedContact(t *testing.T) {
	t.Parallel()
	storetest.EachAddress(t, func(t *testing.T, address string) {
		h := newHamlet(t, address)
		gone := h.people[0]
		require.Equal(t, http.StatusNoContent, h.Call(http.MethodDelete, h.path(gone, ""), "").Code)
		tables := storetest.TablesIn(gone.traces(t, address))
		require.Subset(t, tables, []string{"kept_chats", "kept_members"})
		h.export(gone, h.people[1])
		h.post(http.StatusAccepted, h.path(gone, "/erase"), "")
		h.EraseAll(t)
		h.nothingLeft(gone)
		if !store.IsPostgres(address) {
			h.noBytesLeft(gone, h.people[1])
		}
	})
}

// noBytesLeft looks into the file, after all of the log has gone into it.
func (h *hamlet) noBytesLeft(gone, stays marked) {
	h.Helper()
	db, err := sql.Open("sqlite", h.address)
	require.NoError(h, err)
	_, err = db.Exec(`PRAGMA wal_checkpoint(TRUNCATE)`)
	require.NoError(h, err)
	require.NoError(h, db.Close())
	file, err := os.ReadFile(h.address)
	require.NoError(h, err)
	file = bytes.ToLower(file)
	require.True(h, bytes.Contains(file, []byte(stays.mark(""))))
	for _, mark := range []string{gone.mark(""), gone.phone()[1:]} {
		at := bytes.Index(file, []byte(mark))
		if at >= 0 {
			require.Fail(h, "the file has the mark", "%q in page %d", file[max(0, at-40):min(len(file), at+60)], at/4096+1)
		}
	}
}
