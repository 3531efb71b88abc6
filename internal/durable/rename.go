package durable

import (
	"os"
	"path/filepath"
)

// Rename gives a file another name in its folder, in the place of one that has it, and
// returns once that is on the disk. At any moment the name is of one of the two.
func Rename(from, to string) error {
	if err := os.Rename(from, to); err != nil {
		return err
	}
	return Folder(filepath.Dir(to))
}
