package webhook_test

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"bellman/internal/fault"
	"bellman/internal/outcome"
	"bellman/internal/seal"
	"bellman/internal/store"
	"bellman/internal/store/storetest"
	"bellman/internal/webhook"
)

// line is a caller that records its calls.
type line struct {
	refused error
	asked   []webhook.Address
}

func (l *line) Probe(_ context.Context, to webhook.Address) error {
	l.asked = append(l.asked, to)
	return l.refused
}

func (l *line) Post(context.Context, webhook.Address, webhook.Message) webhook.Answer {
	return webhook.Answer{Refused: l.refused}
}

func TestSettingUp(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.DB) {
		ring := seal.Of(seal.NewKey())
		l := &line{}
		c := newClock()
		hooks := webhook.New(s.Webhooks, l, ring, c.now, nil)
		draft := webhook.Draft{Name: "Shop", URL: " https://shop.example/in?key=1 ", Login: "me", Password: "pass:word"}
		w, err := hooks.Create(t.Context(), 1, draft)
		require.NoError(t, err)
		require.Equal(t, []webhook.Address{{URL: "https://shop.example/in?key=1", Login: "me", Password: "pass:word"}}, l.asked)
		require.Equal(t, outcome.Activities, w.Statuses, "all, unless some are chosen")
		got, _, err := hooks.Get(t.Context(), 1, w.ID)
		require.NoError(t, err)
		require.Equal(t, w, got)
		require.NotContains(t, string(got.SealedPassword), "pass")
		plain, err := ring.Unseal(got.SealedPassword, -w.ID)
		require.NoError(t, err)
		require.Equal(t, "pass:word", plain)
		_, err = ring.Unseal(got.SealedPassword, -w.ID-1)
		require.Error(t, err, "it is bound to its webhook")
		list, err := hooks.List(t.Context(), 1, 0, 10)
		require.NoError(t, err)
		require.Equal(t, []webhook.Webhook{got}, list)

		text := func(s string) *string { return &s }
		// A change that is not about the address makes no call.
		got, err = hooks.Update(t.Context(), 1, w.ID, webhook.Change{
			Name: text("Store"), Statuses: []outcome.Activity{outcome.Clicked, outcome.Delivered, outcome.Clicked},
		})
		require.NoError(t, err)
		require.Equal(t, "Store", got.Name)
		require.Equal(t, []outcome.Activity{outcome.Delivered, outcome.Clicked}, got.Statuses)
		require.Len(t, l.asked, 1)
		// The password is kept on the same server, and not on another.
		_, err = hooks.Update(t.Context(), 1, w.ID, webhook.Change{URL: text("https://SHOP.example/other")})
		require.NoError(t, err)
		require.Equal(t, webhook.Address{URL: "https://SHOP.example/other", Login: "me", Password: "pass:word"}, l.asked[1])
		for _, elsewhere := range []string{"https://evil.example/", "http://shop.example/other", "https://shop.example:8443/other"} {
			_, err = hooks.Update(t.Context(), 1, w.ID, webhook.Change{URL: &elsewhere})
			require.True(t, fault.Is(err, "webhook_password_missing"), elsewhere)
		}
		require.Len(t, l.asked, 2)
		_, err = hooks.Update(t.Context(), 1, w.ID, webhook.Change{URL: text("http://10.0.0.7:9000/in"), Password: text("new")})
		require.NoError(t, err, "addresses inside are as good as others")
		require.Equal(t, webhook.Address{URL: "http://10.0.0.7:9000/in", Login: "me", Password: "new"}, l.asked[2])
		got, err = hooks.Update(t.Context(), 1, w.ID, webhook.Change{Login: text("")})
		require.NoError(t, err)
		require.Empty(t, got.SealedPassword)
		require.Equal(t, webhook.Address{URL: "http://10.0.0.7:9000/in"}, l.asked[3])

		// Of two concurrent changes, one fails with an error.
		require.ErrorIs(t, s.Webhooks.ChangeWebhook(t.Context(), w, false, nil), webhook.ErrChanged)
		refused, err := hooks.Probe(t.Context(), 1, w.ID)
		require.NoError(t, errors.Join(refused, err))
		l.refused = errors.New("it answered 500 Internal Server Error")
		refused, err = hooks.Probe(t.Context(), 1, w.ID)
		require.NoError(t, err)
		require.Equal(t, l.refused, refused)
		_, err = hooks.Create(t.Context(), 1, draft)
		require.True(t, fault.Is(err, "webhook_unreachable"), err)
		require.Contains(t, err.Error(), "500")
		require.NotContains(t, err.Error(), "key=1")
		_, err = hooks.Update(t.Context(), 1, w.ID, webhook.Change{URL: text("https://down.example")})
		require.True(t, fault.Is(err, "webhook_unreachable"), err)
		unchanged, _, err := hooks.Get(t.Context(), 1, w.ID)
		require.NoError(t, err)
		require.Equal(t, got, unchanged)

		l.refused = nil
		for n := range webhook.MaxWebhooks - 1 {
			draft.URL = fmt.Sprintf("https://shop.example/%d", n)
			_, err = hooks.Create(t.Context(), 1, draft)
			require.NoError(t, err)
		}
		draft.URL = "https://shop.example/full"
		_, err = hooks.Create(t.Context(), 1, draft)
		require.True(t, fault.Is(err, "webhooks_full"), err)
		require.NoError(t, hooks.Delete(t.Context(), 1, w.ID))
		_, err = hooks.Create(t.Context(), 1, draft)
		require.NoError(t, err)
		for _, err := range []error{
			hooks.Delete(t.Context(), 1, w.ID), hooks.Delete(t.Context(), 2, w.ID+1),
			second(hooks.Update(t.Context(), 1, w.ID, webhook.Change{})), second(hooks.Probe(t.Context(), 2, w.ID+1)),
		} {
			require.ErrorIs(t, err, webhook.ErrNotFound)
		}
	})
}

