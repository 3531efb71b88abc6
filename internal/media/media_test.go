package media_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"image"
	"image/png"
	"io"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"testing/iotest"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"bellman/internal/blob"
	"bellman/internal/fault"
	"bellman/internal/media"
	"bellman/internal/message"
	"bellman/internal/store"
	"bellman/internal/store/storetest"
)

const workspace = 1

var start = time.UnixMilli(1_800_000_000_000).UTC()

// bundle is a service on a database and a directory of its own.
type bundle struct {
	*media.Service
	store *store.DB
	blobs media.Blobs
}

func setup(t *testing.T, s *store.DB) bundle {
	t.Helper()
	blobs, err := blob.Open(t.Context(), t.TempDir())
	require.NoError(t, err)
	return bundle{media.New(s.Media, blobs, func() time.Time { return start }, uuid.NewString), s, blobs}
}

// stored returns how many blobs there are.
func (b bundle) stored(t *testing.T) (n int) {
	t.Helper()
	require.NoError(t, b.blobs.Walk(t.Context(), time.Now().Add(time.Hour), func(string) error { n++; return nil }))
	return n
}

func picture(t *testing.T, width, height int) []byte {
	t.Helper()
	var b bytes.Buffer
	require.NoError(t, png.Encode(&b, image.NewGray(image.Rect(0, 0, width, height))))
	return b.Bytes()
}

func (b bundle) upload(t *testing.T, name string, content []byte) media.File {
	t.Helper()
	f, fresh, err := b.Upload(t.Context(), workspace, name, "", bytes.NewReader(content))
	require.NoError(t, err)
	require.True(t, fresh)
	return f
}

func TestUpload(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.DB) {
		b, content := setup(t, s), picture(t, 30, 20)
		f := b.upload(t, "../Весна.png", content)
		require.Equal(t, media.File{
			ID: f.ID, WorkspaceID: workspace, Name: "Весна.png", Type: "image/png", Size: int64(len(content)), Width: 30, Height: 20,
			Kinds: []message.Kind{message.Photo, message.Document}, SHA256: f.SHA256, Key: f.Key, CreatedAt: start,
		}, f)
		require.Len(t, f.SHA256, 64)
		got, err := b.Get(t.Context(), workspace, f.ID)
		require.NoError(t, err)
		require.Equal(t, f, got)

		again, fresh, err := b.Upload(t.Context(), workspace, "other.png", message.Photo, bytes.NewReader(content))
		require.NoError(t, err)
		require.False(t, fresh)
		require.Equal(t, f, again)
		require.Equal(t, 1, b.stored(t))

		opened, r, err := b.Open(t.Context(), workspace, f.ID)
		require.NoError(t, err)
		require.Equal(t, f, opened)
		read, err := io.ReadAll(r)
		require.NoError(t, errors.Join(err, r.Close()))
		require.Equal(t, content, read)

		text := b.upload(t, "", []byte("hello"))
		files, err := b.List(t.Context(), workspace, 1<<53, 10)
		require.NoError(t, err)
		require.Equal(t, []media.File{text, f}, files)
		files, err = b.List(t.Context(), workspace, text.ID, 10)
		require.NoError(t, err)
		require.Equal(t, []media.File{f}, files)
		kinds, err := b.Kinds(t.Context(), workspace, []int64{f.ID, text.ID, 999})
		require.NoError(t, err)
		require.Equal(t, map[int64][]message.Kind{f.ID: {message.Photo, message.Document}, text.ID: {message.Document}}, kinds)
		kinds, err = b.Kinds(t.Context(), workspace+1, []int64{f.ID})
		require.NoError(t, err)
		require.Empty(t, kinds, "another workspace does not have it")
		_, err = b.Get(t.Context(), workspace+1, f.ID)
		require.ErrorIs(t, err, media.ErrNotFound)
		_, _, err = b.Open(t.Context(), workspace+1, f.ID)
		require.ErrorIs(t, err, media.ErrNotFound)
	})
}

