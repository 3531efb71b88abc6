package integration_test

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"bellman/internal/api/apitest"
	"bellman/internal/dispatch"
	"bellman/internal/outcome"
	"bellman/internal/store"
	"bellman/internal/store/storetest"
	"bellman/internal/track"
	"bellman/internal/webhook"
)

// named is what names an activity in a webhook and in the list.
type named struct {
	ActivityID, IID              string
	ActivityStatus               outcome.Activity
	RequestID, ExternalRequestID string
}

// refusing is a receiver that takes no array at first.
type refusing struct {
	mu    sync.Mutex
	takes bool
	// came holds what was posted to each address, also in vain.
	came map[string][]named
	good chan string
}

func (r *refusing) Probe(context.Context, webhook.Address) error { return nil }

func (r *refusing) Post(_ context.Context, to webhook.Address, m webhook.Message) webhook.Answer {
	r.mu.Lock()
	defer r.mu.Unlock()
	var list []named
	if err := json.Unmarshal(m.Body, &list); err != nil {
		return webhook.Answer{Refused: err}
	}
	r.came[to.URL] = append(r.came[to.URL], list...)
	r.good <- to.URL
	if !r.takes {
		return webhook.Answer{Refused: errors.New("not yet")}
	}
	return webhook.Answer{Status: http.StatusOK}
}

// Each activity has one id, whichever webhook it is posted to, when it is posted
// again, and in the list; and it tells which request it is about.
func TestActivitiesAreNamedOnce(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.DB) {
		in := apitest.NewOn(t, s)
		in.Prepare(t)
		receiver := &refusing{came: map[string][]named{}, good: make(chan string, 10)}
		hooks := webhook.New(s.Webhooks, receiver, unsealed{}, in.Config.Now, nil)
		addresses := []string{"https://a.example/", "https://b.example/"}
		for _, url := range addresses {
			_, err := hooks.Create(t.Context(), 1, webhook.Draft{Name: "w", URL: url})
			require.NoError(t, err)
		}
		sent := results(t, in.Call(http.MethodPost, "/v1/message/1/smartsend",
			`{"externalRequestId":"all","recipients":[{"locator":"501"},{"locator":"-502","externalRequestId":"own"},`+
				`{"locator":"501","jsonParam":{"n":2}}]}`))
		plain := results(t, in.Call(http.MethodPost, "/v1/message/1/smartsend", `{"recipients":[{"locator":"501"},`+
			`{"locator":"501","jsonParam":{"n":2}}]}`))
		settle(t, in, 1, func(r dispatch.Recipient) dispatch.Outcome {
			if r.ChatID == -502 {
				return dispatch.Outcome{Status: dispatch.Failed, Reason: outcome.BotBlocked}
			}
			return dispatch.Outcome{Status: dispatch.Sent}
		}, -502)
		at := in.Config.Now()
		clicked := fmt.Sprintf("%08x-%04x-7c3f-9f63-000000000001", at.UnixMilli()>>16, at.UnixMilli()&0xffff)
		require.NoError(t, s.Clicks.RecordClicks(t.Context(), []track.Click{{ID: clicked, CampaignID: 1, Seq: 1, ContactID: 1, At: at}}))
		want := []named{
			{"1-1-outcome", "1-1", outcome.Delivered, sent[0].RequestID, "all"},
			{clicked, "1-1", outcome.Clicked, sent[0].RequestID, "all"},
			{"1-2-outcome", "1-2", outcome.Undelivered, sent[1].RequestID, "own"},
			{"1-2-unsubscribed", "1-2", outcome.Unsubscribed, sent[1].RequestID, "own"},
			{"1-3-outcome", "1-3", outcome.Delivered, sent[2].RequestID, "all"},
			{"1-4-outcome", "1-4", outcome.Delivered, plain[0].RequestID, ""},
			{"1-5-outcome", "1-5", outcome.Delivered, plain[1].RequestID, ""},
		}
		receiver.run(t, in, len(addresses))
		for _, id := range []int64{1, 2} {
			_, err := hooks.Probe(t.Context(), 1, id)
			require.NoError(t, err)
		}
		receiver.takes = true
		receiver.run(t, in, len(addresses))
		for _, url := range addresses {
			require.ElementsMatch(t, slices.Concat(want, want), receiver.came[url], "once in vain, and once more")
		}

		var listed []named
		w := in.Call(http.MethodGet, "/v1/contacts/activity?dateFrom=2027-01-01&dateTo=2027-02-01", "")
		require.NoError(t, json.Unmarshal(w.Body.Bytes(), &listed), w.Body)
		want = slices.DeleteFunc(want, func(n named) bool { return n.ActivityStatus == outcome.Unsubscribed })
		order := func(a, b named) int { return cmp.Compare(a.ActivityID, b.ActivityID) }
		slices.SortFunc(want, order)
		slices.SortFunc(listed, order)
		require.Equal(t, want, listed)
	})
}

// run posts until as many arrays as that have come, and their webhooks are settled.
func (r *refusing) run(t *testing.T, in *apitest.Installation, arrays int) {
	t.Helper()
	ctx, stop := context.WithCancel(context.WithoutCancel(t.Context()))
	sender := webhook.NewSender(in.Store.Webhooks, in.Sent, r, unsealed{}, "test",
		in.Config.Now, slog.New(slog.DiscardHandler))
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		sender.Run(ctx)
	}()
	defer func() {
		stop()
		<-ended
	}()
	for range arrays {
		select {
		case <-r.good:
		case <-time.After(30 * time.Second):
			t.Fatal("nothing is posted")
		}
	}
}

// An externalRequestId is a label: with other data it is another message, and the
// same send that is repeated sends nothing.
//
// spec: send-request-id
func TestALabelWithOtherDataSends(t *testing.T) {
	t.Parallel()
	in := apitest.New(t)
	in.Prepare(t)
	send := func(recipient string) sendResult {
		t.Helper()
		w := in.Call(http.MethodPost, "/v1/message/1/smartsend", `{"externalRequestId":"order-4711","recipients":[`+recipient+`,{}]}`)
		got := results(t, w)[0]
		require.Equal(t, "OK", got.Status, got.Message)
		return got
	}
	first := send(`{"locator":501,"jsonParam":{"status":"paid","sum":100}}`)
	for _, same := range []string{
		`{"jsonParam":"{\"sum\": 1e2, \"status\": \"p\\u0061id\"}","locator":"501"}`, `{"locator":501,"jsonParam":{"status":"paid","sum":100.0}}`,
	} {
		require.Equal(t, first.RequestID, send(same).RequestID, same)
	}
	seen := map[string]bool{first.RequestID: true}
	for _, other := range []string{
		`{"locator":501,"jsonParam":{"status":"sent","sum":100}}`, `{"locator":501}`,
		`{"locator":501,"jsonParam":{"status":"paid","sum":100},"languageCode":"uk"}`,
		`{"locator":501,"jsonParam":{"status":"paid","sum":100},"externalRequestId":"order-4712"}`,
	} {
		got := send(other)
		require.False(t, seen[got.RequestID], other)
		seen[got.RequestID] = true
	}
}
