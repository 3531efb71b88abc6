package imports_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"bellman/internal/audience"
	"bellman/internal/contact"
	"bellman/internal/event"
	"bellman/internal/fault"
	"bellman/internal/imports"
	"bellman/internal/store"
	"bellman/internal/store/storetest"
	"bellman/internal/workspace"
)

const home = workspace.Default

// noon is when a test begins.
var noon = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

// desk is a database with all that imports need.
type desk struct {
	*testing.T
	db      *store.DB
	now     time.Time
	files   files
	config  imports.Config
	imports *imports.Service
	leases  map[int64]imports.Lease
}

func newDesk(t *testing.T, db *store.DB) *desk {
	t.Helper()
	d := &desk{T: t, db: db, now: noon, files: files{}, leases: map[int64]imports.Lease{}}
	now := func() time.Time { return d.now }
	d.config = imports.Config{
		Store: db.Imports, Workspaces: workspace.New(db.Workspaces, time.Now), Contacts: contact.New(db.Contacts, now),
		Groups: audience.New(db.Groups, now), Events: event.New(db.Events, now),
		Files: d.files, Now: now, NewID: uuid.NewString,
	}
	d.imports = imports.New(d.config)
	return d
}

// files are the existing files, by their links.
type files map[string]string

var errNoFile = fault.New(fault.Invalid, "link_invalid", "there is no such file").In("link")

func (files) Check(link string) error {
	if !strings.HasPrefix(link, "https://") {
		return errNoFile
	}
	return nil
}

func (f files) Open(_ context.Context, link string, _ int64) (io.ReadCloser, error) {
	text, ok := f[link]
	if !ok {
		return nil, errNoFile
	}
	return io.NopCloser(strings.NewReader(text)), nil
}

// flaky is a store that fails once: at the step, counted from 1, before the step is
// done or after.
type flaky struct {
	imports.Store
	step  int
	after bool
	taken int
}

var errPower = errors.New("the power is gone")

func (f *flaky) do(step func() error) error {
	f.taken++
	now := f.taken == f.step
	if now && !f.after {
		return errPower
	}
	if err := step(); err != nil {
		return err
	}
	if now {
		return errPower
	}
	return nil
}

func (f *flaky) ImportContacts(l imports.Lease, part int, result func(contact.Plan) (imports.Result, error)) contact.Store {
	return flakyContacts{f.Store.ImportContacts(l, part, result), f}
}

type flakyContacts struct {
	contact.Store
	f *flaky
}

func (c flakyContacts) Decide(
	ctx context.Context, look contact.Lookup, now time.Time, decide func(contact.Snapshot) (contact.Plan, error),
) error {
	return c.f.do(func() error { return c.Store.Decide(ctx, look, now, decide) })
}

func (f *flaky) ImportEvents(l imports.Lease, part, before, all int) event.Store {
	return flakyEvents{f.Store.ImportEvents(l, part, before, all), f}
}

type flakyEvents struct {
	event.Store
	f *flaky
}

func (e flakyEvents) AppendEvents(ctx context.Context, workspaceID int64, events []event.Event, now time.Time) (ids []int64, err error) {
	return ids, e.f.do(func() error {
		ids, err = e.Store.AppendEvents(ctx, workspaceID, events, now)
		return err
	})
}

func (f *flaky) EmptyImport(ctx context.Context, l imports.Lease) error {
	return f.do(func() error { return f.Store.EmptyImport(ctx, l) })
}

func (f *flaky) AddImportPart(ctx context.Context, l imports.Lease, p imports.Piece) error {
	return f.do(func() error { return f.Store.AddImportPart(ctx, l, p) })
}

func (f *flaky) FinishImportFile(ctx context.Context, l imports.Lease, t imports.Task) error {
	return f.do(func() error { return f.Store.FinishImportFile(ctx, l, t) })
}

func (f *flaky) FinishImportPart(ctx context.Context, l imports.Lease, part int, now time.Time) error {
	return f.do(func() error { return f.Store.FinishImportPart(ctx, l, part, now) })
}

// flakyGroups are the groups of a flaky store.
type flakyGroups struct {
	audience.Store
	f *flaky
}

func (g flakyGroups) Create(ctx context.Context, workspaceID int64, names []string, now time.Time) (ids []int64, created int, err error) {
	return ids, created, g.f.do(func() error {
		ids, created, err = g.Store.Create(ctx, workspaceID, names, now)
		return err
	})
}

// dying returns a service that fails once; see [flaky].
func (d *desk) dying(step int, after bool) *imports.Service {
	f := &flaky{Store: d.db.Imports, step: step, after: after}
	config := d.config
	config.Store, config.Groups = f, audience.New(flakyGroups{d.db.Groups, f}, config.Now)
	return imports.New(config)
}

// people returns n contacts, from the number first on.
func people(first, n int) []contact.Profile {
	out := make([]contact.Profile, n)
	for i := range out {
		email, name := fmt.Sprintf("p%d@x.ua", first+i), "Олена"
		out[i] = contact.Profile{Email: &email, FirstName: &name}
	}
	return out
}

// run makes an attempt at an import, under the same lease each time.
func (d *desk) run(s *imports.Service, id int64) error {
	d.Helper()
	return s.Run(d.Context(), d.lease(id))
}

func (d *desk) lease(id int64) imports.Lease {
	d.Helper()
	if _, ok := d.leases[id]; !ok {
		d.leases[id] = storetest.TakeImport(d, d.db, id)
	}
	return d.leases[id]
}

// accept accepts an import.
func (d *desk) accept(contacts []contact.Profile, t imports.Task) (session string) {
	d.Helper()
	session, err := d.imports.Accept(d.Context(), home, contacts, t)
	require.NoError(d, err)
	return session
}

func (d *desk) get(session string) (imports.Import, imports.Report) {
	d.Helper()
	i, report, err := d.imports.Get(d.Context(), home, session)
	require.NoError(d, err)
	return i, report
}

// events returns how many events of the type there are about each contact.
func (d *desk) events(eventType string) map[int64]int {
	d.Helper()
	all, err := d.config.Events.List(d.Context(), home, event.Filter{Type: eventType, Before: 1 << 50, Limit: 100_000})
	require.NoError(d, err)
	counts := map[int64]int{}
	for _, e := range all {
		counts[e.ContactID]++
	}
	return counts
}

// members returns how many contacts the group with the name has.
func (d *desk) members(name string) int64 {
	d.Helper()
	groups, err := d.config.Groups.List(d.Context(), home, audience.Filter{Name: name, Limit: 10})
	require.NoError(d, err)
	if len(groups) == 0 {
		return 0
	}
	return groups[0].Members
}

func (f *flaky) ReportDryPart(ctx context.Context, l imports.Lease, part int, r imports.Result) error {
	return f.do(func() error { return f.Store.ReportDryPart(ctx, l, part, r) })
}

func (f *flaky) FinishDry(ctx context.Context, l imports.Lease, t imports.Task, now time.Time) error {
	return f.do(func() error { return f.Store.FinishDry(ctx, l, t, now) })
}
