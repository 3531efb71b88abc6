package media

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"bellman/internal/fault"
	"bellman/internal/message"
)

// File is an uploaded file. It never changes.
type File struct {
	ID          int64
	WorkspaceID int64
	// Name is what recipients of a document see: up to [MaxName] characters,
	// without a path.
	Name string
	// Type is the media type of the bytes, "application/octet-stream" when it is
	// unknown.
	Type string
	// Size is in bytes, 1 to [MaxSize].
	Size int64
	// Width and Height are in pixels, and Duration is how long it plays; zero when
	// the file has none or does not say.
	Width    int
	Height   int
	Duration time.Duration
	// Kinds are the kinds that the file can be sent as, the most specific first;
	// every file can be a document.
	Kinds []message.Kind
	// SHA256 is of the bytes, in hexadecimal.
	SHA256 string
	// Key is the key of the bytes in [Blobs].
	Key       string
	CreatedAt time.Time
}

// Store is what media needs of the database.
type Store interface {
	// Create writes a file and returns it with its id. When the workspace has a
	// file with the same bytes, it writes nothing and returns that file.
	Create(ctx context.Context, f File) (File, error)
	// Find returns a file, or NotFound.
	Find(ctx context.Context, workspaceID, id int64) (File, error)
	// FindBySHA256 returns the file with these bytes, or NotFound.
	FindBySHA256(ctx context.Context, workspaceID int64, sha256 string) (File, error)
	// List returns up to limit files with ids below before, newest first.
	List(ctx context.Context, workspaceID, before int64, limit int) ([]File, error)
	// Kinds returns the kinds of those of the files that exist, by id.
	Kinds(ctx context.Context, workspaceID int64, ids []int64) (map[int64][]message.Kind, error)
	// Delete removes a file, and what is known of how bots sent it, unless allow,
	// which gets the uses of the file, returns an error. It returns the file, or
	// NotFound.
	Delete(ctx context.Context, workspaceID, id int64, allow func(uses []Use) error) (File, error)
	// Keys returns those of the keys that belong to a file.
	Keys(ctx context.Context, keys []string) ([]string, error)
}

// Use is something that needs a file: a message, or a pending campaign whose
// content has the file.
type Use struct {
	// What is "message" or "campaign".
	What string
	ID   int64
	Name string
}

// Blobs keeps bytes under keys. Keys are letters, digits and hyphens.
type Blobs interface {
	// Put writes size bytes from r under a key that was never used before. When it
	// has returned without an error, the bytes are safe.
	Put(ctx context.Context, key string, size int64, r io.ReadSeeker) error
	// Open returns the bytes.
	Open(ctx context.Context, key string) (io.ReadSeekCloser, error)
	// Delete removes the bytes, and those that an interrupted Put may have left. It
	// is no error when there are none.
	Delete(ctx context.Context, key string) error
	// Walk calls each with the keys written to before a moment, completely or in
	// part, in any order, until it returns an error. Keys may be deleted meanwhile.
	Walk(ctx context.Context, before time.Time, each func(key string) error) error
}

// Service keeps files.
type Service struct {
	store  Store
	blobs  Blobs
	now    func() time.Time
	newKey func() string
	// drafts is the folder of uploads that are being received; empty for the
	// system's folder of temporary files.
	drafts string
}

// New returns a service. now is the clock; newKey makes keys that are never
// repeated, such as UUIDs.
func New(store Store, blobs Blobs, now func() time.Time, newKey func() string) *Service {
	return &Service{store: store, blobs: blobs, now: now, newKey: newKey}
}

// DraftIn receives uploads in a folder, which exists, in place of the system's folder
// of temporary files: that is often small, and in memory. It is called before the
// first upload.
func (s *Service) DraftIn(folder string) { s.drafts = folder }

// draftPattern names drafts, for the moment for which they have a name.
const draftPattern = "bellman-upload-*"

// ClearDrafts removes what processes that died in the moment between making a draft
// and taking its name away have left in the folder, before a moment.
func ClearDrafts(folder string, before time.Time) error {
	left, err := filepath.Glob(filepath.Join(folder, draftPattern))
	if err != nil {
		return fmt.Errorf("media: look for drafts: %w", err)
	}
	for _, path := range left {
		info, err := os.Stat(path)
		if err == nil && info.ModTime().Before(before) {
			err = os.Remove(path)
		}
		if err != nil && !errors.Is(err, os.ErrNotExist) {
			return fmt.Errorf("media: remove draft: %w", err)
		}
	}
	return nil
}

// ErrNotFound is returned for a file that the workspace does not have.
var ErrNotFound = fault.New(fault.NotFound, "media_not_found", "there is no file with this id")

// Get returns a file; NotFound when the workspace has no such file.
func (s *Service) Get(ctx context.Context, workspaceID, id int64) (File, error) {
	return s.store.Find(ctx, workspaceID, id)
}

// List returns up to limit files with ids below before, newest first.
func (s *Service) List(ctx context.Context, workspaceID, before int64, limit int) ([]File, error) {
	return s.store.List(ctx, workspaceID, before, limit)
}

// Kinds returns the kinds that each of the files can be sent as; ids that the
// workspace does not have are left out.
func (s *Service) Kinds(ctx context.Context, workspaceID int64, ids []int64) (map[int64][]message.Kind, error) {
	return s.store.Kinds(ctx, workspaceID, ids)
}

// Open returns a file and its bytes, which the caller closes; NotFound when the
// workspace has no such file.
func (s *Service) Open(ctx context.Context, workspaceID, id int64) (File, io.ReadSeekCloser, error) {
	f, err := s.store.Find(ctx, workspaceID, id)
	if err != nil {
		return f, nil, err
	}
	content, err := s.blobs.Open(ctx, f.Key)
	if err != nil {
		return f, nil, fmt.Errorf("media: open file %d: %w", id, err)
	}
	return f, content, nil
}

// Delete removes a file. While a message or a pending campaign needs it, it is a
// Conflict. A message that is saved with the file at this very moment is not seen;
// its check before launch finds that the file is gone.
func (s *Service) Delete(ctx context.Context, workspaceID, id int64) error {
	f, err := s.store.Delete(ctx, workspaceID, id, refuseUsed)
	if err != nil {
		return err
	}
	if err := s.blobs.Delete(ctx, f.Key); err != nil {
		return fmt.Errorf("media: file %d is deleted, its bytes remain until the next sweep: %w", id, err)
	}
	return nil
}

// maxNamed is how many uses of a file an error names.
const maxNamed = 3

func refuseUsed(uses []Use) error {
	if len(uses) == 0 {
		return nil
	}
	var names []string
	for _, u := range uses[:min(len(uses), maxNamed)] {
		names = append(names, fmt.Sprintf("%s %d (%s)", u.What, u.ID, u.Name))
	}
	if more := len(uses) - maxNamed; more > 0 {
		names = append(names, fmt.Sprintf("%d more", more))
	}
	return fault.New(fault.Conflict, "media_in_use",
		"the file is needed by %s: take it out of the messages, and let the campaigns end", strings.Join(names, ", "))
}
