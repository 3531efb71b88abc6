package media

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"

	"bellman/internal/fault"
	"bellman/internal/message"
)

// MaxSize is how large a file may be, in bytes: the limit of the Bot API server for
// everything except photos.
//
// spec: tg-file
const MaxSize = 50 << 20

// ErrTooLarge is returned for a file above [MaxSize].
var ErrTooLarge = fault.New(fault.Invalid, "file_too_large",
	"the file is larger than %d MB, which is the most that Telegram takes from a bot", MaxSize>>20).In("file")

var errEmpty = fault.New(fault.Invalid, "file_empty", "the file is empty").In("file")

// Upload stores the file that r reads, which may be slow and need not be trusted.
// The name is cleaned; an empty one is replaced. When as is not empty, a file that
// cannot be sent as that kind is Invalid, with the reason. When the workspace has
// the same bytes already, that file is returned, under its own name, and fresh is
// false. An error of r is returned wrapped.
func (s *Service) Upload(
	ctx context.Context, workspaceID int64, name string, as message.Kind, r io.Reader,
) (f File, fresh bool, err error) {
	d, err := receive(s.drafts, r)
	if err != nil {
		return File{}, false, err
	}
	defer func() { err = errors.Join(err, d.file.Close()) }()
	seen, err := look(d.file, d.size)
	if err != nil {
		return File{}, false, fmt.Errorf("media: look at upload: %w", err)
	}
	if as != "" {
		if err := seen.check(as, d.size); err != nil {
			return File{}, false, err
		}
	}
	if f, err = s.store.FindBySHA256(ctx, workspaceID, d.sha256); fault.KindOf(err) != fault.NotFound {
		return f, false, err
	}
	return s.keep(ctx, File{
		WorkspaceID: workspaceID, Name: cleanName(name, seen.ext), Type: seen.mime, Size: d.size,
		Width: seen.width, Height: seen.height, Duration: seen.duration, Kinds: seen.kinds(d.size),
		SHA256: d.sha256, Key: s.newKey(), CreatedAt: s.now(),
	}, d.file)
}

// keep writes the bytes, then the row. When the row fails, the bytes stay for the
// sweep: it may be unknown whether the row was written.
func (s *Service) keep(ctx context.Context, f File, content io.ReadSeeker) (File, bool, error) {
	if _, err := content.Seek(0, io.SeekStart); err != nil {
		return File{}, false, fmt.Errorf("media: rewind upload: %w", err)
	}
	if err := s.blobs.Put(ctx, f.Key, f.Size, content); err != nil {
		return File{}, false, fmt.Errorf("media: keep upload: %w", err)
	}
	kept, err := s.store.Create(ctx, f)
	if err != nil || kept.Key == f.Key {
		return kept, err == nil, err
	}
	// The same bytes were uploaded twice at once, and the other upload was first.
	if err := s.blobs.Delete(ctx, f.Key); err != nil {
		return File{}, false, fmt.Errorf("media: remove second copy: %w", err)
	}
	return kept, false, nil
}

// A draft is an upload that is being received. Its file has no name any more, so
// that it disappears with the process, however that ends.
type draft struct {
	file   *os.File
	size   int64
	sha256 string
}

// receive writes the content of r to a temporary file in the folder.
func receive(folder string, r io.Reader) (d draft, err error) {
	if d.file, err = os.CreateTemp(folder, draftPattern); err != nil {
		return d, fmt.Errorf("media: make temporary file: %w", err)
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, d.file.Close())
		}
	}()
	if err := os.Remove(d.file.Name()); err != nil {
		return d, fmt.Errorf("media: unlink temporary file: %w", err)
	}
	sum := sha256.New()
	d.size, err = io.Copy(io.MultiWriter(d.file, sum), io.LimitReader(r, MaxSize+1))
	switch {
	case err != nil:
		return d, fmt.Errorf("media: receive upload: %w", err)
	case d.size > MaxSize:
		return d, ErrTooLarge
	case d.size == 0:
		return d, errEmpty
	}
	d.sha256 = hex.EncodeToString(sum.Sum(nil))
	return d, nil
}
