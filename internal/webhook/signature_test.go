package webhook_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"
	"github.com/stretchr/testify/require"

	"bellman/internal/message"
	"bellman/internal/outcome"
	"bellman/internal/webhook"
)

// signed is a receiver that keeps what was posted, with its headers.
type signed struct {
	*httptest.Server
	mu     sync.Mutex
	status int
	header []http.Header
	bodies [][]byte
}

func newSigned(t *testing.T) *signed {
	t.Helper()
	s := &signed{status: http.StatusOK}
	s.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodGet {
			return
		}
		body, err := io.ReadAll(r.Body)
		s.mu.Lock()
		defer s.mu.Unlock()
		if err == nil {
			s.header, s.bodies = append(s.header, r.Header), append(s.bodies, body)
		}
		w.WriteHeader(s.status)
	}))
	t.Cleanup(s.Close)
	return s
}

// verify checks the nth array with the library of the specification.
func (s *signed) verify(t *testing.T, n int, secret string) error {
	t.Helper()
	s.mu.Lock()
	defer s.mu.Unlock()
	judge, err := standardwebhooks.NewWebhook(secret)
	require.NoError(t, err)
	return judge.VerifyIgnoringTimestamp(s.bodies[n], s.header[n])
}

// Signatures hold for an independent judge; a new secret signs beside the earlier ones
// for a day, and a password goes with them.
func TestSignatures(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world) {
		r := newSigned(t)
		h, err := w.hooks.Create(t.Context(), 1, webhook.Draft{Name: "h", URL: r.URL, Login: "me", Password: "pass"})
		require.NoError(t, err)
		s, o := w.sender("p"), w.launch(t, 1, 6, message.Text("Привіт"))
		post := func() int {
			o.sent(t, 1)
			w.look(t, s)
			return len(r.header) - 1
		}
		n := post()
		require.Empty(t, r.header[n]["Webhook-Signature"], "it has no secret yet")
		require.NotEmpty(t, r.header[n].Get("Webhook-Id"))

		first, _, err := w.hooks.Rotate(t.Context(), 1, h.ID)
		require.NoError(t, err)
		require.Len(t, first, len("whsec_")+44)
		n = post()
		require.NoError(t, r.verify(t, n, first))
		require.Equal(t, "1767225600", r.header[n].Get("Webhook-Timestamp"))
		require.NotEmpty(t, r.header[n].Get("Authorization"), "both stay")

		second, changed, err := w.hooks.Rotate(t.Context(), 1, h.ID)
		require.NoError(t, err)
		require.NotEqual(t, first, second)
		require.NotContains(t, string(changed.SealedSecrets), second)
		w.clock.advance(webhook.SecretOverlap - time.Millisecond)
		n = post()
		require.NoError(t, r.verify(t, n, first))
		require.NoError(t, r.verify(t, n, second))
		require.Error(t, r.verify(t, n, "whsec_"+strings.Repeat("A", 44)))
		w.clock.advance(time.Millisecond)
		n = post()
		require.Error(t, r.verify(t, n, first), "its day is over")
		require.NoError(t, r.verify(t, n, second))

		// A receiver that has not learned of the last few goes on with an earlier one.
		for range 3 {
			_, _, err = w.hooks.Rotate(t.Context(), 1, h.ID)
			require.NoError(t, err)
		}
		n = post()
		require.NoError(t, r.verify(t, n, second))
		require.Len(t, strings.Fields(r.header[n].Get("Webhook-Signature")), 4)
		r.bodies[n][5]++
		require.Error(t, r.verify(t, n, second), "another body")
	})
}

// A repetition of an array that was not accepted has the same id and another time.
func TestRepetitionHasTheSameID(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world) {
		r := newSigned(t)
		h := w.hook(t, 1, r.URL)
		secret, _, err := w.hooks.Rotate(t.Context(), 1, h.ID)
		require.NoError(t, err)
		s, o := w.sender("p"), w.launch(t, 1, 2, message.Text("hi"))
		o.sent(t, 1)
		r.status = http.StatusTeapot
		w.look(t, s)
		w.clock.advance(time.Minute)
		w.look(t, s)
		r.status = http.StatusOK
		o.sent(t, 1)
		w.clock.advance(time.Hour)
		w.look(t, s)
		ids, times := map[string]int{}, map[string]int{}
		for n, header := range r.header {
			ids[header.Get("Webhook-Id")]++
			times[header.Get("Webhook-Timestamp")]++
			require.NoError(t, r.verify(t, n, secret))
		}
		require.Len(t, times, 3)
		require.Len(t, ids, 2, "the last one has one activity more")
		require.Equal(t, 2, ids[r.header[0].Get("Webhook-Id")])
	})
}

// Secrets that do not open pause a webhook; a new one mends that.
func TestUnreadableSecretIsMendedByANewOne(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world) {
		r := newSigned(t)
		h := w.hook(t, 1, r.URL)
		_, _, err := w.hooks.Rotate(t.Context(), 1, h.ID)
		require.NoError(t, err)
		w.exec(t, `UPDATE webhooks SET secrets = $1 WHERE id = $2`, []byte("?"), h.ID)
		w.launch(t, 1, 1, message.Text("hi")).sent(t, 1)
		s := w.sender("p")
		w.look(t, s)
		got, _, err := w.hooks.Get(t.Context(), 1, h.ID)
		require.NoError(t, err)
		require.Equal(t, outcome.SecretUnreadable, got.StateReason)
		secret, got, err := w.hooks.Rotate(t.Context(), 1, h.ID)
		require.NoError(t, err)
		require.Equal(t, webhook.Active, got.State)
		w.look(t, s)
		require.NoError(t, r.verify(t, 0, secret))
	})
}

// Randomness that fails gives no secret.
func TestNoSecretWithoutRandomness(t *testing.T) {
	t.Parallel()
	s := newShelf()
	hooks := webhook.New(s, s.line, sealed{}, func() time.Time { return start }, strings.NewReader("too short"))
	_, _, err := hooks.Rotate(t.Context(), 1, 9)
	require.ErrorIs(t, err, io.ErrUnexpectedEOF)
	require.Empty(t, s.changed)
}
