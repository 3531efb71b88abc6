package webhook_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"bellman/internal/message"
	"bellman/internal/outcome"
	"bellman/internal/webhook"
)

// A webhook whose password does not open is paused, and what happens meanwhile waits.
// A new password makes it active.
func TestUnreadablePasswordIsMendedByANewOne(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world) {
		r := newReceiver(t)
		h, err := w.hooks.Create(t.Context(), 1, webhook.Draft{Name: "h", URL: r.URL, Login: "me", Password: "pass"})
		require.NoError(t, err)
		w.exec(t, `UPDATE webhooks SET password = NULL WHERE id = $1`, h.ID)
		s, o := w.sender("p"), w.launch(t, 1, 2, message.Text("hi"))
		o.sent(t, 1)
		w.look(t, s)
		o.sent(t, 1)
		w.look(t, s)
		got, backlog, err := w.hooks.Get(t.Context(), 1, h.ID)
		require.NoError(t, err)
		require.Equal(t, []any{webhook.Paused, outcome.SecretUnreadable, 2}, []any{got.State, got.StateReason, backlog.Waiting})
		require.Zero(t, r.attempts())
		got, err = w.hooks.Update(t.Context(), 1, h.ID, webhook.Change{Password: new("word")})
		require.NoError(t, err)
		require.Equal(t, []any{webhook.Active, outcome.Reason("")}, []any{got.State, got.StateReason})
		w.look(t, s)
		require.Len(t, r.taken(), 2)
	})
}

// A webhook that an earlier program had switched off, when nothing was recorded, is
// recorded for from the moment in which it is made active.
func TestSwitchedOffWebhookBecomesActive(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world) {
		r := newReceiver(t)
		h := w.hook(t, 1, r.URL)
		w.exec(t, `UPDATE webhooks SET active = FALSE, state = 'paused', state_reason = 'by_hand'`)
		s, o := w.sender("p"), w.launch(t, 1, 2, message.Text("hi"))
		o.sent(t, 1)
		active := webhook.Active
		_, err := w.hooks.Update(t.Context(), 1, h.ID, webhook.Change{State: &active})
		require.NoError(t, err)
		o.sent(t, 1)
		w.look(t, s)
		require.Len(t, r.taken(), 1)
	})
}
