package manage

import (
	"errors"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"os"
	"slices"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"bellman/internal/api/problem"
	"bellman/internal/fault"
	"bellman/internal/media"
)

const (
	formType  = "multipart/form-data"
	formField = "file"
	// formRoom is how many bytes a form may have beside its file.
	formRoom = 64 << 10
	// fileWithin is how long the bytes of a file may take to arrive: 60 KB/s for
	// the largest.
	fileWithin = 15 * time.Minute
)

// isUpload reports whether a request contains a file, which is read while it
// arrives.
func isUpload(r *http.Request) bool {
	return r.Method == http.MethodPost && slices.Contains([]string{Prefix + mediaPath, Prefix + importsPath, Prefix + lookPath}, r.URL.Path)
}

// arrival is a file that arrives as the body of a request. It is read from the
// connection, not by huma, which would hold a whole file in memory.
type arrival struct {
	r *http.Request
	w http.ResponseWriter
	// most is how many bytes the file may have; over is the fault of a larger one.
	most int64
	over *fault.Error
}

// uploadInput is the input of an upload.
type uploadInput struct {
	Name string `query:"name" maxLength:"1000" doc:"The name of the file, when it does not come in a form." example:"spring.jpg"`
	As   string `query:"as" enum:"photo,video,animation,document,audio,voice" doc:"Refuse a file that cannot be sent as this, and say why."`

	arrival arrival
}

// uploadBody documents the form of an upload.
func uploadBody() *huma.RequestBody {
	binary := func(description string) *huma.Schema {
		return &huma.Schema{Type: huma.TypeString, Format: "binary", Description: description}
	}
	form := &huma.Schema{Type: huma.TypeObject, Required: []string{formField}, Properties: map[string]*huma.Schema{
		formField: binary("The file, with its name."),
	}}
	return &huma.RequestBody{Required: true, Content: map[string]*huma.MediaType{
		formType:                   {Schema: form},
		"application/octet-stream": {Schema: binary("The file; its name goes into the query.")},
	}}
}

// Resolve implements [huma.Resolver].
func (in *uploadInput) Resolve(c huma.Context) []error {
	in.arrival = arrive(c, media.MaxSize, media.ErrTooLarge)
	return nil
}

func arrive(c huma.Context, most int64, over *fault.Error) arrival {
	r, w := humago.Unwrap(c)
	return arrival{r, w, most, over}
}

// file returns the name that the file has in a form, and a reader of its bytes whose
// errors are problems.
func (in arrival) file() (name string, bytes io.Reader, err error) {
	limit := in.most + formRoom
	if in.r.ContentLength > limit {
		return "", nil, tooLarge(in.over)
	}
	conn := http.NewResponseController(in.w)
	if err := errors.Join(extend(conn.SetReadDeadline), extend(conn.SetWriteDeadline)); err != nil {
		return "", nil, err
	}
	body := http.MaxBytesReader(in.w, in.r.Body, limit)
	kind, params, err := mime.ParseMediaType(in.r.Header.Get("Content-Type"))
	if err == nil && kind == formType {
		return in.fileInForm(multipart.NewReader(body, params["boundary"]))
	}
	return "", wire{body, in.over}, nil
}

// extend extends a connection's deadline for a file; a connection without deadlines
// needs none.
func extend(deadline func(time.Time) error) error {
	if err := deadline(time.Now().Add(fileWithin)); !errors.Is(err, http.ErrNotSupported) {
		return err
	}
	return nil
}

// fileInForm returns the one part that a form must have.
func (in arrival) fileInForm(form *multipart.Reader) (name string, bytes io.Reader, err error) {
	part, err := form.NextPart()
	if errors.Is(err, io.EOF) {
		return "", nil, errForm
	}
	if err != nil {
		return "", nil, readProblem(err, in.over)
	}
	if part.FormName() != formField {
		return "", nil, errForm
	}
	return part.FileName(), onlyPart{part, form, in.over}, nil
}

var errForm = fault.New(fault.Invalid, "form_invalid",
	"send a form with the one field %s, or the file alone as the body", formField).In(formField)

// onlyPart reads a part of a form. It accepts the end of the part only when the
// form ends there too.
type onlyPart struct {
	part *multipart.Part
	form *multipart.Reader
	over *fault.Error
}

// Read implements [io.Reader].
func (p onlyPart) Read(b []byte) (int, error) {
	n, err := p.part.Read(b)
	if !errors.Is(err, io.EOF) {
		return n, readProblem(err, p.over)
	}
	switch _, err := p.form.NextPart(); {
	case err == nil:
		return n, errForm
	case !errors.Is(err, io.EOF):
		return n, readProblem(err, p.over)
	}
	return n, io.EOF
}

// wire reads a body.
type wire struct {
	body io.Reader
	over *fault.Error
}

// Read implements [io.Reader].
func (r wire) Read(b []byte) (int, error) {
	n, err := r.body.Read(b)
	return n, readProblem(err, r.over)
}

// readProblem returns a problem, in words, for an error of reading a body; tooMuch is
// the fault of one that is too large.
func readProblem(err error, tooMuch *fault.Error) error {
	switch _, over := errors.AsType[*http.MaxBytesError](err); {
	case err == nil, err == io.EOF: //nolint:errorlint // an end that is wrapped is none
		return err
	case over:
		return tooLarge(tooMuch)
	case errors.Is(err, os.ErrDeadlineExceeded):
		return problem.New(http.StatusRequestTimeout, "body_too_slow", "the file took too long to arrive")
	}
	return problem.New(http.StatusBadRequest, "body_incomplete", "the file could not be read to its end")
}

// tooLarge gives the fault of a file above the limit the status that HTTP has for
// it.
func tooLarge(err error) error {
	f, ok := errors.AsType[*fault.Error](err)
	if !ok || f.Code != media.ErrTooLarge.Code {
		return err
	}
	p := problem.Of(f)
	p.Status, p.Title = http.StatusRequestEntityTooLarge, http.StatusText(http.StatusRequestEntityTooLarge)
	return p
}

// disposition makes browsers show pictures and films, and save all other files.
func disposition(f media.File) string {
	how := "attachment"
	switch f.Type {
	case "image/jpeg", "image/png", "image/webp", "image/gif", "video/mp4":
		how = "inline"
	}
	return mime.FormatMediaType(how, map[string]string{"filename": f.Name})
}
