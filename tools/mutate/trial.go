package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// fate is the result for a mutant.
type fate int

const (
	survived fate = iota
	killed
	// unbuilt: it does not compile, and shows nothing about the tests.
	unbuilt
)

func (f fate) String() string {
	return [...]string{survived: "survived", killed: "killed", unbuilt: "does not compile"}[f]
}

// trial builds and runs the tests of packages.
type trial struct {
	packages []string
	limit    time.Duration
	scratch  string
	// quick matches the names of each package's quick tests, which are run before
	// the others: most mutants need no more. It is empty when all tests are quick.
	quick map[string]string
}

// newTrial returns a trial, after a check that the tests pass without a change:
// failing tests would kill every mutant.
func newTrial(ctx context.Context, packages []string, limit time.Duration) (*trial, error) {
	scratch, err := os.MkdirTemp("", "mutate")
	if err != nil {
		return nil, err
	}
	t := &trial{packages: packages, limit: limit, scratch: scratch, quick: map[string]string{}}
	for _, p := range packages {
		began := time.Now()
		built, out := t.build(ctx, p, "")
		if built {
			if out, err = t.run(ctx, p, "-test.v"); err == nil {
				t.quick[p] = quickOf(out)
				continue
			}
		}
		t.close()
		return nil, fmt.Errorf("the tests of %s have to pass within %s; after %s:\n%s", p, limit, time.Since(began).Round(time.Second), out)
	}
	return t, nil
}

func (t *trial) close() { _ = os.RemoveAll(t.scratch) }

// try returns the fate of a mutant.
func (t *trial) try(ctx context.Context, m mutant) (fate, error) {
	overlay, err := t.overlay(m)
	if err != nil {
		return survived, err
	}
	for i, p := range t.packages {
		built, out := t.build(ctx, p, overlay)
		if !built && i == 0 {
			return unbuilt, nil
		}
		if !built {
			return survived, fmt.Errorf("%s: the tests of %s do not compile with it:\n%s", m, p, out)
		}
		for _, some := range t.turns(p) {
			var failed *exec.ExitError
			if _, err := t.run(ctx, p, some...); errors.As(err, &failed) {
				return killed, nil
			} else if err != nil {
				return survived, err
			}
		}
	}
	return survived, nil
}

// turns returns the flags that select a package's tests, the quick ones first.
func (t *trial) turns(p string) [][]string {
	if t.quick[p] == "" {
		return [][]string{nil}
	}
	return [][]string{{"-test.run=" + t.quick[p]}, {"-test.skip=" + t.quick[p]}}
}

// quickly is the longest that a quick test takes.
const quickly = 200 * time.Millisecond

var passed = regexp.MustCompile(`(?m)^ *--- PASS: ([^\s/]+)\S* \((\S+)\)$`)

// quickOf returns a pattern that matches the quick tests of a run, empty when all
// are quick or none is. Parallel subtests are not counted in their test's own time.
func quickOf(out []byte) string {
	took := map[string]time.Duration{}
	for _, test := range passed.FindAllSubmatch(out, -1) {
		if d, err := time.ParseDuration(string(test[2])); err == nil {
			took[string(test[1])] += d
		}
	}
	var names []string
	for name, d := range took {
		if d <= quickly {
			names = append(names, regexp.QuoteMeta(name))
		}
	}
	if len(names) == 0 || len(names) == len(took) {
		return ""
	}
	slices.Sort(names)
	return "^(" + strings.Join(names, "|") + ")$"
}

// overlay writes the file that names the change to the compiler.
func (t *trial) overlay(m mutant) (path string, err error) {
	changed, err := m.apply()
	if err != nil {
		return "", err
	}
	source, path := filepath.Join(t.scratch, "mutant.go"), filepath.Join(t.scratch, "overlay.json")
	if err := os.WriteFile(source, changed, 0o600); err != nil {
		return "", err
	}
	text, err := json.Marshal(map[string]map[string]string{"Replace": {m.path: source}})
	if err != nil {
		return "", err
	}
	return path, os.WriteFile(path, text, 0o600)
}

func (t *trial) binary() string { return filepath.Join(t.scratch, "package.test") }

func (t *trial) build(ctx context.Context, p, overlay string) (built bool, out []byte) {
	out, err := exec.CommandContext(ctx,
		"go", "test", "-c", "-vet=off", "-ldflags=-s -w", "-overlay="+overlay, "-o", t.binary(), p).CombinedOutput()
	return err == nil, out
}

// run runs the built tests, in their package's folder, until one fails.
func (t *trial) run(ctx context.Context, p string, flags ...string) (out []byte, err error) {
	// A test may hang in a way that its own limit does not end.
	ctx, cancel := context.WithTimeout(ctx, t.limit+10*time.Second)
	defer cancel()
	c := exec.CommandContext(ctx, t.binary(), append(flags, "-test.failfast", "-test.timeout="+t.limit.String())...)
	c.Dir = p
	// Property tests save failures in the tree unless this is set.
	c.Env = append(os.Environ(), "RAPID_NOFAILFILE="+strconv.FormatBool(true))
	var text bytes.Buffer
	c.Stdout, c.Stderr = &text, &text
	c.WaitDelay = time.Second
	err = c.Run()
	return text.Bytes(), err
}
