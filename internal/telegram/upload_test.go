package telegram

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/stretchr/testify/require"
)

// received is what a server received of a call with files.
type received struct {
	method string
	path   string
	fields map[string]string
	files  map[string]string
}

// uploadServer answers every call with the given text and returns what it received.
func uploadServer(t *testing.T, answer string) (address string, got chan received) {
	t.Helper()
	got = make(chan received, 1)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if err := r.ParseMultipartForm(1 << 20); err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		seen := received{method: r.Method, path: r.URL.Path, fields: map[string]string{}, files: map[string]string{}}
		for name, values := range r.MultipartForm.Value {
			seen.fields[name] = strings.Join(values, "|")
		}
		for name, headers := range r.MultipartForm.File {
			f, err := headers[0].Open()
			if err != nil {
				continue
			}
			content, _ := io.ReadAll(f) // compared below
			seen.files[name] = headers[0].Filename + ":" + string(content)
			_ = f.Close()
		}
		got <- seen
		_, _ = fmt.Fprint(w, answer)
	}))
	t.Cleanup(server.Close)
	return server.URL, got
}

// closing is a file that records that it was closed.
type closing struct {
	io.Reader
	closed bool
}

func (c *closing) Close() error {
	c.closed = true
	return nil
}

func TestSendFiles(t *testing.T) {
	t.Parallel()
	address, got := uploadServer(t, `{"ok":true,"result":{"message_id":7,"photo":[{"file_id":"small"},{"file_id":"large"}]}}`)
	client, err := NewClient(address, Proxy{})
	require.NoError(t, err)
	file := &closing{Reader: strings.NewReader("bytes")}
	result := client.SendFiles("", "1:secret", "sendPhoto",
		[]byte(`{"chat_id":5,"caption":"a \"b\" ї","reply_markup":{"inline_keyboard":[]},"has_spoiler":true}`),
		[]Upload{{Field: "photo", Name: `sale".jpg`, Size: 5, Content: file}})
	require.Equal(t, Result{Fate: Answered, OK: true, Code: 200, MessageID: 7, Files: []File{{"photo", "large"}}}, result)
	require.True(t, file.closed)
	seen := <-got
	require.Equal(t, http.MethodPost, seen.method)
	require.Equal(t, "/bot1:secret/sendPhoto", seen.path)
	require.Equal(t, map[string]string{"chat_id": "5", "caption": `a "b" ї`, "reply_markup": `{"inline_keyboard":[]}`,
		"has_spoiler": "true"}, seen.fields)
	require.Equal(t, map[string]string{"photo": `sale".jpg:bytes`}, seen.files)
}

func TestSendFilesOfAnAlbum(t *testing.T) {
	t.Parallel()
	address, got := uploadServer(t,
		`{"ok":true,"result":[{"message_id":8,"video":{"file_id":"v"}},{"message_id":9,"photo":[{"file_id":"p"}]},{"message_id":10}]}`)
	client, err := NewClient(address, Proxy{})
	require.NoError(t, err)
	result := client.SendFiles("", "1:secret", "sendMediaGroup", []byte(`{"chat_id":5}`), []Upload{
		{Field: "f0", Name: "a", Size: 1, Content: io.NopCloser(strings.NewReader("a"))},
		{Field: "f1", Name: "b", Size: 0, Content: io.NopCloser(strings.NewReader(""))},
	})
	require.True(t, result.OK)
	require.EqualValues(t, 8, result.MessageID)
	require.Equal(t, []File{{"video", "v"}, {"photo", "p"}, {}}, result.Files)
	require.Equal(t, map[string]string{"f0": "a:a", "f1": "b:"}, (<-got).files)
}

func TestFileOfAnAnimationIsNotItsDocument(t *testing.T) {
	t.Parallel()
	require.Equal(t, []File{{"animation", "a"}}, filesOf([]byte(`{"animation":{"file_id":"a"},"document":{"file_id":"d"}}`)))
	require.Nil(t, filesOf([]byte(`true`)))
}

func TestFileOfEachKind(t *testing.T) {
	t.Parallel()
	for _, kind := range []string{"animation", "video", "audio", "voice", "document"} {
		require.Equal(t, []File{{kind, "x"}}, filesOf(fmt.Appendf(nil, `{"message_id":1,%q:{"file_id":"x"}}`, kind)))
	}
	require.Equal(t, []File{{"photo", "x"}}, filesOf([]byte(`{"photo":[{"file_id":"x"}]}`)))
	require.Equal(t, []File{{}}, filesOf([]byte(`{"photo":[]}`)))
}

