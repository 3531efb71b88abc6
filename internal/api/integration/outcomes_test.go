package integration_test

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"bellman/internal/api/apitest"
	"bellman/internal/dispatch"
	"bellman/internal/message"
	"bellman/internal/outcome"
	"bellman/internal/store"
	"bellman/internal/store/storetest"
	"bellman/internal/track"
	"bellman/internal/webhook"
)

// ending is one way in which a delivery ends, and how it must be reported.
type ending struct {
	status dispatch.Status
	reason outcome.Reason
	detail string
	told   outcome.Activity
	hard   bool
	says   string
}

// endings returns all ways: every reason of the catalogue that ends a delivery,
// with and without Telegram's words, an outcome without a reason, and the code of a
// check.
func endings() []ending {
	all := []ending{
		{status: dispatch.Sent, told: outcome.Delivered},
		{status: dispatch.Failed, reason: "text_too_long", told: outcome.Undelivered, says: "text_too_long"},
	}
	for _, g := range outcome.Catalogue {
		for _, e := range g.Entries {
			if g.Status == "" || e.Label != "" {
				continue
			}
			plain := ending{status: g.Status, reason: e.Reason, told: outcome.Undelivered, says: string(e.Reason)}
			if e.Reason == outcome.ChatMuted {
				plain.says = "CHANNEL_WAS_MUTED"
			}
			plain.hard = e.RemovesChat || e.Reason == outcome.ChatRemoved
			if g.Status == outcome.Unknown {
				plain.told, plain.says = outcome.Lost, ""
			}
			detailed := plain
			if detailed.detail = "Forbidden: words of Telegram's"; plain.says != "" && e.Reason != outcome.ChatMuted {
				detailed.says += ": " + detailed.detail
			}
			all = append(all, plain, detailed)
		}
	}
	return all
}

// told is a delivery as one of the views shows it.
type told struct {
	ActivityStatus    outcome.Activity
	HardBounce        bool
	StatusDescription string
}

// Webhook, activity, history and the counts of a broadcast report the same of every
// outcome, and nothing personal about a deleted contact.
//
// spec: mute-name
func TestOutcomesAgree(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.DB) {
		in, all := apitest.NewOn(t, s), endings()
		posted := &mailbox{}
		hooks := webhook.New(s.Webhooks, posted, unsealed{}, in.Config.Now, nil)
		_, err := hooks.Create(t.Context(), 1, webhook.Draft{Name: "w", URL: "https://shop.example/in"})
		require.NoError(t, err)
		sendTo(t, in, message.Text("x"), len(all))
		settle(t, in, 1, func(r dispatch.Recipient) dispatch.Outcome {
			e := all[r.ChatID-1]
			return dispatch.Outcome{Status: e.status, Reason: e.reason, Detail: e.detail}
		})
		gone := int64(3)
		require.NoError(t, in.Config.Contacts.Delete(t.Context(), 1, gone, false))

		webhooks := posted.from(t, in)
		activities := in.Call(http.MethodGet, "/v1/contacts/activity?dateFrom=2027-01-01&dateTo=2027-02-01", "").Body.Bytes()
		var report struct{ Recipients, Delivered, Undelivered int64 }
		require.NoError(t, json.Unmarshal(in.Call(http.MethodGet, "/v1/broadcast/1", "").Body.Bytes(), &report))
		counts := map[outcome.Activity]int64{}
		for i, e := range all {
			counts[e.told]++
			chat := fmt.Sprint(i + 1)
			want := told{e.told, e.hard, e.says}
			name := fmt.Sprintf("%s %s %q", e.status, e.reason, e.detail)
			fromWebhook, fromActivity := objects(t, webhooks)[chat], objects(t, activities)[chat]
			require.Equal(t, want, fromWebhook.told, "webhook: %s", name)
			require.Equal(t, want, fromActivity.told, "activity: %s", name)
			for _, o := range []object{fromWebhook, fromActivity} {
				require.EqualValues(t, i+1, o.ContactID)
				if o.ContactID == gone {
					require.Empty(t, o.Email+o.SMS+o.ExternalCustomerID, "a deleted contact")
				} else {
					require.Equal(t, []string{"p" + chat + "@x.example", fmt.Sprintf("+38050%07d", i+1), "C" + chat},
						[]string{o.Email, o.SMS, o.ExternalCustomerID})
				}
			}
			if int64(i+1) != gone {
				// The history of a contact has its status and description.
				w := in.Call(http.MethodGet, "/v1/contacts/messages?contactId="+chat, "")
				history := objects(t, w.Body.Bytes())[chat].told
				require.Equal(t, told{want.ActivityStatus, false, want.StatusDescription}, history, "history: %s", name)
			}
		}
		require.EqualValues(t, len(all), report.Recipients)
		require.Equal(t, counts[outcome.Delivered], report.Delivered)
		require.Equal(t, counts[outcome.Undelivered], report.Undelivered)
		for _, personal := range []string{"p3@x.example", "+380500000003", `"C3"`} {
			require.NotContains(t, string(webhooks)+string(activities), personal)
		}
	})
}

