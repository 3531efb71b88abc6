package oidctest

import (
	"io"
	"net/http"
	"net/url"
	"testing"

	"github.com/stretchr/testify/require"
)

// Browser is one that walks to providers and back. It keeps the cookies of providers.
type Browser struct{ http *http.Client }

// Walk goes to an address of a provider, signs in as the subject where it is asked, and
// returns what the provider sends it back with.
func (b *Browser) Walk(tb testing.TB, address, subject string) url.Values {
	tb.Helper()
	method, form := http.MethodGet, url.Values(nil)
	for range 10 {
		here, err := url.Parse(address)
		require.NoError(tb, err)
		to := b.call(tb, method, here, form)
		if to == "" {
			method, form = http.MethodPost, url.Values{"id": {here.Query().Get("id")}, "subject": {subject}}
			continue
		}
		next, err := here.Parse(to)
		require.NoError(tb, err)
		if next.Scheme+"://"+next.Host+next.Path == Redirect {
			return next.Query()
		}
		method, form, address = http.MethodGet, nil, next.String()
	}
	require.Fail(tb, "the provider sends the browser round and round")
	return nil
}

// call returns where an address leads to; empty for a page.
func (b *Browser) call(tb testing.TB, method string, address *url.URL, form url.Values) string {
	tb.Helper()
	r, err := http.NewRequestWithContext(tb.Context(), method, address.String(), nil)
	require.NoError(tb, err)
	if form != nil {
		r.URL.RawQuery = form.Encode()
	}
	answer, err := b.http.Do(r)
	require.NoError(tb, err)
	_, err = io.Copy(io.Discard, answer.Body)
	require.NoError(tb, err)
	require.NoError(tb, answer.Body.Close())
	to := answer.Header.Get("Location")
	require.True(tb, to != "" || answer.StatusCode == http.StatusOK, "%s: %s", address, answer.Status)
	return to
}
