package durable

import "os"

// OpenFolder does nothing: Windows refuses to flush a folder (FlushFileBuffers
// needs a handle that can write), and NTFS keeps names in its own journal.
func OpenFolder(*os.File) error { return nil }
