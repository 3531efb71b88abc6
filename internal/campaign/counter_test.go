package campaign_test

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"bellman/internal/campaign"
	"bellman/internal/idempotency"
	"bellman/internal/message"
)

// counter is a store of triggered sends: contact n has the chats 10n and 10n+1.
type counter struct {
	appended []campaign.Append
	// accepted are the store's earlier requests; since is the time from which they
	// were asked for.
	accepted []campaign.Accepted
	since    []time.Time
	// race are requests that another send stores just before the append.
	race []campaign.Accepted
	// away is the error of the call that broken names.
	away   error
	broken string
	tidied []string
	// chunks are the limits within which requests were to be forgotten.
	chunks []int
	woken  int
	ids    int
}

func (c *counter) triggers() *campaign.Triggers {
	newID := func() string { c.ids++; return "request-" + strconv.Itoa(c.ids) }
	return campaign.NewTriggers(c, c, func() time.Time { return noon }, newID, func() { c.woken++ })
}

func (c *counter) says(call string) error {
	if c.broken == call {
		return c.away
	}
	return nil
}

func (c *counter) ApprovalAbove(context.Context, int64) (int64, error) { return 0, c.says("approval") }

func (c *counter) Checked(context.Context, int64, int64) (message.Message, error) {
	return message.Message{Name: "code", Content: message.Text("1234")}, c.says("message")
}

func (c *counter) Reach(_ context.Context, _, _ int64, contactIDs, chatIDs []int64) (found []campaign.Chat, err error) {
	for _, id := range contactIDs {
		found = append(found, campaign.Chat{ChatID: 10 * id, ContactID: id}, campaign.Chat{ChatID: 10*id + 1, ContactID: id})
	}
	for _, id := range chatIDs {
		found = append(found, campaign.Chat{ChatID: id, ContactID: id / 10})
	}
	// Contact 9 has no chats.
	return slices.DeleteFunc(found, func(c campaign.Chat) bool { return c.ContactID == 9 }), c.says("reach")
}

func (c *counter) AcceptedRequests(_ context.Context, _ int64, _ []string, since time.Time) ([]campaign.Accepted, error) {
	c.since = append(c.since, since)
	return c.accepted, c.says("accepted")
}

func (c *counter) Append(ctx context.Context, a campaign.Append) error {
	if err := c.says("append"); err != nil {
		return err
	}
	c.appended = append(c.appended, a)
	return a.Settled(ctx, c.race)
}

func (c *counter) Requests(context.Context, int64, []string) ([]campaign.Request, error) {
	return nil, c.says("requests")
}

func (c *counter) Tidy(_ context.Context, period string, _ time.Time) error {
	c.tidied = append(c.tidied, period)
	return c.says("tidy")
}

func (c *counter) ForgetRequests(_ context.Context, before time.Time, limit int) (bool, error) {
	c.since = append(c.since, before)
	c.chunks = append(c.chunks, limit)
	return len(c.chunks) == 1, c.says("forget")
}

func to(addressees ...campaign.Addressee) campaign.Trigger {
	return campaign.Trigger{BotID: 5, Addressees: addressees}
}

