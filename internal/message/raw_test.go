package message_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"bellman/internal/fault"
	"bellman/internal/message"
)

// A text has 32 KiB with its mark-up at most, whether it is written so or its
// links make it so: Telegram refuses more. The numbers here are Telegram's, and do
// not follow the code's.
func TestMarkUpHas32KiB(t *testing.T) {
	t.Parallel()
	const most = 32 << 10
	written := func(n int) message.Content {
		const frame = `<a href="https://e.com/">x</a>`
		return message.Text(`<a href="https://e.com/` + strings.Repeat("x", n-len(frame)) + `">x</a>`)
	}
	tooLong := func(err error) { t.Helper(); require.True(t, fault.Is(err, "text_too_long"), "%v", err) }
	blank := message.Text("x" + strings.Repeat(" ", most-1))
	require.NoError(t, blank.Check())
	tooLong(message.Text("x" + strings.Repeat(" ", most)).Check())
	tooLong(written(most + 1).Check())

	linked, err := message.Compile(message.Text(`<a href="https://e.com/">x{{ contact.firstName }}</a>`))
	require.NoError(t, err)
	compose := func(n int) error {
		address := "https://" + strings.Repeat("x", n-len(`<a href="">x</a>`)-len("https://"))
		_, err := linked.Compose(nil, message.Recipient{ChatID: 1, Link: func(int, string) string { return address }})
		return err
	}
	require.NoError(t, compose(most))
	tooLong(compose(most + 1))
}
