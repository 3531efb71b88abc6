package dispatch

import (
	"context"
	"io"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"bellman/internal/message"
	"bellman/internal/telegram"
)

// cabinet holds what bots know of files.
type cabinet struct {
	known     map[message.Media]message.File
	kept      map[message.Media]message.File
	forgotten []message.Media
	err       error
}

func (c *cabinet) Load(context.Context, int64, []message.Media) error { return c.err }

func (c *cabinet) File(_ int64, m message.Media) message.File { return c.known[m] }

func (c *cabinet) Keep(_ context.Context, _ int64, m message.Media, f message.File) error {
	c.kept[m] = f
	return c.err
}

func (c *cabinet) Forget(_ context.Context, _ int64, m message.Media) error {
	c.forgotten = append(c.forgotten, m)
	return c.err
}

func (c *cabinet) Open(context.Context, int64, int64) (string, int64, io.ReadCloser, error) {
	return "a.jpg", 1, io.NopCloser(strings.NewReader("x")), c.err
}

var one, two = message.Media{Kind: message.Photo, ID: 1}, message.Media{Kind: message.Video, ID: 2}

func encoded(t *testing.T, media ...message.Media) string {
	t.Helper()
	content := message.Text("hello")
	content.Media = media
	text, err := content.Encode()
	require.NoError(t, err)
	return text
}

// An album counts as one message per item. From its answer the bot
// learns what it does not yet know of one of them.
func TestOutlineOfAMessage(t *testing.T) {
	t.Parallel()
	files := &cabinet{known: map[message.Media]message.File{one: {ID: "known", Kind: message.Photo}}}
	for _, c := range []struct {
		media []message.Media
		want  outline
	}{
		{nil, outline{1, false}}, {[]message.Media{one}, outline{1, false}},
		{[]message.Media{two}, outline{1, true}}, {[]message.Media{one, two}, outline{2, true}},
	} {
		compose, err := newComposer(t.Context(), Work{Content: encoded(t, c.media...)}, nil, files, slog.New(slog.DiscardHandler))
		require.NoError(t, err)
		require.Equal(t, c.want, compose.outline(Recipient{}))
		call, err := compose.compose(nil, Recipient{ChatID: 7}, false, time.Unix(1795848249, 0))
		require.NoError(t, err)
		require.Equal(t, c.want.learns, call.learns)
		require.Equal(t, c.want.learns, len(call.uploads) == 1)
	}
	_, err := newComposer(t.Context(), Work{Content: "{"}, nil, files, nil)
	require.Error(t, err)
	files.known[two] = message.File{ID: "known", Kind: message.Animation}
	for media, want := range map[*[]message.Media]outline{{two}: {1, false}, {one, two}: {2, true}} {
		compose, err := newComposer(t.Context(), Work{Content: encoded(t, *media...)}, nil, files, slog.New(slog.DiscardHandler))
		require.NoError(t, err)
		require.Equal(t, want, compose.outline(Recipient{}), "an album takes no animations")
	}
	files.err = errSilent
	_, err = newComposer(t.Context(), Work{Content: encoded(t, one)}, nil, files, nil)
	require.ErrorIs(t, err, errSilent)
	compose, err := newComposer(t.Context(), Work{Content: encoded(t, one)}, nil, nil, nil)
	require.NoError(t, err, "without files there are none to load")
	require.Equal(t, outline{items: 1}, compose.outline(Recipient{}))
}

// A message is written as of the time at which it is.
func TestMessagesAreWrittenAsOfNow(t *testing.T) {
	t.Parallel()
	content, err := message.Text(`{{ now | date: "%F" }}`).Encode()
	require.NoError(t, err)
	compose, err := newComposer(t.Context(), Work{Content: content}, nil, nil, slog.New(slog.DiscardHandler))
	require.NoError(t, err)
	call, err := compose.compose(nil, Recipient{ChatID: 7}, false, time.Unix(1795848249, 0))
	require.NoError(t, err)
	require.Contains(t, string(call.Body), "2026-11-28")
}

// What Telegram reports of a message's files is kept, file by file, and forgotten
// when Telegram does not know them any more.
func TestFilesAreKeptAndForgotten(t *testing.T) {
	t.Parallel()
	var log strings.Builder
	files := &cabinet{kept: map[message.Media]message.File{}}
	c := &composer{files: files, log: slog.New(slog.NewTextHandler(&log, nil))}
	sent := call{Call: message.Call{Media: []message.Media{one, two}}, learns: true}
	c.sent(sent, []telegram.File{{ID: "a"}})
	require.Empty(t, files.kept, "it is not told which is which")
	c.sent(sent, []telegram.File{{}, {ID: "b", Kind: "animation"}})
	require.Equal(t, map[message.Media]message.File{two: {ID: "b", Kind: message.Animation}}, files.kept)
	require.False(t, c.refused(sent), "it was sent with its bytes")
	require.False(t, c.refused(call{}), "there is no file")
	require.Empty(t, files.forgotten)
	sent.learns = false
	require.True(t, c.refused(sent))
	require.Equal(t, []message.Media{one, two}, files.forgotten)
	require.Empty(t, log.String())
	files.err = errSilent
	require.True(t, c.refused(sent), "it is sent anew though")
	require.Equal(t, 2, strings.Count(log.String(), "no connection"))
}