// spec: tg-file
func TestUploadFaults(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.DB) {
		b := setup(t, s)
		cut := errors.New("the line was cut")
		for name, tt := range map[string]struct {
			r    io.Reader
			as   message.Kind
			code string
			is   error
		}{
			"empty":                  {r: strings.NewReader(""), code: "file_empty"},
			"51 MB":                  {r: io.LimitReader(rest{}, 51<<20), code: "file_too_large", is: media.ErrTooLarge},
			"zip bomb named .png":    {r: strings.NewReader("PK\x03\x04bomb"), as: message.Photo, code: "media_kind_mismatch"},
			"SVG as photo":           {r: strings.NewReader("<svg/>"), as: message.Photo, code: "svg_not_photo"},
			"truncated photo":        {r: bytes.NewReader(picture(t, 30, 20)[:60]), as: message.Photo, code: "photo_broken"},
			"thin photo":             {r: bytes.NewReader(picture(t, 100, 1)), as: message.Photo, code: "photo_dimensions"},
			"connection that is cut": {r: io.MultiReader(strings.NewReader("begin"), iotest.ErrReader(cut)), is: cut},
			"photo as voice":         {r: bytes.NewReader(picture(t, 30, 20)), as: message.Voice, code: "media_kind_mismatch"},
			"11 MB of nothing, photo": {r: io.MultiReader(bytes.NewReader(picture(t, 3, 2)), io.LimitReader(rest{}, 11<<20)),
				as: message.Photo, code: "photo_too_large"},
			"a kind that is not known": {r: strings.NewReader("x"), as: "hologram", code: "media_kind_mismatch"},
		} {
			_, _, err := b.Upload(t.Context(), workspace, "x.png", tt.as, tt.r)
			require.Error(t, err, name)
			if tt.code != "" {
				require.True(t, fault.Is(err, tt.code), "%s: %v", name, err)
			}
			if tt.is != nil {
				require.ErrorIs(t, err, tt.is, name)
			}
		}
		files, err := b.List(t.Context(), workspace, 1<<53, 10)
		require.NoError(t, err)
		require.Empty(t, files)
		require.Zero(t, b.stored(t))
	})
}

// rest is an endless reader.
type rest struct{}

func (rest) Read(p []byte) (int, error) {
	clear(p)
	return len(p), nil
}

func TestUploadsAtOnceMakeOneFile(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.DB) {
		b, content := setup(t, s), picture(t, 30, 20)
		const clients = 8
		var (
			gate    = make(chan struct{})
			ids     [clients]int64
			fresh   [clients]bool
			errs    [clients]error
			running sync.WaitGroup
		)
		for i := range clients {
			running.Go(func() {
				// Every upload has looked for the file before one of them ends.
				r := io.MultiReader(bytes.NewReader(content), waiting(gate))
				var f media.File
				f, fresh[i], errs[i] = b.Upload(t.Context(), workspace, fmt.Sprint(i), "", r)
				ids[i] = f.ID
			})
		}
		close(gate)
		running.Wait()
		created := 0
		for i := range clients {
			require.NoError(t, errs[i])
			require.Equal(t, ids[0], ids[i])
			if fresh[i] {
				created++
			}
		}
		require.Equal(t, 1, created)
		require.Equal(t, 1, b.stored(t), "no second copy stays")
	})
}

// waiting is a reader that ends when the gate opens.
type waiting chan struct{}

func (w waiting) Read([]byte) (int, error) {
	<-w
	return 0, io.EOF
}

// racing writes a row only after another upload of the same bytes is done.
type racing struct {
	media.Blobs
	first func()
}

func (r racing) Put(ctx context.Context, key string, size int64, content io.ReadSeeker) error {
	r.first()
	return r.Blobs.Put(ctx, key, size, content)
}

func TestSecondCopyIsRemoved(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.DB) {
		b, content := setup(t, s), picture(t, 30, 20)
		var first media.File
		late := media.New(s.Media, racing{b.blobs, func() { first = b.upload(t, "first.png", content) }}, time.Now, uuid.NewString)
		f, fresh, err := late.Upload(t.Context(), workspace, "second.png", "", bytes.NewReader(content))
		require.NoError(t, err)
		require.False(t, fresh)
		require.Equal(t, first, f)
		require.Equal(t, 1, b.stored(t))
	})
}

func TestDelete(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.DB) {
		b, ctx := setup(t, s), t.Context()
		used, other := b.upload(t, "used.png", picture(t, 1, 1)), b.upload(t, "other.png", picture(t, 2, 2))
		require.NoError(t, s.SentFiles.Keep(ctx, media.SentFile{
			BotID: 1, Source: fmt.Sprint("id:", other.ID), Kind: message.Photo, File: message.File{ID: "f", Kind: message.Photo},
		}))
		var ids []int64
		for i, m := range []message.Media{{Kind: message.Photo, ID: used.ID}, {Kind: message.Photo, ID: used.ID, Spoiler: true}} {
			id, err := s.Messages.CreateMessage(ctx, message.Message{
				WorkspaceID: workspace, Name: fmt.Sprint("m", i), CreatedAt: start, UpdatedAt: start,
				Content: message.Content{Translations: map[string]message.Version{"uk": {Media: []message.Media{m}}}}})
			require.NoError(t, err)
			ids = append(ids, id)
		}
		// Texts that look like a use of the file, and ids that begin like its id.
		_, err := s.Messages.CreateMessage(ctx, message.Message{WorkspaceID: workspace, Name: "none", CreatedAt: start, UpdatedAt: start,
			Content: message.Content{Version: message.Version{
				Text:  fmt.Sprintf(`{"id":%d}`, other.ID),
				Media: []message.Media{{Kind: message.Photo, ID: other.ID*10 + 1}},
			}}})
		require.NoError(t, err)

		err = b.Delete(ctx, workspace, used.ID)
		require.True(t, fault.Is(err, "media_in_use"), err)
		require.Equal(t, fault.Conflict, fault.KindOf(err))
		require.ErrorContains(t, err, fmt.Sprintf("message %d (m0), message %d (m1):", ids[0], ids[1]))
		_, err = b.Get(ctx, workspace, used.ID)
		require.NoError(t, err)

		require.ErrorIs(t, b.Delete(ctx, workspace+1, other.ID), media.ErrNotFound)
		require.NoError(t, b.Delete(ctx, workspace, other.ID))
		require.ErrorIs(t, b.Delete(ctx, workspace, other.ID), media.ErrNotFound)
		require.Equal(t, 1, b.stored(t))
		sent, err := s.SentFiles.Find(ctx, 1, []string{fmt.Sprint("id:", other.ID)})
		require.NoError(t, err)
		require.Empty(t, sent)

		back := b.upload(t, "back.png", picture(t, 2, 2))
		require.NotEqual(t, other.ID, back.ID, "an id is never given again")
	})
}

