package durable

import (
	"errors"
	"os"
	"path/filepath"
)

// NewFile creates a file that only its owner may read, with the bytes as its
// content, and returns once name and content are on the disk. Nobody ever sees a
// part of it. It never replaces a file: when there is one, the error is
// [os.ErrExist].
func NewFile(path string, content []byte) error {
	return newFile(path, content, Folder)
}

func newFile(path string, content []byte, sync func(folder string) error) error {
	folder := filepath.Dir(path)
	draft, err := os.CreateTemp(folder, ".draft-*")
	if err != nil {
		return err
	}
	_, err = draft.Write(content)
	if err == nil {
		err = draft.Sync()
	}
	if err = errors.Join(err, draft.Close()); err == nil {
		// A second name instead of a rename, because it fails when the name is
		// taken.
		err = os.Link(draft.Name(), path)
	}
	err = errors.Join(err, os.Remove(draft.Name()))
	if err != nil && !errors.Is(err, os.ErrExist) {
		return err
	}
	// The process that created the existing file may not have synced the folder
	// yet.
	return errors.Join(err, sync(folder))
}
