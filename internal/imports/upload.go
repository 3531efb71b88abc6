package imports

import (
	"context"
	"errors"
	"io"
	"time"

	"bellman/internal/contact"
	"bellman/internal/fault"
)

const (
	// Arriving is the link of an import whose file is being uploaded.
	Arriving = "upload:"
	// uploadTime is how long an upload may take. Its import is nobody else's until
	// then.
	uploadTime = 30 * time.Minute
)

// ErrTooLarge is returned for an upload above [MaxFile].
var ErrTooLarge = fault.New(fault.Invalid, "file_too_large", "the file is larger than %d MiB: send it in parts", MaxFile>>20).In("file")

var errIncomplete = fault.New(fault.Invalid, "file_incomplete", "the file did not arrive whole: send it again").In("file")

// UploadStore is what uploads need of the database.
type UploadStore interface {
	// BeginUpload writes an import without parts, and leases it for ttl by the
	// database's clock.
	BeginUpload(ctx context.Context, i Import, ttl time.Duration) (Lease, error)
	// FinishUpload does what FinishImportFile does, and ends the lease: the import is
	// due then, and was never tried.
	FinishUpload(ctx context.Context, l Lease, t Task, due time.Time) error
}

// File is a file that is uploaded.
type File struct {
	// Name is its name, if it has one; Size its size in bytes, zero when that is not known.
	Name    string
	Size    int64
	Content io.Reader
}

// maxFileName is how much of the name of a file is kept, in characters.
const maxFileName = 200

// Upload takes a CSV file of contacts while it arrives, to be imported soon, and
// returns the session. The rows are stored as parts, as those of a fetched file:
// nothing else is kept of the file, and any process can import them. A
// contradictory task and a file that cannot be read are Invalid; a row that cannot
// be used fails alone, later. An error of content is returned.
func (s *Service) Upload(ctx context.Context, workspaceID int64, of File, t Task) (session string, err error) {
	if err := s.check(ctx, workspaceID, t); err != nil {
		return "", err
	}
	w, err := s.Workspaces.Find(ctx, workspaceID)
	if err != nil {
		return "", err
	}
	fields, err := s.Contacts.Fields(ctx, workspaceID)
	if err != nil {
		return "", err
	}
	f, err := newFile(of.Content, t, fields, contact.Reader{Region: w.PhoneRegion})
	if err != nil {
		return "", inFile(err)
	}
	i := s.begin(ctx, Import{
		WorkspaceID: workspaceID, Task: f.task, Link: Arriving, FileName: cleanText(of.Name, maxFileName), Size: of.Size,
	})
	l, err := s.Store.BeginUpload(ctx, i, uploadTime)
	if err != nil {
		return "", err
	}
	if err := s.cut(ctx, l, f); err != nil {
		// The caller may be gone, and the context with it.
		return "", errors.Join(inFile(err), s.Store.FailImport(context.WithoutCancel(ctx), l, errIncomplete.Error(), s.Now()))
	}
	if err := s.Store.FinishUpload(ctx, l, f.task, s.Now()); err != nil {
		return "", err
	}
	s.wake.Send()
	return i.Session, nil
}

// inFile names the file as the place of a fault of its own.
func inFile(err error) error {
	if f, ok := errors.AsType[*fault.Error](err); ok && f.Code == fileInvalid && f.Field == "" {
		return f.In("file")
	}
	return err
}
