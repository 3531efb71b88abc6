package durable

import (
	"errors"
	"os"
)

// Folder waits until the names in the folder at the path are on the disk. On a
// platform that cannot do that it returns at once; see [OpenFolder].
func Folder(path string) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(OpenFolder(f), f.Close())
}
