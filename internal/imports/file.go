package imports

import (
	"context"
	"encoding/json"
	"errors"
	"io"

	"bellman/internal/contact"
	"bellman/internal/fault"
	"bellman/internal/workspace"
)

// The bounds of a file: MaxFile is in bytes, MaxRows does not count blank rows.
// Those of its columns, rows and cells are package sheet's.
const (
	MaxFile = 100 << 20
	MaxRows = 5_000_000
)

// Files fetches files from other hosts.
type Files interface {
	// Check returns an Invalid fault for an address that no file can have.
	Check(link string) error
	// Open returns the content of the file at the address, which ends with an error
	// after most bytes. Invalid means that there is no such file, or that the
	// address is not allowed; Unavailable that it may be there later.
	Open(ctx context.Context, link string, most int64) (io.ReadCloser, error)
}

// FileStore is what imports of files need of the database.
type FileStore interface {
	// EmptyImport removes the parts of an import whose file is not fetched yet.
	EmptyImport(ctx context.Context, l Lease) error
	// AddImportPart adds a part to such an import, and notes how far the file is read.
	AddImportPart(ctx context.Context, l Lease, p Piece) error
	// FinishImportFile records that the file is fetched, removes the link, and
	// stores the task as it is with the file's columns.
	FinishImportFile(ctx context.Context, l Lease, t Task) error
}

// fetch reads the import's file into parts, and returns the task for the file's
// columns. It begins anew when an earlier attempt did not finish.
func (s *Service) fetch(ctx context.Context, l Lease, w workspace.Workspace, i Import) (t Task, err error) {
	if err := s.Store.EmptyImport(ctx, l); err != nil {
		return t, err
	}
	fields, err := s.Contacts.Fields(ctx, w.ID)
	if err != nil {
		return t, err
	}
	content, err := s.Files.Open(ctx, i.Link, MaxFile)
	if err != nil {
		return t, err
	}
	defer func() { err = errors.Join(err, content.Close()) }()
	f, err := newFile(content, i.Task, fields, contact.Reader{Region: w.PhoneRegion})
	if err != nil {
		return t, inLink(err)
	}
	if err := s.cut(ctx, l, f); err != nil {
		return t, inLink(err)
	}
	return f.task, s.Store.FinishImportFile(ctx, l, f.task)
}

// inLink names the link as the place of a fault of the file.
func inLink(err error) error {
	if f, ok := errors.AsType[*fault.Error](err); ok && f.Code == fileInvalid && f.Field == "" {
		return f.In("link")
	}
	return err
}

// cut writes the rows of a file as parts. A file without rows is Invalid.
func (s *Service) cut(ctx context.Context, l Lease, f *file) error {
	for part := 1; ; part++ {
		items, err := f.read(partItems)
		if err != nil {
			return err
		}
		switch {
		case len(items) == 0 && part == 1:
			return invalidFile("it has no rows below the names of its columns")
		case len(items) == 0:
			return nil
		}
		p := Piece{Number: part, Lines: linesOf(items), Rows: int64(f.index), Bytes: f.meter.n}
		if p.Contacts, err = json.Marshal(items); err != nil {
			return err
		}
		if err := s.Store.AddImportPart(ctx, l, p); err != nil {
			return err
		}
	}
}
