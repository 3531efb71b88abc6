package media_test

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"bellman/internal/media"
	"bellman/internal/message"
	"bellman/internal/store"
	"bellman/internal/store/storetest"
)

func now() time.Time { return start }

// spec: tg-file-id
func TestSent(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.DB) {
		ctx := t.Context()
		here, there := media.NewSent(s.SentFiles, now), media.NewSent(s.SentFiles, now)
		photo, document := message.Media{Kind: message.Photo, ID: 12}, message.Media{Kind: message.Document, ID: 12}
		film := message.Media{Kind: message.Video, URL: "https://example.com/film.mp4"}
		long := message.Media{Kind: message.Photo, URL: "https://example.com/" + strings.Repeat("x", 5000)}
		all := []message.Media{photo, document, film, long}
		asPhoto, asAnimation := message.File{ID: "AgAC", Kind: message.Photo}, message.File{ID: "CgAC", Kind: message.Animation}

		require.NoError(t, here.Load(ctx, 1, all))
		require.Zero(t, here.File(1, photo))
		require.NoError(t, here.Keep(ctx, 1, photo, asPhoto))
		require.NoError(t, here.Keep(ctx, 1, film, asAnimation))
		require.NoError(t, here.Keep(ctx, 1, long, asPhoto))
		require.Equal(t, asPhoto, here.File(1, photo))
		spoiler := photo
		spoiler.Spoiler = true
		require.Equal(t, asPhoto, here.File(1, spoiler), "how it is shown makes it no other file")
		require.Zero(t, here.File(1, document), "as a document it is another file to Telegram")
		require.Zero(t, here.File(2, photo), "a file_id is good for its bot alone")

		require.Zero(t, there.File(1, photo), "another process has not looked yet")
		require.NoError(t, there.Load(ctx, 1, all))
		require.Equal(t, asPhoto, there.File(1, photo))
		require.Equal(t, asAnimation, there.File(1, film))
		require.Equal(t, asPhoto, there.File(1, long))
		require.Zero(t, there.File(1, document))

		renewed := message.File{ID: "AgAD", Kind: message.Photo}
		require.NoError(t, here.Forget(ctx, 1, photo))
		require.Zero(t, here.File(1, photo))
		require.NoError(t, here.Forget(ctx, 1, photo), "another message with it was refused too")
		require.NoError(t, here.Keep(ctx, 1, photo, renewed))
		require.NoError(t, there.Forget(ctx, 1, photo), "a refusal of the old one in another process")
		require.NoError(t, there.Load(ctx, 1, all))
		require.Equal(t, renewed, there.File(1, photo))

		require.NoError(t, here.Forget(ctx, 1, photo))
		require.NoError(t, there.Load(ctx, 1, all))
		require.Zero(t, there.File(1, photo), "what another process forgot is forgotten")
		require.Equal(t, asAnimation, there.File(1, film))
	})
}

func TestSentByManyAtOnce(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.DB) {
		sent, m := media.NewSent(s.SentFiles, now), message.Media{Kind: message.Photo, ID: 1}
		var running sync.WaitGroup
		errs := make([]error, 8)
		for i := range errs {
			running.Go(func() {
				file := message.File{ID: string(rune('a' + i)), Kind: message.Photo}
				errs[i] = errors.Join(sent.Keep(t.Context(), 1, m, file), sent.Load(t.Context(), 1, []message.Media{m}))
				_ = sent.File(1, m)
			})
		}
		running.Wait()
		require.NoError(t, errors.Join(errs...))
		require.NotZero(t, sent.File(1, m))
	})
}

// away is a store that fails.
type away struct{ media.SentStore }

var errAway = errors.New("away")

func (away) Keep(context.Context, media.SentFile) error { return errAway }

func TestSentGoesOnWithoutTheStore(t *testing.T) {
	t.Parallel()
	sent, m := media.NewSent(away{}, now), message.Media{Kind: message.Photo, ID: 1}
	file := message.File{ID: "AgAC", Kind: message.Photo}
	require.ErrorIs(t, sent.Keep(t.Context(), 1, m, file), errAway)
	require.Equal(t, file, sent.File(1, m))
	require.NoError(t, sent.Load(t.Context(), 1, nil), "nothing to load asks nobody")
}
