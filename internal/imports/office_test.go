package imports

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"bellman/internal/audience"
	"bellman/internal/contact"
	"bellman/internal/event"
	"bellman/internal/loop"
	"bellman/internal/workspace"
)

// office is all the stores that imports need. While broken names a call, that call
// fails. The methods that these tests do not need panic.
type office struct {
	Store

	broken string
	// reports holds the stored reports.
	reports [][]byte
	// groups is how many groups there are whose names begin alike.
	groups   int
	attached [][]int64
	detached [][]int64
	// people are those that a part has created. told holds the sizes of the batches
	// of events about them, and where each begins.
	people []Person
	told   [][2]int
	ended  []int
}

var errAway = errors.New("the database is away")

func (o *office) says(call string) error {
	if o.broken == call {
		return errAway
	}
	return nil
}

func (o *office) service() *Service {
	now := func() time.Time { return time.Unix(9, 0) }
	return &Service{Config{
		Store: o, Workspaces: workspace.New(workspaces{o: o}, time.Now),
		Contacts: contact.New(people{o: o}, now), Groups: audience.New(groups{o: o}, now),
		Events: event.New(events{o: o, from: -1}, now), Now: now, NewID: func() string { return "session" },
	}, loop.NewSignal()}
}

func (o *office) CreateImport(context.Context, Import, [][]byte) error { return o.says("create") }

func (o *office) Import(context.Context, int64, string) (Import, error) {
	return Import{ID: 3, State: Finished}, o.says("import")
}

func (o *office) ImportReports(context.Context, int64) ([][]byte, error) {
	return o.reports, o.says("reports")
}

func (o *office) BeginImport(context.Context, int64, time.Time) (Import, error) {
	return Import{ID: 3, State: Importing, Task: Task{EventType: "new", Groups: []string{"g"}, ExcludedGroups: []string{"x"}}}, nil
}

func (o *office) NextImportPart(context.Context, int64) (Part, bool, error) {
	report := o.reports[0]
	return Part{Number: 2, Report: report, Events: 1}, len(o.ended) == 0, o.says("next")
}

func (o *office) ImportedPeople(context.Context, int64, int) ([]Person, error) {
	return o.people, o.says("people")
}

func (o *office) ImportEvents(_ Lease, part, before, all int) event.Store {
	return events{o: o, part: part, from: before, all: all}
}

func (o *office) FinishImportPart(_ context.Context, _ Lease, part int, _ time.Time) error {
	o.ended = append(o.ended, part)
	return o.says("finish")
}

type workspaces struct {
	workspace.Store
	o *office
}

func (w workspaces) Find(context.Context, int64) (workspace.Workspace, error) {
	return workspace.Workspace{ID: 1}, w.o.says("workspace")
}

type people struct {
	contact.Store
	o *office
}

func (p people) Fields(context.Context, int64) ([]contact.Field, error) {
	return nil, p.o.says("fields")
}

type groups struct {
	audience.Store
	o *office
}

func (g groups) Create(_ context.Context, _ int64, names []string, _ time.Time) (ids []int64, created int, err error) {
	for range names {
		ids = append(ids, 5)
	}
	return ids, 0, g.o.says("groups")
}

func (g groups) List(_ context.Context, _ int64, f audience.Filter) (all []audience.Group, err error) {
	for id := int(f.After.ID) + 1; id <= g.o.groups && len(all) < f.Limit; id++ {
		name := fmt.Sprint("X", id)
		if id == g.o.groups {
			name = "X"
		}
		all = append(all, audience.Group{ID: int64(id), Name: name})
	}
	return all, g.o.says("list")
}

func (g groups) Attach(_ context.Context, _ int64, groupIDs, contactIDs []int64, _ time.Time) (audience.Change, error) {
	g.o.attached = append(g.o.attached, groupIDs, contactIDs)
	return audience.Change{}, g.o.says("attach")
}

func (g groups) Detach(_ context.Context, _ int64, groupIDs, contactIDs []int64) (audience.Change, error) {
	g.o.detached = append(g.o.detached, groupIDs, contactIDs)
	return audience.Change{}, g.o.says("detach")
}

type events struct {
	event.Store
	o               *office
	part, from, all int
}

func (e events) Holders(context.Context, int64, event.Lookup) ([]event.Holder, error) {
	return nil, nil
}

func (e events) AppendEvents(_ context.Context, _ int64, all []event.Event, _ time.Time) ([]int64, error) {
	e.o.told = append(e.o.told, [2]int{e.from, len(all)})
	err := e.o.says("events")
	if err == nil && e.from+len(all) == e.all {
		e.o.ended = append(e.o.ended, e.part)
	}
	return make([]int64, len(all)), err
}

