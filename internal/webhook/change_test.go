package webhook_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"bellman/internal/fault"
	"bellman/internal/outcome"
	"bellman/internal/webhook"
)

// shelf is a store with one webhook. The methods that these tests do not need
// panic.
type shelf struct {
	webhook.Store
	*line

	hook    webhook.Webhook
	others  []webhook.Webhook
	broken  string
	changed []webhook.Webhook
	retries []bool
	retried int
	replays []webhook.Replay
	counted int
}

func (s *shelf) says(call string) error {
	if s.broken == call {
		return errAway
	}
	return nil
}

func (s *shelf) NextWebhookID(context.Context) (int64, error) { return 9, s.says("id") }

func (s *shelf) CreateWebhook(_ context.Context, w webhook.Webhook, check func([]webhook.Webhook) error) error {
	s.changed = append(s.changed, w)
	return errors.Join(check(s.others), s.says("create"))
}

func (s *shelf) Webhook(context.Context, int64, int64) (webhook.Webhook, error) {
	return s.hook, s.says("read")
}

func (s *shelf) ChangeWebhook(_ context.Context, w webhook.Webhook, retry bool, check func([]webhook.Webhook) error) error {
	s.changed, s.retries = append(s.changed, w), append(s.retries, retry)
	if check != nil {
		if err := check(s.others); err != nil {
			return err
		}
	}
	return s.says("change")
}

func (s *shelf) Attempts(_ context.Context, id, before int64, limit int) ([]webhook.Attempt, error) {
	return []webhook.Attempt{{ID: id, Activities: limit, At: time.UnixMilli(before)}}, s.says("attempts")
}

func (s *shelf) RetryWebhook(context.Context, int64, time.Time) error {
	s.retried++
	return s.says("retry")
}

func (s *shelf) Backlog(_ context.Context, _ int64, most int) (webhook.Backlog, error) {
	s.counted = most
	return webhook.Backlog{Waiting: 3}, s.says("backlog")
}

func (s *shelf) ReplayAttempt(_ context.Context, _, attemptID int64) (bool, error) {
	return attemptID == 7, s.says("replay")
}

func (s *shelf) AddReplay(_ context.Context, _ int64, r webhook.Replay, _ time.Time, most int) (bool, error) {
	s.replays = append(s.replays, r)
	return len(s.replays) <= most, s.says("replay")
}

func newShelf() *shelf {
	return &shelf{line: &line{}, hook: webhook.Webhook{
		ID: 9, Name: "h", URL: "https://shop.example/in", Login: "me", SealedPassword: []byte("sealed pass"),
		Statuses: outcome.Activities, State: webhook.Active}}
}

func (s *shelf) service() *webhook.Service {
	return webhook.New(s, s.line, sealed{}, func() time.Time { return start }, strings.NewReader(strings.Repeat("s", 99)))
}

