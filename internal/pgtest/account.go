package pgtest

import (
	"fmt"
	"os"
	"os/user"
	"path/filepath"
	"strconv"
)

// account is whom the server runs as: nil for the current user. PostgreSQL refuses to run as root, so root lends it
// another user.
type account struct{ uid, gid int }

func serverAccount() (*account, error) {
	if os.Geteuid() != 0 {
		return nil, nil
	}
	for _, name := range []string{"postgres", "nobody"} {
		u, err := user.Lookup(name)
		if err != nil {
			continue
		}
		uid, err := strconv.Atoi(u.Uid)
		if err != nil {
			return nil, fmt.Errorf("uid of %s: %w", name, err)
		}
		gid, err := strconv.Atoi(u.Gid)
		if err != nil {
			return nil, fmt.Errorf("gid of %s: %w", name, err)
		}
		return &account{uid, gid}, nil
	}
	return nil, fmt.Errorf("PostgreSQL does not run as root, and there is no user postgres or nobody to run it as")
}

// own hands path to the account.
func (a *account) own(path string) error {
	if a == nil {
		return nil
	}
	return os.Chown(path, a.uid, a.gid)
}

// reach returns a directory with the server's binaries that the account may enter: bin itself, or a copy of its
// installation under dir when bin lies below a closed directory such as root's home.
func (a *account) reach(bin, dir string) (string, error) {
	if a == nil || open(bin) {
		return bin, nil
	}
	installation := filepath.Join(dir, "installation")
	if err := os.CopyFS(installation, os.DirFS(filepath.Dir(bin))); err != nil {
		return "", fmt.Errorf("copy PostgreSQL to where its user can run it: %w", err)
	}
	return filepath.Join(installation, filepath.Base(bin)), nil
}

// open reports whether everyone may enter path and all directories above it.
func open(path string) bool {
	for ; ; path = filepath.Dir(path) {
		info, err := os.Stat(path)
		if err != nil || info.Mode()&0o005 != 0o005 && path != "/" {
			return false
		}
		if path == filepath.Dir(path) {
			return true
		}
	}
}