// dying is a store whose process ends before a row is written.
type dying struct{ media.Store }

func (dying) Create(context.Context, media.File) (media.File, error) {
	return media.File{}, errors.New("killed")
}

func TestSweep(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.DB) {
		b, ctx := setup(t, s), t.Context()
		kept := b.upload(t, "kept.png", picture(t, 1, 1))
		_, _, err := media.New(dying{s.Media}, b.blobs, time.Now, uuid.NewString).
			Upload(ctx, workspace, "lost.png", "", bytes.NewReader(picture(t, 2, 2)))
		require.ErrorContains(t, err, "killed")
		require.Equal(t, 2, b.stored(t))

		sweeper := func(now time.Time) *media.Service {
			return media.New(s.Media, b.blobs, func() time.Time { return now }, uuid.NewString)
		}
		removed, err := sweeper(time.Now()).Sweep(ctx)
		require.NoError(t, err)
		require.Zero(t, removed, "an upload that is under way is left alone")
		tomorrow := sweeper(time.Now().Add(25 * time.Hour))
		removed, err = tomorrow.Sweep(ctx)
		require.NoError(t, err)
		require.Equal(t, 1, removed)
		removed, err = tomorrow.Sweep(ctx)
		require.NoError(t, err)
		require.Zero(t, removed)

		_, r, err := b.Open(ctx, workspace, kept.ID)
		require.NoError(t, err)
		require.NoError(t, r.Close())
		again := b.upload(t, "lost.png", picture(t, 2, 2))
		require.Greater(t, again.ID, kept.ID)
	})
}

// manyBlobs has more keys than are looked up at once.
type manyBlobs struct {
	media.Blobs
	keys    []string
	deleted map[string]bool
	fail    error
}

func (m *manyBlobs) Walk(_ context.Context, _ time.Time, each func(string) error) error {
	for _, key := range m.keys {
		if err := each(key); err != nil {
			return err
		}
	}
	return nil
}

func (m *manyBlobs) Delete(_ context.Context, key string) error {
	m.deleted[key] = true
	return m.fail
}

func TestSweepInBatches(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.DB) {
		kept := setup(t, s).upload(t, "kept.png", picture(t, 1, 1))
		m := &manyBlobs{deleted: map[string]bool{}}
		for i := range 1201 {
			m.keys = append(m.keys, fmt.Sprint("orphan-", i))
		}
		m.keys[700] = kept.Key
		swept := media.New(s.Media, m, time.Now, uuid.NewString)
		removed, err := swept.Sweep(t.Context())
		require.NoError(t, err)
		require.Equal(t, 1200, removed)
		require.Len(t, m.deleted, 1200)
		require.NotContains(t, m.deleted, kept.Key)
		m.fail = errors.New("no such luck")
		_, err = swept.Sweep(t.Context())
		require.ErrorIs(t, err, m.fail)
	})
}

func TestRunSweepsUntilItsContextEnds(t *testing.T) {
	t.Parallel()
	s := storetest.Open(t, storetest.SQLite(t))
	ctx, cancel := context.WithCancel(t.Context())
	m := &manyBlobs{keys: []string{"orphan-1"}, deleted: map[string]bool{}}
	var log bytes.Buffer
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		media.New(s.Media, walked{m, cancel}, time.Now, uuid.NewString).Run(ctx, slog.New(slog.NewTextHandler(&log, nil)))
	}()
	<-ended
	require.Contains(t, m.deleted, "orphan-1")
	require.Contains(t, log.String(), "count=1")
}

// walked reports when a sweep has deleted.
type walked struct {
	*manyBlobs
	done func()
}

func (w walked) Delete(ctx context.Context, key string) error {
	defer w.done()
	return w.manyBlobs.Delete(ctx, key)
}