func second[T any](_ T, err error) error { return err }

func TestBadDrafts(t *testing.T) {
	t.Parallel()
	l := &line{}
	hooks := webhook.New(nil, l, nil, nil, nil)
	good := webhook.Draft{Name: "n", URL: "https://shop.example", Login: "l", Password: "p"}
	for name, tt := range map[string]struct {
		bad         func(d *webhook.Draft)
		code, field string
	}{
		"no name":             {func(d *webhook.Draft) { d.Name = "" }, "name_invalid", "name"},
		"no address":          {func(d *webhook.Draft) { d.URL = "" }, "webhook_url_invalid", "url"},
		"another scheme":      {func(d *webhook.Draft) { d.URL = "file:///etc/passwd" }, "webhook_url_invalid", "url"},
		"no host":             {func(d *webhook.Draft) { d.URL = "http://:80/" }, "webhook_url_invalid", "url"},
		"a fragment":          {func(d *webhook.Draft) { d.URL = "http://a.example/#x" }, "webhook_url_invalid", "url"},
		"a space":             {func(d *webhook.Draft) { d.URL = "http://a.example/a b" }, "webhook_url_invalid", "url"},
		"a line end":          {func(d *webhook.Draft) { d.URL = "http://a.example/\r\nX: y" }, "webhook_url_invalid", "url"},
		"too long":            {func(d *webhook.Draft) { d.URL = "http://a.example/" + strings.Repeat("a", 2048) }, "webhook_url_invalid", "url"},
		"a login in it":       {func(d *webhook.Draft) { d.URL = "http://a:b@a.example/" }, "webhook_url_invalid", "url"},
		"a colon":             {func(d *webhook.Draft) { d.Login = "a:b" }, "webhook_login_invalid", "login"},
		"a line end in login": {func(d *webhook.Draft) { d.Login = "a\n" }, "webhook_login_invalid", "login"},
		"a long password":     {func(d *webhook.Draft) { d.Password = strings.Repeat("p", 257) }, "webhook_password_invalid", "password"},
		"only a password":     {func(d *webhook.Draft) { d.Login = "" }, "webhook_login_missing", "login"},
		"an unknown state":    {func(d *webhook.Draft) { d.State = "off" }, "webhook_state_unknown", "state"},
		"an unknown status":   {func(d *webhook.Draft) { d.Statuses = []outcome.Activity{"READ"} }, "webhook_status_unknown", "statuses"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := good
			tt.bad(&d)
			_, err := hooks.Create(t.Context(), 1, d)
			var f *fault.Error
			require.ErrorAs(t, err, &f)
			require.Equal(t, []any{fault.Invalid, tt.code, tt.field}, []any{f.Kind, f.Code, f.Field})
			require.Empty(t, l.asked, "nobody was called")
		})
	}
}

func FuzzAddress(f *testing.F) {
	f.Add("https://shop.example/in?a=b", "me", "secret")
	f.Add("http://[::1]:80/\x00", "a:b", "\xff")
	f.Add("http://a@b", "", "p")
	f.Fuzz(func(t *testing.T, address, login, password string) {
		clean, err := webhook.CleanAddress(webhook.Address{URL: address, Login: login, Password: password})
		if err != nil {
			require.Equal(t, fault.Invalid, fault.KindOf(err))
			return
		}
		again, err := webhook.CleanAddress(clean)
		require.NoError(t, err)
		require.Equal(t, clean, again)
		u, err := url.Parse(clean.URL)
		require.NoError(t, err)
		require.Contains(t, []string{"http", "https"}, u.Scheme)
		require.NotEmpty(t, u.Hostname())
		require.Nil(t, u.User)
	})
}

// Two webhooks of a workspace cannot have one address, however it is written.
func TestSameAddressTwice(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.DB) {
		ring := seal.Of(seal.NewKey())
		hooks := webhook.New(s.Webhooks, &line{}, ring, newClock().now, nil)
		first, err := hooks.Create(t.Context(), 1, webhook.Draft{Name: "Shop", URL: "https://shop.example"})
		require.NoError(t, err)
		for _, same := range []string{"https://shop.example/", "https://SHOP.example:443", "HTTPS://shop.example"} {
			_, err = hooks.Create(t.Context(), 1, webhook.Draft{Name: "n", URL: same})
			require.True(t, fault.Is(err, "webhook_address_taken"), err)
			require.Equal(t, fault.Conflict, fault.KindOf(err))
			require.ErrorContains(t, err, fmt.Sprintf("%q (%d)", "Shop", first.ID))
		}
		var second webhook.Webhook
		for _, other := range []string{"http://shop.example", "https://shop.example:80/", "https://shop.example/a", "https://shop.example/A"} {
			second, err = hooks.Create(t.Context(), 1, webhook.Draft{Name: "n", URL: other})
			require.NoError(t, err, other)
		}
		_, err = hooks.Update(t.Context(), 1, second.ID, webhook.Change{URL: &first.URL})
		require.True(t, fault.Is(err, "webhook_address_taken"), err)
		_, err = hooks.Update(t.Context(), 1, first.ID, webhook.Change{URL: &first.URL})
		require.NoError(t, err, "it may have its own")
		require.NoError(t, hooks.Delete(t.Context(), 1, first.ID))
		_, err = hooks.Create(t.Context(), 1, webhook.Draft{Name: "n", URL: first.URL})
		require.NoError(t, err, "the other is gone")
	})
}
