package pgtest

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

const directoryPrefix = "bellman-postgres-"

// makeDirectory makes a server's directory, named after this process so that [sweep] can report whether it is in use.
func makeDirectory(a *account) (string, error) {
	dir, err := os.MkdirTemp("", fmt.Sprintf("%s%d-", directoryPrefix, os.Getpid()))
	if err != nil {
		return "", err
	}
	if err := a.own(dir); err != nil {
		return "", errors.Join(err, os.RemoveAll(dir))
	}
	return dir, nil
}

// sweep removes what processes that were killed left behind. A directory that it may not remove belongs to another
// user, who will.
func sweep() {
	dirs, _ := filepath.Glob(filepath.Join(os.TempDir(), directoryPrefix+"*"))
	for _, dir := range dirs {
		owner, _, _ := strings.Cut(strings.TrimPrefix(filepath.Base(dir), directoryPrefix), "-")
		pid, err := strconv.Atoi(owner)
		if err == nil && ended(pid) {
			_ = os.RemoveAll(dir)
		}
	}
}
