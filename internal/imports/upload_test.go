package imports_test

import (
	"context"
	"errors"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"bellman/internal/contact"
	"bellman/internal/fault"
	"bellman/internal/imports"
	"bellman/internal/store"
	"bellman/internal/store/storetest"
)

// file is a file with the text.
func file(text string) imports.File {
	return imports.File{Content: strings.NewReader(text), Size: int64(len(text))}
}

// An upload is imported by whoever takes it, from the database alone.
func TestUpload(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		d := newDesk(t, db)
		session, err := d.imports.Upload(t.Context(), home,
			file("Email,Hat\n"+strings.Repeat("a@x.ua,1\n", contact.MaxImport)+"b@x.ua\nbad\n"), imports.Task{ImportOptions: onEmail})
		require.NoError(t, err)
		i, err := d.imports.Find(t.Context(), home, session)
		require.NoError(t, err)
		require.Equal(t, []string{"Hat"}, i.Task.Unknown)
		require.Empty(t, i.Link)
		require.NoError(t, d.run(imports.New(d.config), i.ID))
		require.Equal(t, 1, d.lease(i.ID).Attempt)
		i, _ = d.get(session)
		require.Equal(t, imports.Finished, i.State)
		require.Equal(t, imports.Count{Created: 2, Updated: contact.MaxImport - 1, Failed: 1}, i.Count)
		failures, err := d.imports.Failures(t.Context(), home, session, 0, 5)
		require.NoError(t, err)
		require.Len(t, failures, 1)
		require.Equal(t, contact.MaxImport+3, failures[0].Row)
		failures, err = d.imports.Failures(t.Context(), home, session, failures[0].Key, 5)
		require.NoError(t, err)
		require.Empty(t, failures)
	})
}

// Nobody takes an import whose file is arriving; when its process died, or its
// sender went away, it fails, and nobody is imported.
func TestUploadThatBreaksOff(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		for _, step := range []int{0, 1, 2} {
			d := newDesk(t, db)
			f := &flaky{Store: db.Imports, step: step}
			uploading := &watched{Store: f}
			config := d.config
			config.Store = uploading
			content := brokenFile{strings.NewReader("Email\n" + strings.Repeat("a@x.ua\n", contact.MaxImport+1)), step == 0}
			_, err := imports.New(config).Upload(t.Context(), home, imports.File{Content: content}, imports.Task{ImportOptions: onEmail})
			require.Error(t, err)
			taken, err := db.Imports.TakeImports(t.Context(), "other", true, d.now, 0, 5)
			require.NoError(t, err)
			require.Empty(t, taken, "nobody has it")
			i, _ := d.get(uploading.session)
			require.Equal(t, imports.Failed, i.State)
			require.Equal(t, "file: the file did not arrive whole: send it again", i.Why)
			require.Zero(t, i.Count)
		}

		// The process dies: nobody is there to say that it failed.
		d := newDesk(t, db)
		now := d.now
		l, err := db.Imports.BeginUpload(t.Context(), imports.Import{
			WorkspaceID: home, Session: "s", State: imports.Started, Link: "upload:", CreatedAt: now, ChangedAt: now,
			Task: imports.Task{ImportOptions: onEmail},
		}, 0)
		require.NoError(t, err)
		require.NoError(t, db.Imports.AddImportPart(t.Context(), l, imports.Piece{Number: 1, Contacts: []byte(`[{"Email":"z@x.ua"}]`)}))
		require.NoError(t, d.run(d.imports, l.ImportID))
		i, _ := d.get("s")
		require.Equal(t, imports.Failed, i.State)
		require.Zero(t, i.Count)
		require.ErrorIs(t, db.Imports.FinishUpload(t.Context(), l, i.Task, now), imports.ErrLeaseLost)
	})
}

// watched is a store that tells the session of an upload.
type watched struct {
	imports.Store
	session string
}

func (w *watched) BeginUpload(ctx context.Context, i imports.Import, ttl time.Duration) (imports.Lease, error) {
	w.session = i.Session
	return w.Store.BeginUpload(ctx, i, ttl)
}

var errLine = errors.New("the line went dead")

// brokenFile is a file that ends with an error when it is broken.
type brokenFile struct {
	io.Reader
	broken bool
}

func (f brokenFile) Read(p []byte) (int, error) {
	n, err := f.Reader.Read(p)
	if f.broken && errors.Is(err, io.EOF) {
		err = errLine
	}
	return n, err
}

func TestUploadRefused(t *testing.T) {
	t.Parallel()
	d := newDesk(t, storetest.Open(t, storetest.SQLite(t)))
	_, err := d.imports.Upload(t.Context(), home, file("Hat\n1"), imports.Task{ImportOptions: onEmail})
	require.True(t, fault.Is(err, "file_invalid"), err)
	require.ErrorContains(t, err, "file: ")
	_, err = d.imports.Upload(t.Context(), home, file("Email\na@x.ua"), imports.Task{})
	require.True(t, fault.Is(err, "dedupe_on_unknown"), err)
}
