package webhook_test

import (
	"math"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"bellman/internal/message"
	"bellman/internal/outcome"
	"bellman/internal/webhook"
)

// Attempts are kept with what came of them: the last hundred.
func TestAttemptsAreKept(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world) {
		r := newReceiver(t)
		h := w.hook(t, 1, r.URL)
		s, o := w.sender("p"), w.launch(t, 1, 120, message.Text("hi"))
		r.status.Store(http.StatusInternalServerError)
		o.sent(t, 3)
		w.look(t, s)
		r.status.Store(0)
		w.clock.advance(time.Hour)
		w.look(t, s)
		got, err := w.hooks.Attempts(t.Context(), 1, h.ID, math.MaxInt64, 10)
		require.NoError(t, err)
		require.Equal(t, []webhook.Attempt{
			{ID: 2, MessageID: got[0].MessageID, At: start.Add(time.Hour), Activities: 3, Status: 200},
			{ID: 1, MessageID: got[0].MessageID, At: start, Activities: 3, Status: 500, Error: "it answered 500 Internal Server Error"},
		}, got)
		for range webhook.MaxAttempts {
			o.sent(t, 1)
			w.look(t, s)
		}
		got, err = w.hooks.Attempts(t.Context(), 1, h.ID, math.MaxInt64, 1000)
		require.NoError(t, err)
		require.Len(t, got, webhook.MaxAttempts)
		require.EqualValues(t, 3, got[webhook.MaxAttempts-1].ID)
		got, err = w.hooks.Attempts(t.Context(), 1, h.ID, got[1].ID, 1)
		require.NoError(t, err)
		require.EqualValues(t, 100, got[0].ID)
		_, err = w.hooks.Attempts(t.Context(), 2, h.ID, math.MaxInt64, 1)
		require.ErrorIs(t, err, webhook.ErrNotFound)
	})
}

// A receiver that answers 410 is asked no more, and what happens waits for a new
// address.
func TestGoneAddress(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world) {
		old, moved := newReceiver(t), newReceiver(t)
		h := w.hook(t, 1, old.URL)
		s, o := w.sender("p"), w.launch(t, 1, 2, message.Text("hi"))
		old.status.Store(http.StatusGone)
		o.sent(t, 1)
		w.look(t, s)
		w.clock.advance(48 * time.Hour)
		o.sent(t, 1)
		w.look(t, s)
		require.Equal(t, 1, old.attempts())
		got, backlog, err := w.hooks.Get(t.Context(), 1, h.ID)
		require.NoError(t, err)
		require.Equal(t, []any{webhook.Paused, outcome.AddressGone, "it answered 410 Gone", 2},
			[]any{got.State, got.StateReason, got.LastError, backlog.Waiting})
		_, err = w.hooks.Update(t.Context(), 1, h.ID, webhook.Change{URL: &moved.URL})
		require.NoError(t, err)
		w.look(t, s)
		require.Len(t, moved.taken(), 2)
	})
}
