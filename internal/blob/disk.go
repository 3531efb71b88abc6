package blob

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"strings"
	"time"

	"bellman/internal/durable"
	"bellman/internal/media"
)

// disk keeps each key in a file of its own, two directories deep, so that no
// directory gets too large. The directories are named by the last four characters
// of the key, which differ most in keys of any kind.
type disk struct{ root *os.Root }

var _ media.Blobs = (*disk)(nil)

// part ends the name of a file that is being written.
const part = ".part"

func openDisk(dir string) (*disk, error) {
	if dir == "" {
		return nil, errors.New("blob: name a directory for files")
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("blob: make the directory for files: %w", err)
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, fmt.Errorf("blob: open the directory for files: %w", err)
	}
	return &disk{root}, nil
}

// place returns where the key's file is, and the directories above it.
func place(key string) (name string, dirs [2]string) {
	n := len(key)
	outer := key[n-2:]
	inner := path.Join(outer, key[n-4:n-2])
	return path.Join(inner, key), [2]string{outer, inner}
}

// Put implements [media.Blobs]. The file appears under its name only when it is
// complete and on the disk.
func (d *disk) Put(_ context.Context, key string, size int64, r io.ReadSeeker) error {
	if err := checkKey(key); err != nil {
		return err
	}
	name, dirs := place(key)
	if err := d.makeDirs(dirs); err != nil {
		return err
	}
	if err := d.write(name+part, size, r); err != nil {
		return errors.Join(err, d.root.Remove(name+part))
	}
	if err := d.root.Rename(name+part, name); err != nil {
		return fmt.Errorf("blob: name file: %w", err)
	}
	return d.sync(dirs[1])
}

// write creates a file with the bytes of r, and waits for the disk.
func (d *disk) write(name string, size int64, r io.Reader) error {
	f, err := d.root.OpenFile(name, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
	if err != nil {
		return fmt.Errorf("blob: make file: %w", err)
	}
	n, err := io.Copy(f, r)
	if err == nil && n != size {
		err = io.ErrUnexpectedEOF
	}
	if err == nil {
		err = f.Sync()
	}
	if err := errors.Join(err, f.Close()); err != nil {
		return fmt.Errorf("blob: write file: %w", err)
	}
	return nil
}

// makeDirs creates the missing ones of the directories, and makes sure that they
// outlive a power cut.
func (d *disk) makeDirs(dirs [2]string) error {
	for _, dir := range dirs {
		err := d.root.Mkdir(dir, 0o700)
		if errors.Is(err, fs.ErrExist) {
			continue
		}
		if err != nil {
			return fmt.Errorf("blob: make directory: %w", err)
		}
		if err := d.sync(path.Dir(dir)); err != nil {
			return err
		}
	}
	return nil
}

// sync waits until the names in a directory are on the disk.
func (d *disk) sync(dir string) error {
	f, err := d.root.Open(dir)
	if err != nil {
		return fmt.Errorf("blob: open directory: %w", err)
	}
	if err := errors.Join(durable.OpenFolder(f), f.Close()); err != nil {
		return fmt.Errorf("blob: sync directory: %w", err)
	}
	return nil
}

// Open implements [media.Blobs].
func (d *disk) Open(_ context.Context, key string) (io.ReadSeekCloser, error) {
	if err := checkKey(key); err != nil {
		return nil, err
	}
	name, _ := place(key)
	f, err := d.root.Open(name)
	if err != nil {
		return nil, missing(key, err)
	}
	return f, nil
}

// Delete implements [media.Blobs].
func (d *disk) Delete(_ context.Context, key string) error {
	if err := checkKey(key); err != nil {
		return err
	}
	name, _ := place(key)
	for _, name := range []string{name, name + part} {
		if err := d.root.Remove(name); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("blob: remove file: %w", err)
		}
	}
	return nil
}

// Walk implements [media.Blobs]. Files without a name of our form are skipped.
func (d *disk) Walk(ctx context.Context, before time.Time, each func(key string) error) error {
	return fs.WalkDir(d.root.FS(), ".", func(name string, entry fs.DirEntry, err error) error {
		if err == nil {
			err = ctx.Err()
		}
		if err != nil || entry.IsDir() {
			return passGone(err)
		}
		key := strings.TrimSuffix(path.Base(name), part)
		if checkKey(key) != nil {
			return nil
		}
		if whole, _ := place(key); whole != strings.TrimSuffix(name, part) {
			return nil
		}
		info, err := entry.Info()
		if err != nil || !info.ModTime().Before(before) {
			return passGone(err)
		}
		return each(key)
	})
}

// passGone drops the error about a file that was removed during a walk.
func passGone(err error) error {
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}