// A send writes a message for each chat, with the keys in order.
func TestWhatASendAppends(t *testing.T) {
	t.Parallel()
	c := &counter{}
	data := json.RawMessage(" \t\r\n{}")
	trigger := to(
		campaign.Addressee{ContactID: 1, Data: data, Language: "uk", Label: "a"},
		campaign.Addressee{ContactID: 9},
		campaign.Addressee{ChatID: 20, Label: "b"},
		campaign.Addressee{ChatID: 20, Label: "b"},
		campaign.Addressee{ChatID: 30},
	)
	trigger.Test = true
	receipts, err := c.triggers().Send(t.Context(), 1, 4, trigger)
	require.NoError(t, err)
	require.Equal(t, []campaign.Receipt{{RequestID: "request-1", ChatID: 10}, receipts[1], {RequestID: "request-2", ChatID: 20},
		{RequestID: "request-2", ChatID: 20}, {RequestID: "request-3", ChatID: 30}}, receipts)
	require.Equal(t, "contact_unreachable", receipts[1].Code)
	require.NotEmpty(t, receipts[1].Message)
	a := c.appended[0]
	require.Equal(t, []campaign.Appended{
		{Chat: campaign.Chat{ChatID: 10, ContactID: 1}, RequestID: "request-1", Data: data, Language: "uk", Label: "a"},
		{Chat: campaign.Chat{ChatID: 11, ContactID: 1}, RequestID: "request-1", Data: data, Language: "uk", Label: "a"},
		{Chat: campaign.Chat{ChatID: 20, ContactID: 2}, RequestID: "request-2", Label: "b"},
		{Chat: campaign.Chat{ChatID: 30, ContactID: 3}, RequestID: "request-3"},
	}, a.Messages)
	require.Len(t, a.Accepted, 2)
	require.Less(t, a.Accepted[0].Key, a.Accepted[1].Key)
	for _, accepted := range a.Accepted {
		require.Equal(t, map[string]int64{"request-1": 10, "request-2": 20}[accepted.RequestID], accepted.ChatID)
	}
	require.Equal(t, []time.Time{noon.Add(-campaign.KeepRequests)}, c.since)
	require.JSONEq(t, `{"text":"1234"}`, a.Content)
	a.Messages, a.Accepted, a.Settled, a.Content = nil, nil, nil, ""
	require.Equal(t, campaign.Append{WorkspaceID: 1, BotID: 5, MessageID: 4, Test: true, Name: "code", Period: "2026-11", Now: noon}, a)
	require.Equal(t, 1, c.woken)
}

// An addressee with an earlier request under the same key gets that receipt again,
// also when the other send was faster by a moment.
func TestEarlierReceiptsAreRepeated(t *testing.T) {
	t.Parallel()
	trigger := to(campaign.Addressee{ChatID: 20, Label: "a"}, campaign.Addressee{ChatID: 30, Label: "b"}, campaign.Addressee{ChatID: 40})
	first := &counter{}
	_, err := first.triggers().Send(t.Context(), 1, 4, trigger)
	require.NoError(t, err)
	earlier := first.appended[0].Accepted
	for _, c := range []*counter{{accepted: earlier[:1]}, {race: earlier[:1]}} {
		c.ids = 100
		receipts, err := c.triggers().Send(t.Context(), 1, 4, trigger)
		require.NoError(t, err)
		again := 0
		for _, r := range receipts {
			if r.RequestID == earlier[0].RequestID {
				require.Equal(t, earlier[0].ChatID, r.ChatID)
				again++
			}
		}
		require.Equal(t, 1, again)
		require.Len(t, receipts, 3)
	}
}

// A send that is repeated while its first answer is not kept gets the receipts that
// the first one recorded.
func TestReceiptsAreRecorded(t *testing.T) {
	t.Parallel()
	trigger := to(campaign.Addressee{ChatID: 20}, campaign.Addressee{ChatID: 90})
	kept := &kept{}
	keys := idempotency.New(kept, func() time.Time { return noon }, slog.New(slog.DiscardHandler))
	request := idempotency.Request{WorkspaceID: 1, Key: "k", Fingerprint: "f"}
	send := func(c *counter) (receipts []campaign.Receipt, err error) {
		_, failed := keys.Once(t.Context(), request, func(ctx context.Context) ([]byte, idempotency.Ending) {
			receipts, err = c.triggers().Send(ctx, 1, 4, trigger)
			kept.note(ctx)
			return nil, idempotency.Failed
		})
		return receipts, errors.Join(failed, err)
	}
	sent, err := send(&counter{})
	require.NoError(t, err)
	second := &counter{ids: 100}
	again, err := send(second)
	require.NoError(t, err)
	require.Equal(t, sent, again)
	require.Zero(t, second.woken, "nothing was sent")
	require.Empty(t, second.appended)
	kept.result = "{"
	_, err = send(&counter{})
	require.ErrorContains(t, err, "decode receipts")
}

// kept keeps what a request recorded.
type kept struct{ result string }

func (k *kept) note(ctx context.Context) {
	if result, ok := idempotency.From(ctx).Fresh(); ok {
		k.result = result
	}
}

