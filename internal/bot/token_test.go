package bot

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"bellman/internal/fault"
)

// A token is found in whatever is pasted.
func TestTokenInAText(t *testing.T) {
	t.Parallel()
	secret := "AAE" + strings.Repeat("x_-9", 8)
	one, other := "123456789:"+secret, "7123456789:"+secret
	for _, c := range []struct{ name, text, want string }{
		{"alone", one, one},
		{"with space around", "\n " + one + "\t", one},
		{"of a test server, short", "77:x", "77:x"},
		{"the message of BotFather", "Done! Congratulations on your new bot. You will find it at t.me/acme_bot.\n\n" +
			"Use this token to access the HTTP API:\n" + one + "\nKeep your token secure and store it safely, it can be used by anyone to " +
			"control your bot.\n\nFor a description of the Bot API, see this page: https://core.telegram.org/bots/api", one},
		{"twice", one + "\n" + one, one},
		{"quoted", "token: `" + other + "`, thanks", other},
		{"at the end of a sentence", "it is " + one + ".", one},
		{"after a time", "Sent at 12:30 on 2026: " + one, one},
		{"none", "hello there", "hello there"},
		{"empty", "  ", ""},
	} {
		got, err := findToken(c.text)
		require.NoError(t, err, c.name)
		require.Equal(t, c.want, got, c.name)
	}
	_, err := findToken(one + " and " + other)
	require.True(t, fault.Is(err, "tokens_several"), err)
	require.NotContains(t, err.Error(), secret)
	_, err = parseToken("hello there")
	require.True(t, fault.Is(err, "token_malformed"), err)
}