// Every call returns the error of a database that does not answer.
func TestCallsTellThatTheDatabaseIsAway(t *testing.T) {
	t.Parallel()
	ctx, task := t.Context(), Task{ImportOptions: contact.ImportOptions{DedupeOn: contact.OnEmail}}
	for call, do := range map[string]func(s *Service) error{
		"create":  func(s *Service) error { _, err := s.Accept(ctx, 1, make([]contact.Profile, 1), task); return err },
		"fields":  func(s *Service) error { _, err := s.Accept(ctx, 1, make([]contact.Profile, 1), task); return err },
		"import":  func(s *Service) error { _, _, err := s.Get(ctx, 1, "x"); return err },
		"reports": func(s *Service) error { _, _, err := s.Get(ctx, 1, "x"); return err },
	} {
		o := &office{broken: call}
		s := o.service()
		require.ErrorIs(t, do(s), errAway, call)
		require.Empty(t, s.wake, "nobody is woken for it")
	}
	for _, call := range []string{"workspace", "next", "groups", "attach", "list", "detach", "people", "events", "finish"} {
		o := &office{broken: call, reports: [][]byte{[]byte(`{"mapping":[{"contactId":7}]}`)}, groups: 1, people: make([]Person, 2)}
		o.people[1].ContactID = 8
		if call == "finish" {
			o.people = nil // with the last event, it is finished
		}
		require.ErrorIs(t, o.service().Run(ctx, Lease{Attempt: 1}), errAway, call)
		if call != "finish" {
			require.Empty(t, o.ended, call)
		}
	}
}

// groupPage is how many groups are read at once.
const groupPage = 500

// The rest of a part: its contacts change groups, each once, and the missing events
// are written, in batches; it is finished with the last of them.
func TestRestOfAPart(t *testing.T) {
	t.Parallel()
	o := &office{groups: 2*groupPage + 1, people: make([]Person, 2*event.MaxItems+2),
		reports: [][]byte{[]byte(`{"mapping":[{"contactId":9},{"contactId":7},{"contactId":9}]}`)}}
	for i := range o.people {
		o.people[i].ContactID = int64(i + 1)
	}
	require.NoError(t, o.service().Run(t.Context(), Lease{Attempt: 1}))
	require.Equal(t, [][]int64{{5}, {7, 9}}, o.attached)
	require.Equal(t, [][]int64{{2*groupPage + 1}, {7, 9}}, o.detached, "the one with the whole name, on the third page")
	require.Equal(t, [][2]int{{1, event.MaxItems}, {1 + event.MaxItems, event.MaxItems}, {1 + 2*event.MaxItems, 1}}, o.told)
	require.Equal(t, []int{2}, o.ended)

	o = &office{groups: groupPage, reports: [][]byte{[]byte(`{}`)}}
	require.NoError(t, o.service().Run(t.Context(), Lease{Attempt: 1}))
	require.Empty(t, o.attached, "nobody changes groups")
	require.Empty(t, o.detached)

	o.reports, o.ended = [][]byte{[]byte(`{"mapping":[{"contactId":7}]}`)}, nil
	require.NoError(t, o.service().Run(t.Context(), Lease{Attempt: 1}))
	require.Equal(t, []int64{groupPage}, o.detached[0], "a page that is just full")

	o.reports, o.ended, o.groups, o.detached = [][]byte{[]byte(`{"mapping":[{"contactId":7}]}`)}, nil, 0, nil
	require.NoError(t, o.service().Run(t.Context(), Lease{Attempt: 1}))
	require.Empty(t, o.detached, "there is no group to leave")
	o.reports, o.ended = [][]byte{[]byte(`{`)}, nil
	require.ErrorContains(t, o.service().Run(t.Context(), Lease{Attempt: 1}), "import 3, part 2")
}

// Reports of parts are joined in their order.
func TestReportsAreJoined(t *testing.T) {
	t.Parallel()
	o := &office{reports: [][]byte{[]byte(`{"mapping":[{"contactId":1}],"failures":[{"index":2}]}`), []byte(`{"mapping":[{"contactId":3}]}`)}}
	i, got, err := o.service().Get(t.Context(), 1, "x")
	require.NoError(t, err)
	require.EqualValues(t, 3, i.ID)
	require.Equal(t, Report{Mapping: []Mapped{{ContactID: 1}, {ContactID: 3}}, Failures: []Failure{{Index: 2}}}, got)
	o.reports[1] = []byte("{")
	_, _, err = o.service().Get(t.Context(), 1, "x")
	require.ErrorContains(t, err, "report of import 3")
}

// The greatest number of contacts is accepted, and the runner is woken.
func TestAcceptWakesTheRunner(t *testing.T) {
	t.Parallel()
	s := (&office{}).service()
	session, err := s.Accept(t.Context(), 1, make([]contact.Profile, contact.MaxImport),
		Task{ImportOptions: contact.ImportOptions{DedupeOn: contact.OnEmail}})
	require.NoError(t, err)
	require.Equal(t, "session", session)
	require.Len(t, s.wake, 1)
}