// A request with a file that differs from its announcement ends too early to have
// an effect, and counts as not sent.
func TestSendFilesThatCannotBeRead(t *testing.T) {
	t.Parallel()
	address, _ := uploadServer(t, `{"ok":true,"result":{"message_id":7}}`)
	client, err := NewClient(address, Proxy{})
	require.NoError(t, err)
	for _, c := range []struct {
		name string
		file Upload
	}{
		{"shorter", Upload{Size: 10, Content: io.NopCloser(strings.NewReader("bytes"))}},
		{"longer", Upload{Size: 3, Content: io.NopCloser(strings.NewReader("bytes"))}},
		{"longer, in pieces", Upload{Size: 3, Content: io.NopCloser(iotest.OneByteReader(strings.NewReader("bytes")))}},
		{"shorter, with its end", Upload{Size: 10, Content: io.NopCloser(iotest.DataErrReader(strings.NewReader("bytes")))}},
		{"broken", Upload{Size: 1 << 20, Content: io.NopCloser(io.MultiReader(bytes.NewReader(make([]byte, 1<<19)), broken{}))}},
	} {
		c.file.Field, c.file.Name = "photo", "p"
		result := client.SendFiles("", "1:secret", "sendPhoto", []byte(`{}`), []Upload{c.file})
		require.Equal(t, NotSent, result.Fate, c.name)
		require.ErrorIs(t, result.Err, ErrFile, c.name)
		require.ErrorContains(t, result.Err, `"p"`, c.name)
	}
}

// The bytes of a file are sent unchanged, in whatever pieces it is read.
func TestFormHoldsTheFile(t *testing.T) {
	t.Parallel()
	for name, content := range map[string]io.Reader{
		"at once":                strings.NewReader("bytes"),
		"in pieces":              iotest.OneByteReader(strings.NewReader("bytes")),
		"the end with the bytes": iotest.DataErrReader(strings.NewReader("bytes")),
	} {
		f, err := newForm([]byte(`{}`), []Upload{{Field: "photo", Name: "p", Size: 5, Content: io.NopCloser(content)}})
		require.NoError(t, err, name)
		text, err := io.ReadAll(f)
		require.NoError(t, err, name)
		require.NoError(t, f.err, name)
		require.Contains(t, string(text), "\r\n\r\nbytes\r\n--", name)
		require.Len(t, text, int(f.size), name)
	}
}

// A file that failed returns no more bytes.
func TestFailedFileEnds(t *testing.T) {
	t.Parallel()
	for name, content := range map[string]io.Reader{"longer": strings.NewReader("bytes"), "broken": broken{},
		"shorter": strings.NewReader("")} {
		f := &form{}
		n, err := (&exactly{f: f, from: Upload{Size: 3, Content: io.NopCloser(content)}}).Read(make([]byte, 8))
		require.Zero(t, n, name)
		require.ErrorIs(t, err, ErrFile, name)
		require.ErrorContains(t, err, map[bool]string{true: "the disk is gone", false: "does not have the size"}[name == "broken"])
		require.Equal(t, err, f.err, name)
	}
}

func TestSendFilesWithoutParameters(t *testing.T) {
	t.Parallel()
	address, _ := uploadServer(t, `{"ok":true,"result":{"message_id":7}}`)
	client, err := NewClient(address, Proxy{})
	require.NoError(t, err)
	result := client.SendFiles("", "1:secret", "sendPhoto", []byte(`[1]`), nil)
	require.Equal(t, NotSent, result.Fate)
	require.ErrorContains(t, result.Err, "parameters of a call with files")
}

func TestSendFilesIsRefused(t *testing.T) {
	t.Parallel()
	address, _ := uploadServer(t, `{"ok":false,"error_code":400,"description":"Bad Request: IMAGE_PROCESS_FAILED"}`)
	client, err := NewClient(address, Proxy{})
	require.NoError(t, err)
	result := client.SendFiles("", "1:secret", "sendPhoto", []byte(`{}`), nil)
	require.Equal(t, Result{Fate: Answered, Code: 400, Description: "Bad Request: IMAGE_PROCESS_FAILED"}, result)
}

type broken struct{}

func (broken) Read([]byte) (int, error) { return 0, errors.New("the disk is gone") }
