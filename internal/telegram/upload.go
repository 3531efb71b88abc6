package telegram

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime/multipart"
	"time"

	"github.com/valyala/fasthttp"
)

// uploadTimeout limits the writing of a call with files: 50 MB at 1.5 Mbit/s.
const uploadTimeout = 5 * time.Minute

// ErrFile is the error of a call that was not sent because one of its files could
// not be read.
var ErrFile = errors.New("telegram: a file could not be read")

// Upload is a file that is sent with a call.
type Upload struct {
	// Field is the name of the form's field.
	Field string
	// Name is the file's name, which recipients of a document see.
	Name string
	// Size is its length in bytes.
	Size int64
	// Content is its bytes; the call closes it.
	Content io.ReadCloser
}

// File is a sent file as Telegram knows it.
type File struct {
	// Kind is the kind that Telegram gave it: photo, video, animation, document,
	// audio or voice.
	Kind string
	// ID is the file_id, valid for the bot that sent the file.
	ID string
}

// SendFiles makes a call that sends a message with files: body is the JSON of
// its other parameters. It blocks for up to six minutes and closes the files.
// The Files of its result are those of the message, in their order.
func (c *Client) SendFiles(address, token, method string, body []byte, files []Upload) Result {
	defer func() {
		for _, f := range files {
			_ = f.Content.Close() // it was only read
		}
	}()
	s, err := c.server(address)
	if err != nil {
		return Result{Fate: NotSent, Err: err}
	}
	form, err := newForm(body, files)
	if err != nil {
		return Result{Fate: NotSent, Err: err}
	}
	req, resp := fasthttp.AcquireRequest(), fasthttp.AcquireResponse()
	defer fasthttp.ReleaseRequest(req)
	defer fasthttp.ReleaseResponse(resp)
	req.Header.SetMethod(fasthttp.MethodPost)
	req.Header.SetContentType(form.contentType)
	req.SetRequestURI(s.root + token + "/" + method)
	req.SetBodyStream(form, int(form.size))
	err = s.uploads.Do(req, resp)
	switch {
	case form.err != nil:
		// A request that ends too early has no effect.
		return Result{Fate: NotSent, Err: form.err}
	case err != nil:
		return failed(err, resp.StatusCode(), token)
	}
	return parseSentFiles(resp.StatusCode(), resp.Body()).waitAsHeader(resp.Header.Peek("Retry-After"))
}

// form is a multipart form that is read while it is sent.
type form struct {
	contentType string
	size        int64
	reader      io.Reader
	// err is why a file could not be read.
	err error
}

func newForm(body []byte, files []Upload) (*form, error) {
	var (
		fields  map[string]json.RawMessage
		text    bytes.Buffer
		parts   []io.Reader
		w       = multipart.NewWriter(&text)
		f       = &form{contentType: w.FormDataContentType()}
		written = func() {
			f.size += int64(text.Len())
			parts = append(parts, bytes.NewReader(bytes.Clone(text.Bytes())))
			text.Reset()
		}
	)
	if err := json.Unmarshal(body, &fields); err != nil {
		return nil, fmt.Errorf("telegram: parameters of a call with files: %w", err)
	}
	// Writing to a buffer does not fail.
	for name, value := range fields {
		_ = w.WriteField(name, parameter(value))
	}
	for _, file := range files {
		_, _ = w.CreateFormFile(file.Field, file.Name)
		written()
		f.size += file.Size
		parts = append(parts, &exactly{f: f, from: file})
	}
	_ = w.Close()
	written()
	f.reader = io.MultiReader(parts...)
	return f, nil
}

// Read implements [io.Reader].
func (f *form) Read(p []byte) (int, error) { return f.reader.Read(p) }

// parameter renders a JSON value as the field of a form: a string as it is,
// all others as JSON.
func parameter(value json.RawMessage) string {
	var text string
	if json.Unmarshal(value, &text) == nil {
		return text
	}
	return string(value)
}

// exactly reads a file and fails unless it has the announced size.
type exactly struct {
	f    *form
	from Upload
	read int64
}

// Read implements [io.Reader].
func (e *exactly) Read(p []byte) (int, error) {
	n, err := e.from.Content.Read(p)
	e.read += int64(n)
	switch {
	case errors.Is(err, io.EOF) && e.read == e.from.Size:
		return n, io.EOF
	case err == nil && e.read <= e.from.Size:
		return n, nil
	case err == nil || errors.Is(err, io.EOF):
		err = errors.New("it does not have the size that is on record")
	}
	e.f.err = fmt.Errorf("%w: %q: %w", ErrFile, e.from.Name, err)
	return 0, e.f.err
}

// parseSentFiles reads the answer to a method that sends a message with files.
func parseSentFiles(status int, body []byte) Result {
	r := parse(status, body)
	if r.OK {
		r.MessageID, r.Files = firstMessageID(r.Body), filesOf(r.Body)
		r.Body = nil
	}
	return r
}

// sentFile is the part of a Message that describes its file.
type sentFile struct {
	Photo     []fileID `json:"photo"`
	Animation *fileID  `json:"animation"`
	Video     *fileID  `json:"video"`
	Audio     *fileID  `json:"audio"`
	Voice     *fileID  `json:"voice"`
	Document  *fileID  `json:"document"`
}

type fileID struct {
	FileID string `json:"file_id"`
}

// filesOf returns the files of a Message, or of an album, in order. For a message
// without a file it has an empty File.
func filesOf(result json.RawMessage) []File {
	var album []sentFile
	if json.Unmarshal(result, &album) != nil {
		var one sentFile
		if json.Unmarshal(result, &one) != nil {
			return nil
		}
		album = []sentFile{one}
	}
	files := make([]File, len(album))
	for i, m := range album {
		files[i] = m.file()
	}
	return files
}

// file returns the file of a message. An animation comes together with a document
// that old clients show in its place.
func (m sentFile) file() File {
	if n := len(m.Photo); n > 0 {
		return File{"photo", m.Photo[n-1].FileID}
	}
	for _, f := range []struct {
		kind string
		id   *fileID
	}{{"animation", m.Animation}, {"video", m.Video}, {"audio", m.Audio}, {"voice", m.Voice}, {"document", m.Document}} {
		if f.id != nil {
			return File{f.kind, f.id.FileID}
		}
	}
	return File{}
}