func (k *kept) Kept(context.Context, int64, string, time.Time) (idempotency.Kept, error) {
	if k.result == "" {
		return idempotency.Kept{}, nil
	}
	return idempotency.Kept{Fingerprint: "f", Result: k.result}, nil
}

func (k *kept) Keep(context.Context, *idempotency.Claim, []byte) error { return nil }

func (k *kept) Forget(context.Context, time.Time, int) (bool, error) { return false, nil }

// Errors on the way are returned, and wake is not called.
func TestSendTellsWhatGoesWrong(t *testing.T) {
	t.Parallel()
	cut := errors.New("no connection")
	for _, call := range []string{"message", "reach", "accepted", "append", "requests"} {
		c := &counter{away: cut, broken: call}
		trigger := to(campaign.Addressee{ChatID: 20, Label: "a"})
		_, err := c.triggers().Send(t.Context(), 1, 4, trigger)
		if call == "requests" {
			require.NoError(t, err)
			_, err = c.triggers().Request(t.Context(), 1, "11111111-1111-1111-1111-111111111111")
			require.ErrorIs(t, err, cut)
			continue
		}
		require.ErrorIs(t, err, cut, call)
		require.Zero(t, c.woken)
		require.Empty(t, c.appended)
	}
	_, err := (&counter{}).triggers().Request(t.Context(), 1, "11111111-1111-1111-1111-111111111111")
	require.ErrorIs(t, err, campaign.ErrRequestNotFound)
}

// Values of the greatest length and number are accepted.
func TestSendTakesWhatJustFits(t *testing.T) {
	t.Parallel()
	many := to(make([]campaign.Addressee, campaign.MaxAddressees)...)
	_, err := (&counter{}).triggers().Send(t.Context(), 1, 4, many)
	require.NoError(t, err)
	largest := `{"a":"` + strings.Repeat("x", message.MaxData-8) + `"}`
	language := strings.Repeat("x", message.MaxLanguage)
	for code, addressee := range map[string]campaign.Addressee{
		"":                  {ChatID: 20, Data: json.RawMessage(largest), Language: language, Label: strings.Repeat("ї", campaign.MaxLabel)},
		"data_invalid":      {ChatID: 20, Data: json.RawMessage(largest + " ")},
		"language_invalid":  {ChatID: 20, Language: language + "x"},
		"label_invalid":     {ChatID: 20, Label: strings.Repeat("ї", campaign.MaxLabel+1)},
		"token_unknown":     {ChatID: 90},
		"recipient_invalid": {},
	} {
		receipts, err := (&counter{}).triggers().Send(t.Context(), 1, 4, to(addressee))
		require.NoError(t, err)
		require.Equal(t, code, receipts[0].Code)
	}
	for _, data := range []string{`{`, `[{}]`, `"{"`} {
		receipts, err := (&counter{}).triggers().Send(t.Context(), 1, 4, to(campaign.Addressee{ChatID: 20, Data: json.RawMessage(data)}))
		require.NoError(t, err)
		require.Equal(t, "data_invalid", receipts[0].Code, data)
	}
}

// Campaigns are tidied up at intervals, also after the database was away.
func TestTriggersTidyUp(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := &counter{away: errors.New("no connection"), broken: "tidy"}
		var log strings.Builder
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan struct{})
		go func() {
			defer close(done)
			c.triggers().Run(ctx, slog.New(slog.NewTextHandler(&log, nil)))
		}()
		time.Sleep(25 * time.Second)
		cancel()
		<-done
		require.Equal(t, []string{"2026-11", "2026-11", "2026-11"}, c.tidied)
		require.Equal(t, 3, strings.Count(log.String(), "no connection"))
		require.Empty(t, c.chunks)
	})
}

// Old requests are forgotten in pieces, while there are more.
func TestTriggersForget(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := &counter{}
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan struct{})
		go func() {
			defer close(done)
			c.triggers().Run(ctx, slog.New(slog.DiscardHandler))
		}()
		time.Sleep(5 * time.Second)
		cancel()
		<-done
		require.Equal(t, []int{1000, 1000}, c.chunks)
		require.Equal(t, noon.Add(-campaign.KeepRequests), c.since[0])
	})
}
