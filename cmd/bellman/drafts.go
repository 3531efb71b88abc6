package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"bellman/internal/media"
)

// draftLife is longer than an upload can take.
const draftLife = time.Hour

// openDrafts makes the folder in which uploads are received, and clears it of what a
// crash has left: beside the files when they are kept in a folder, else beside the
// database.
func (d database) openDrafts(place string) (folder string, err error) {
	folder = filepath.Join(place, "drafts")
	if strings.Contains(place, "://") {
		folder = d.beside("drafts")
	}
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return "", fmt.Errorf("make the folder of uploads under way: %w", err)
	}
	return folder, media.ClearDrafts(folder, time.Now().Add(-draftLife))
}
