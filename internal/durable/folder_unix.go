//go:build unix

package durable

import "os"

// OpenFolder waits until the names in an open folder are on the disk, and leaves it
// open.
func OpenFolder(f *os.File) error { return f.Sync() }