// For each change: what it writes, which address it probes, and whether waiting
// activities are posted at once.
func TestWhatAChangeDoes(t *testing.T) {
	t.Parallel()
	on, off := webhook.Active, webhook.Paused
	paused := func(why outcome.Reason) func(w *webhook.Webhook) {
		return func(w *webhook.Webhook) { w.State, w.StateReason = webhook.Paused, why }
	}
	active := func(w *webhook.Webhook) { w.State, w.StateReason = webhook.Active, "" }
	for name, c := range map[string]struct {
		change webhook.Change
		why    outcome.Reason // the webhook is paused for it
		want   func(w *webhook.Webhook)
		asked  *webhook.Address
		retry  bool
	}{
		"nothing": {},
		"name":    {change: webhook.Change{Name: new("x")}, want: func(w *webhook.Webhook) { w.Name = "x" }},
		"statuses": {change: webhook.Change{Statuses: []outcome.Activity{outcome.Clicked}},
			want: func(w *webhook.Webhook) { w.Statuses = []outcome.Activity{outcome.Clicked} }},
		"on":        {change: webhook.Change{State: &on}, why: outcome.Restored, want: active, retry: true},
		"on again":  {change: webhook.Change{State: &on}},
		"off":       {change: webhook.Change{State: &off}, want: paused(outcome.ByHand)},
		"off again": {change: webhook.Change{State: &off}, why: outcome.Restored},
		"another name of one that is paused": {
			change: webhook.Change{Name: new("x")}, why: outcome.AddressGone, want: func(w *webhook.Webhook) { w.Name = "x" },
		},
		"another path of one that was gone": {
			change: webhook.Change{URL: new("https://shop.example/2")}, why: outcome.AddressGone,
			want:  func(w *webhook.Webhook) { active(w); w.URL = "https://shop.example/2" },
			asked: &webhook.Address{URL: "https://shop.example/2", Login: "me", Password: "pass"}, retry: true,
		},
		"the password of one that could not be read": {
			change: webhook.Change{Password: new("word")}, why: outcome.SecretUnreadable,
			want:  func(w *webhook.Webhook) { active(w); w.SealedPassword = []byte("sealed word") },
			asked: &webhook.Address{URL: "https://shop.example/in", Login: "me", Password: "word"}, retry: true,
		},
		"another path of one that is paused": {
			change: webhook.Change{URL: new("https://shop.example/2")}, why: outcome.Restored,
			want:  func(w *webhook.Webhook) { w.URL = "https://shop.example/2" },
			asked: &webhook.Address{URL: "https://shop.example/2", Login: "me", Password: "pass"}, retry: true,
		},
		"path": {
			change: webhook.Change{URL: new(" https://SHOP.example/other")}, want: func(w *webhook.Webhook) { w.URL = "https://SHOP.example/other" },
			asked: &webhook.Address{URL: "https://SHOP.example/other", Login: "me", Password: "pass"}, retry: true,
		},
		"path and off": {
			change: webhook.Change{URL: new("https://shop.example/2"), State: &off},
			want:   func(w *webhook.Webhook) { paused(outcome.ByHand)(w); w.URL = "https://shop.example/2" },
			asked:  &webhook.Address{URL: "https://shop.example/2", Login: "me", Password: "pass"}, retry: true,
		},
		"login": {
			change: webhook.Change{Login: new("you")}, want: func(w *webhook.Webhook) { w.Login = "you" },
			asked: &webhook.Address{URL: "https://shop.example/in", Login: "you", Password: "pass"}, retry: true,
		},
		"password": {
			change: webhook.Change{Password: new("word")}, want: func(w *webhook.Webhook) { w.SealedPassword = []byte("sealed word") },
			asked: &webhook.Address{URL: "https://shop.example/in", Login: "me", Password: "word"}, retry: true,
		},
		"no login": {
			change: webhook.Change{Login: new("")}, want: func(w *webhook.Webhook) { w.Login, w.SealedPassword = "", nil },
			asked: &webhook.Address{URL: "https://shop.example/in"}, retry: true,
		},
		"elsewhere without a login": {
			change: webhook.Change{URL: new("http://other.example"), Login: new("")},
			want:   func(w *webhook.Webhook) { w.URL, w.Login, w.SealedPassword = "http://other.example", "", nil },
			asked:  &webhook.Address{URL: "http://other.example"}, retry: true,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newShelf()
			if c.why != "" {
				paused(c.why)(&s.hook)
			}
			want := s.hook
			want.UpdatedAt = start
			if c.want != nil {
				c.want(&want)
			}
			_, err := s.service().Update(t.Context(), 1, 9, c.change)
			require.NoError(t, err)
			require.Equal(t, []webhook.Webhook{want}, s.changed)
			require.Equal(t, []bool{c.retry}, s.retries)
			if c.asked == nil {
				require.Empty(t, s.asked)
			} else {
				require.Equal(t, []webhook.Address{*c.asked}, s.asked)
			}
		})
	}
}

// An invalid change is refused before any address is probed, and nothing is
// written.
func TestChangesThatCannotBe(t *testing.T) {
	t.Parallel()
	for code, change := range map[string]webhook.Change{
		"name_invalid":             {Name: new("")},
		"webhook_status_unknown":   {Statuses: []outcome.Activity{"READ"}},
		"webhook_statuses_missing": {Statuses: []outcome.Activity{}},
		"webhook_url_invalid":      {URL: new("shop")},
		"webhook_login_missing":    {Login: new(""), Password: new("p")},
		"webhook_login_invalid":    {Login: new("a:b")},
		"webhook_password_missing": {URL: new("https://other.example")},
		"webhook_state_unknown":    {State: new(webhook.State("off"))},
	} {
		s := newShelf()
		_, err := s.service().Update(t.Context(), 1, 9, change)
		require.True(t, fault.Is(err, code), err)
		require.Empty(t, s.asked)
		require.Empty(t, s.changed)
	}
}

