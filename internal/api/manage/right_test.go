package manage

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"bellman/internal/api/surface"
)

// Each operation that is no GET is told in the audit log, or it is said why not.
func TestOperationsAreAuditedOrQuiet(t *testing.T) {
	t.Parallel()
	a := New(surface.Services{})
	require.Len(t, a.needs, len(rights), "every operation is in the table, and nothing else")
	var quiet, told []string
	for _, pattern := range slices.Sorted(maps.Keys(a.needs)) {
		n := a.needs[pattern]
		require.NotEmpty(t, n.act)
		switch get := strings.HasPrefix(pattern, "GET "); {
		case get:
			require.Empty(t, n.quiet, "%s: nobody would have it told", pattern)
			if n.told {
				told = append(told, n.act)
			}
		case n.quiet == "":
			require.True(t, n.told, pattern)
		default:
			require.Greater(t, len(n.quiet), 10, "%s: say why", pattern)
			require.Equal(t, n.ofKeys, n.told, pattern)
			quiet = append(quiet, n.act)
		}
	}
	require.Equal(t, []string{"export-audit", "export-deliveries", "export-contact", "get-refused-rows"}, told)
	// By hand: whoever adds one has to think twice.
	require.ElementsMatch(t, []string{
		"look-at-link", "judge-password", "forgot-password", "begin-passkey", "begin-entry", "leave-to-enter",
		"leave-to-confirm", "leave-to-connect", "pass-update", "probe-webhook", "save-contact", "update-contact",
		"set-contact-subscriptions",
		"update-chat", "attach-contacts", "detach-contacts", "add-event", "check-message", "translate-message", "preview-message",
		"preview-content", "send-message", "look-at-import", "be-present",
	}, quiet)
}

func TestSubject(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ pattern, path, want string }{
		{"/keys", "/manage/v1/keys", "keys"},
		{"/keys/{id}/rotate", "/manage/v1/keys/7/rotate", "keys/7"},
		{"/bots/{id}/chats/{chatId}", "/manage/v1/bots/1/chats/-5", "bots/1/chats/-5"},
		{"/session/confirm", "/manage/v1/session/confirm", "session"},
		{"/keys/{id}", "/manage/v1/keys/\x00", "keys/?"},
		{"/keys/{id}", "/manage/v1/keys/" + strings.Repeat("9", 65), "keys/?"},
		{"/keys/{id}", "/manage/v1/keys/\xff\xfe", "keys/?"},
	} {
		require.Equal(t, tt.want, subject(tt.pattern, tt.path), tt.path)
	}
}
