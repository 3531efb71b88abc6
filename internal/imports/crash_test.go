package imports_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"bellman/internal/audience"
	"bellman/internal/contact"
	"bellman/internal/event"
	"bellman/internal/imports"
	"bellman/internal/store"
	"bellman/internal/store/storetest"
	"bellman/internal/workspace"
)

// childDatabase is the environment variable of a process that takes imports and is
// killed.
const childDatabase = "BELLMAN_TEST_IMPORTS_DB"

func TestMain(m *testing.M) {
	if address := os.Getenv(childDatabase); address != "" {
		if err := work(address); err != nil {
			_, _ = os.Stderr.WriteString(err.Error() + "\n")
			os.Exit(1)
		}
		return
	}
	os.Exit(m.Run())
}

// childLease is how long the child's leases last.
const childLease = 3 * time.Second

// tellingImports report when events about new contacts are to be written, which is
// after the contacts were written, and find nobody.
type tellingImports struct{ imports.Store }

func (tellingImports) ImportedPeople(context.Context, int64, int) ([]imports.Person, error) {
	if _, err := os.Stdout.WriteString("begun\n"); err != nil {
		return nil, err
	}
	_, err := io.Copy(io.Discard, os.Stdin)
	return nil, err
}

// work takes imports, and stops in the middle of each until its parent ends.
func work(address string) error {
	db, err := store.Open(context.Background(), address)
	if err != nil {
		return err
	}
	now := func() time.Time { return noon }
	s := imports.New(imports.Config{
		Store: tellingImports{db.Imports}, Workspaces: workspace.New(db.Workspaces, time.Now), Contacts: contact.New(db.Contacts, now),
		Groups: audience.New(db.Groups, now), Events: event.New(db.Events, now),
		Files: files{link: twoParts}, Now: now, NewID: uuid.NewString,
	})
	r := imports.NewRunner(s, "child", slog.New(slog.NewTextHandler(os.Stderr, nil)))
	r.LeaseFor(childLease)
	r.Run(context.Background())
	return nil
}

// dieAtWork accepts two imports and kills a process that has begun both.
func dieAtWork(t *testing.T, address string) (d *desk, sessions []string) {
	t.Helper()
	d = newDesk(t, storetest.Open(t, address))
	for i := range 2 {
		sessions = append(sessions, d.accept(people(1000*i, 400),
			imports.Task{ImportOptions: onEmail, Groups: []string{"all"}, EventType: "new"}))
	}
	d.killAtWork(address, len(sessions))
	for _, session := range sessions {
		i, _ := d.get(session)
		require.Equal(t, imports.Importing, i.State)
		require.EqualValues(t, 400, i.Count.Created)
	}
	return d, sessions
}

// killAtWork kills a process that has begun so many imports.
func (d *desk) killAtWork(address string, begun int) {
	d.Helper()
	t := d.T
	child := exec.CommandContext(t.Context(), os.Args[0])
	child.Env = append(os.Environ(), childDatabase+"="+address)
	child.Stderr = t.Output()
	stdin, err := child.StdinPipe()
	require.NoError(t, err)
	defer func() { _ = stdin.Close() }()
	stdout, err := child.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, child.Start())
	told := bufio.NewReader(stdout)
	for range begun {
		if _, err = told.ReadString('\n'); err != nil {
			break
		}
	}
	require.NoError(t, child.Process.Kill())
	require.Error(t, child.Wait())
	require.NoError(t, err)
}

// finish runs the imports and checks their results.
func (d *desk) finish(sessions []string) {
	d.Helper()
	start(d.T, d.runner("heir", nothing))
	for _, session := range sessions {
		require.Equal(d, imports.Count{Created: 400}, d.finished(session).Count)
	}
	require.EqualValues(d, 800, d.members("all"))
	counts := d.events("new")
	require.Len(d, counts, 800)
	for id, n := range counts {
		require.Equal(d, 1, n, id)
	}
}

func TestKilledImportsGoOnWhenTheirLeaseIsOver(t *testing.T) {
	t.Parallel()
	storetest.EachAddress(t, func(t *testing.T, address string) {
		d, sessions := dieAtWork(t, address)
		d.finish(sessions)
	})
}

// twoParts is a file whose first part is written when the process is killed.
var twoParts = "Email\n" + strings.Repeat("\"x\"y\n", 2) + func() string {
	var b strings.Builder
	for n := range 700 {
		fmt.Fprintf(&b, "p%d@x.ua\n", n)
	}
	return b.String()
}()

func TestAKilledImportOfAFileGoesOn(t *testing.T) {
	t.Parallel()
	storetest.EachAddress(t, func(t *testing.T, address string) {
		d := newDesk(t, storetest.Open(t, address))
		session, err := d.imports.AcceptFile(t.Context(), home, link,
			imports.Task{ImportOptions: onEmail, Groups: []string{"all"}, EventType: "new"})
		require.NoError(t, err)
		d.killAtWork(address, 1)
		i, _ := d.get(session)
		require.Equal(t, imports.Importing, i.State)
		require.Equal(t, imports.Count{Created: 498, Failed: 2}, i.Count)
		start(t, d.runner("heir", nothing))
		require.Equal(t, imports.Count{Created: 700, Failed: 2}, d.finished(session).Count)
		require.EqualValues(t, 700, d.members("all"))
		counts := d.events("new")
		require.Len(t, counts, 700)
		for id, n := range counts {
			require.Equal(t, 1, n, id)
		}
	})
}

func TestKilledImportsGoOnAtOnceWhereNobodyElseCanHaveThem(t *testing.T) {
	t.Parallel()
	storetest.EachAddress(t, func(t *testing.T, address string) {
		d, sessions := dieAtWork(t, address)
		require.NoError(t, d.db.Imports.ForgetRunners(t.Context()))
		taken, err := d.db.Imports.TakeImports(t.Context(), "heir", false, d.now, 0, 5)
		require.NoError(t, err)
		require.Len(t, taken, 2)
		d.finish(sessions)
	})
}