// Clicks of a deleted contact may show who it was.
func TestClicksOfDeletedContacts(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.DB) {
		in := apitest.NewOn(t, s)
		posted := &mailbox{}
		_, err := webhook.New(s.Webhooks, posted, unsealed{}, in.Config.Now, nil).Create(t.Context(), 1,
			webhook.Draft{Name: "w", URL: "https://shop.example/in"})
		require.NoError(t, err)
		sendTo(t, in, message.Text("x"), 2)
		settle(t, in, 1, func(dispatch.Recipient) dispatch.Outcome { return dispatch.Outcome{Status: dispatch.Sent} })
		for seq := range int64(2) {
			at := in.Config.Now()
			// Clicks are found by the time in their ids.
			id := func(n int64) string {
				return fmt.Sprintf("%08x-%04x-7000-8000-%012x", at.UnixMilli()>>16, at.UnixMilli()&0xffff, n)
			}
			click := track.Click{ID: id(seq), CampaignID: 1, Seq: seq + 1, ContactID: seq + 1, At: at}
			click.Target = fmt.Sprintf("https://shop.example/?email=p%d", seq+1)
			press := click
			press.ID, press.Target, press.Press, press.Data = id(10+seq), "", fmt.Sprint(seq), fmt.Sprintf("email=p%d", seq+1)
			require.NoError(t, s.Clicks.RecordClicks(t.Context(), []track.Click{click, press}))
		}
		require.NoError(t, in.Config.Contacts.Delete(t.Context(), 1, 2, false))
		text := string(posted.from(t, in))
		require.Contains(t, text, "email=p1")
		require.NotContains(t, text, "email=p2")
		require.Equal(t, 4, strings.Count(text, string(outcome.Clicked)), "that there were clicks is told")
		text = in.Call(http.MethodGet, "/v1/contacts/activity?status=CLICKED&dateFrom=2027-01-01&dateTo=2027-02-01", "").Body.String()
		require.Contains(t, text, "email=p1")
		require.NotContains(t, text, "email=p2")
		require.Equal(t, 4, strings.Count(text, string(outcome.Clicked)))
	})
}

// reachable lays a broadcast of message 1 out to n contacts, whose chats have
// their ids.
func reachable(t *testing.T, in *apitest.Installation, n int) {
	t.Helper()
	app := in.Connect(t)
	var items []string
	for i := range n {
		items = append(items, fmt.Sprintf(`{"token":%d,"externalCustomerId":"C%[1]d","email":"p%[1]d@x.example","phone":"+38050%07[1]d"}`, i+1))
	}
	w := in.Call(http.MethodPost, "/v1/apps/"+app+"/tokens", `{"tokens":[`+strings.Join(items, ",")+`]}`)
	require.Equal(t, http.StatusOK, w.Code, w.Body)
	page, err := in.Config.Contacts.ByID(t.Context(), 1, []int64{1, int64(n)})
	require.NoError(t, err)
	require.Equal(t, []string{"C1", fmt.Sprint("C", n)}, []string{page.Contacts[0].ExternalCustomerID, page.Contacts[1].ExternalCustomerID})
	ids := make([]int64, n)
	for i := range ids {
		ids[i] = int64(i + 1)
	}
	require.NoError(t, in.Config.Groups.Join(t.Context(), 1, []string{"all"}, ids))
	w = in.Call(http.MethodPost, "/v1/broadcast", `{"title":"b","messageId":1,"groups":[1]}`)
	require.Equal(t, http.StatusOK, w.Code, w.Body)
	layOut(t, in, 1)
}

// object holds the members that the views share, and the ways in which they name
// the chat.
type object struct {
	told
	ContactID          int64
	ExternalCustomerID string
	Email, SMS         string
	Telegram           string
	StatusData         struct{ Token string }
}

// objects returns objects by their chats, from a list or a single object. A chat
// that was removed afterwards is reported once more.
func objects(t *testing.T, text []byte) map[string]object {
	t.Helper()
	if text[0] == '{' {
		text = []byte("[" + string(text) + "]")
	}
	var list []object
	require.NoError(t, json.Unmarshal(text, &list), string(text))
	byChat := map[string]object{}
	for _, o := range list {
		chat := o.Telegram + o.StatusData.Token
		require.NotContains(t, byChat, chat)
		byChat[chat] = o
	}
	return byChat
}

// mailbox receives what webhooks post.
type mailbox struct{ arrived chan []byte }

func (m *mailbox) Probe(context.Context, webhook.Address) error { return nil }

func (m *mailbox) Post(_ context.Context, _ webhook.Address, posted webhook.Message) webhook.Answer {
	m.arrived <- posted.Body
	return webhook.Answer{Status: http.StatusOK}
}

// from returns the array that is posted next.
func (m *mailbox) from(t *testing.T, in *apitest.Installation) []byte {
	t.Helper()
	m.arrived = make(chan []byte, 10)
	ctx, stop := context.WithCancel(context.WithoutCancel(t.Context()))
	sender := webhook.NewSender(in.Store.Webhooks, in.Sent, m, unsealed{}, "test",
		in.Config.Now, slog.New(slog.NewTextHandler(t.Output(), nil)))
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		sender.Run(ctx)
	}()
	defer func() {
		stop()
		<-ended
	}()
	select {
	case body := <-m.arrived:
		return body
	case <-time.After(30 * time.Second):
		t.Fatal("nothing is posted")
		return nil
	}
}

// unsealed keeps secrets as they are.
type unsealed struct{}

func (unsealed) Seal(secret string, _ int64) []byte { return []byte(secret) }

func (unsealed) Unseal(sealed []byte, _ int64) (string, error) { return string(sealed), nil }