func TestFaultsOfTheStoreAreReturned(t *testing.T) {
	t.Parallel()
	ctx, draft := t.Context(), webhook.Draft{Name: "n", URL: "https://shop.example", Login: "l", Password: "p"}
	for _, c := range []struct {
		broken string
		call   func(s *webhook.Service) error
	}{
		{"id", func(s *webhook.Service) error { return second(s.Create(ctx, 1, draft)) }},
		{"create", func(s *webhook.Service) error { return second(s.Create(ctx, 1, draft)) }},
		{"read", func(s *webhook.Service) error { _, _, err := s.Get(ctx, 1, 9); return err }},
		{"backlog", func(s *webhook.Service) error { _, _, err := s.Get(ctx, 1, 9); return err }},
		{"read", func(s *webhook.Service) error { return second(s.Update(ctx, 1, 9, webhook.Change{})) }},
		{"change", func(s *webhook.Service) error { return second(s.Update(ctx, 1, 9, webhook.Change{})) }},
		{"read", func(s *webhook.Service) error { return second(s.Probe(ctx, 1, 9)) }},
		{"retry", func(s *webhook.Service) error { return second(s.Probe(ctx, 1, 9)) }},
		{"read", func(s *webhook.Service) error { return second(s.Attempts(ctx, 1, 9, 1, 1)) }},
		{"attempts", func(s *webhook.Service) error { return second(s.Attempts(ctx, 1, 9, 1, 1)) }},
		{"read", func(s *webhook.Service) error { _, _, err := s.Rotate(ctx, 1, 9); return err }},
		{"change", func(s *webhook.Service) error { _, _, err := s.Rotate(ctx, 1, 9); return err }},
	} {
		s := newShelf()
		s.broken = c.broken
		require.ErrorIs(t, c.call(s.service()), errAway, c.broken)
	}
	// An error is returned, too, when the password cannot be unsealed.
	s := newShelf()
	s.hook.SealedPassword = []byte("?")
	for _, err := range []error{
		second(s.service().Probe(ctx, 1, 9)), second(s.service().Update(ctx, 1, 9, webhook.Change{Login: new("you")})),
	} {
		require.True(t, fault.Is(err, "secret_unreadable"), err)
		require.Equal(t, fault.Conflict, fault.KindOf(err))
	}
	require.Empty(t, s.asked)
	require.NoError(t, second(s.service().Update(ctx, 1, 9, webhook.Change{Password: new("word")})), "a new one mends it")
	s.hook.Login = ""
	require.NoError(t, second(s.service().Probe(ctx, 1, 9)), "without a login there is none")
	require.Equal(t, 1, s.retried)
	s.refused = errors.New("it answered 500")
	refused, err := s.service().Probe(ctx, 1, 9)
	require.NoError(t, err)
	require.Equal(t, s.refused, refused)
	require.Equal(t, 1, s.retried, "what waits waits on")
	_, backlog, err := s.service().Get(ctx, 1, 9)
	require.NoError(t, err)
	require.Equal(t, 3, backlog.Waiting)
	require.Equal(t, webhook.MaxCounted, s.counted)
}

func TestDraftBecomesAWebhook(t *testing.T) {
	t.Parallel()
	s := newShelf()
	w, err := s.service().Create(t.Context(), 1, webhook.Draft{
		Name: "n", URL: "https://shop.example", Statuses: []outcome.Activity{outcome.Clicked},
	})
	require.NoError(t, err)
	want := webhook.Webhook{
		ID: 9, WorkspaceID: 1, Name: "n", URL: "https://shop.example",
		Statuses: []outcome.Activity{outcome.Clicked}, State: webhook.Active, CreatedAt: start, UpdatedAt: start,
	}
	require.Equal(t, want, w)
	require.Equal(t, []webhook.Webhook{want}, s.changed)
	s.others = make([]webhook.Webhook, webhook.MaxWebhooks-1)
	_, err = s.service().Create(t.Context(), 1, webhook.Draft{Name: "n", URL: "https://shop.example"})
	require.NoError(t, err)
	s.others = make([]webhook.Webhook, webhook.MaxWebhooks)
	_, err = s.service().Create(t.Context(), 1, webhook.Draft{Name: "n", URL: "https://shop.example", Login: "l", State: webhook.Paused})
	require.True(t, fault.Is(err, "webhooks_full"), err)
	require.Equal(t, "sealed ", string(s.changed[2].SealedPassword), "a login may have an empty password")
	require.Equal(t, []any{webhook.Paused, outcome.ByHand}, []any{s.changed[2].State, s.changed[2].StateReason})
}

// An address with parts of the greatest length is accepted.
func TestLongestAddress(t *testing.T) {
	t.Parallel()
	longest := webhook.Address{
		URL:   "https://shop.example/" + strings.Repeat("a", 2048-len("https://shop.example/")),
		Login: strings.Repeat("l", 256), Password: strings.Repeat("p", 256),
	}
	got, err := webhook.CleanAddress(longest)
	require.NoError(t, err)
	require.Equal(t, longest, got)
	for code, change := range map[string]func(a *webhook.Address){
		"webhook_url_invalid":      func(a *webhook.Address) { a.URL += "a" },
		"webhook_login_invalid":    func(a *webhook.Address) { a.Login += "l" },
		"webhook_password_invalid": func(a *webhook.Address) { a.Password += "p" },
	} {
		a := longest
		change(&a)
		_, err := webhook.CleanAddress(a)
		require.True(t, fault.Is(err, code), err)
	}
	for _, a := range []webhook.Address{
		{URL: "https://a.example/\xff"}, {URL: "https://a.example", Login: "\xff"}, {URL: "https://a.example", Login: "l", Password: "\xff"},
	} {
		_, err := webhook.CleanAddress(a)
		require.Equal(t, fault.Invalid, fault.KindOf(err))
	}
}
