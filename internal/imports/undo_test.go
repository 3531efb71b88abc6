package imports_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"bellman/internal/bot"
	"bellman/internal/contact"
	"bellman/internal/event"
	"bellman/internal/imports"
	"bellman/internal/store"
	"bellman/internal/store/storetest"
)

// undone takes an import back, and returns it.
func (d *desk) undone(s *imports.Service, session string) imports.Import {
	d.Helper()
	_, err := d.imports.AskUndo(d.Context(), home, session)
	require.NoError(d, err)
	for _, l := range d.takeUndos() {
		require.NoError(d, s.Run(d.Context(), l))
	}
	i, err := d.imports.Find(d.Context(), home, session)
	require.NoError(d, err)
	return i
}

func (d *desk) takeUndos() []imports.Lease {
	d.Helper()
	taken, err := d.db.Imports.TakeUndos(d.Context(), "test", time.UnixMilli(1<<53), time.Hour, 10)
	require.NoError(d, err)
	return taken
}

// table is a file of n people from the number first on, the first of whom stand at its end once more.
func table(first, n int) string {
	var b strings.Builder
	b.WriteString("External ID,Email,First name\n")
	for i := range n {
		fmt.Fprintf(&b, "u%d,u%d@x.ua,Олена\n", first+i, first+i)
	}
	for i := range 5 {
		fmt.Fprintf(&b, "u%d,u%d@x.ua,Ірина\n", first+i, first+i)
	}
	return b.String()
}

// What an import has made is gone, as if it had never been: the same file makes the same
// people again.
func TestUndo(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		d := newDesk(t, db)
		task := imports.Task{ImportOptions: onEmail, Groups: []string{"a", "b"}, EventType: "new"}
		d.file("External ID,Email\nu3,u3@x.ua\nk1,k1@x.ua\n", imports.Task{ImportOptions: onEmail, Groups: []string{"a"}})
		before := d.everybody()
		for range 2 {
			d.now = d.now.Add(time.Minute)
			i, _ := d.file(table(0, 1100), task)
			require.EqualValues(t, 1099, i.Count.Created)
			require.EqualValues(t, 1101, d.members("a"))
			require.EqualValues(t, 1100, d.members("b"))
			require.Len(t, d.events("new"), 1099)
			d.now = d.now.Add(time.Minute)
			i = d.undone(d.imports, i.Session)
			require.Equal(t, imports.Undo{Done: true, Part: 3, Removed: 1099, Left: 1}, *i.Undo)
			require.Equal(t, ids(before), ids(d.everybody()))
			require.EqualValues(t, 2, d.members("a"), "u3 was in it before")
			require.Zero(t, d.members("b"))
			require.Empty(t, d.events("new"))
			require.Empty(t, d.takeUndos())
		}
	})
}

func ids(all []contact.Contact) (ids []int64) {
	for _, c := range all {
		ids = append(ids, c.ID)
	}
	return ids
}

// Those to whom something has happened stay, and it is said why.
func TestUndoLeavesThoseToWhomSomethingHappened(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		d := newDesk(t, db)
		ctx := t.Context()
		w, err := d.config.Workspaces.Find(ctx, home)
		require.NoError(t, err)
		i, report := d.file(table(0, 600), imports.Task{ImportOptions: onEmail, Groups: []string{"a"}, EventType: "new"})
		id := func(n int) int64 { return report.Mapping[n].ContactID }
		d.now = d.now.Add(time.Minute)
		b, err := db.Bots.Save(ctx, bot.Bot{WorkspaceID: home, AppUUID: "u", TelegramID: 5, SealedToken: []byte("t"),
			State: bot.Active, CreatedAt: d.now})
		require.NoError(t, err)
		_, err = d.config.Contacts.AddTokens(ctx, w, b.ID, []contact.Token{{ChatID: 70, ContactID: id(0)}})
		require.NoError(t, err)
		_, err = d.config.Events.Add(ctx, home, "", []event.Item{
			{Type: "bought", Key: "k", ContactID: id(1)}, {Type: "new", Key: "k", ContactID: id(2)},
		})
		require.NoError(t, err)
		require.NoError(t, d.config.Groups.Join(ctx, home, []string{"other"}, []int64{id(3)}))
		// Somebody else changes one, one that stands in the file twice, and deletes one.
		d.file("External ID,Email,First name\nu4,u4@x.ua,X\nu598,u598@x.ua,X\n", imports.Task{ImportOptions: onEmail})
		require.NoError(t, d.config.Contacts.Delete(ctx, home, id(5), false))
		require.NoError(t, d.config.Contacts.Delete(ctx, home, id(6), true))

		i = d.undone(d.imports, i.Session)
		require.Equal(t, map[imports.Stay]int64{imports.HasChat: 1, imports.HasEvent: 2, imports.InGroup: 1, imports.Changed: 3}, i.Undo.Stayed)
		require.EqualValues(t, 600-7-1, i.Undo.Removed)
		require.Zero(t, d.members("a"), "nobody is where the import has put them")
		require.EqualValues(t, 1, d.members("other"))
		require.Len(t, d.everybody(), 6+1)

		// Once more: nothing is counted twice, and who has nothing by now goes.
		require.NoError(t, d.config.Groups.Leave(ctx, home, []string{"other"}, []int64{id(3)}))
		i = d.undone(d.imports, i.Session)
		require.EqualValues(t, 600-7, i.Undo.Removed)
		require.Equal(t, map[imports.Stay]int64{imports.HasChat: 1, imports.HasEvent: 2, imports.Changed: 3}, i.Undo.Stayed)
	})
}

// dyingUndo fails at a step, before or after it.
type dyingUndo struct {
	imports.Store
	f *flaky
}

func (d dyingUndo) UndoPart(
	ctx context.Context, l imports.Lease, i imports.Import, m imports.Made, now time.Time,
	remove func([]imports.Standing) []*contact.Contact, undone func(int) imports.Undo,
) error {
	return d.f.do(func() error { return d.Store.UndoPart(ctx, l, i, m, now, remove, undone) })
}

func (d dyingUndo) EndUndo(ctx context.Context, l imports.Lease, u imports.Undo) error {
	return d.f.do(func() error { return d.Store.EndUndo(ctx, l, u) })
}

// An undo whose process dies goes on where it was, and counts nobody twice.
func TestUndoGoesOnAfterACrash(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		for step := 1; step <= 4; step++ {
			for _, after := range []bool{false, true} {
				d := newDesk(t, db)
				i, _ := d.file(table(0, 1100), imports.Task{ImportOptions: onEmail, Groups: []string{"a"}})
				require.EqualValues(t, 1100, i.Count.Created)
				_, err := d.imports.AskUndo(t.Context(), home, i.Session)
				require.NoError(t, err)
				l := d.takeUndos()[0]
				config := d.config
				f := &flaky{Store: db.Imports, step: step, after: after}
				config.Store = dyingUndo{db.Imports, f}
				require.ErrorIs(t, imports.New(config).Run(t.Context(), l), errPower)
				require.NoError(t, d.imports.Run(t.Context(), l))
				i, err = d.imports.Find(t.Context(), home, i.Session)
				require.NoError(t, err)
				require.Equal(t, imports.Undo{Done: true, Part: 3, Removed: 1100}, *i.Undo, "step %d", step)
				require.Len(t, d.everybody(), 1)
				lost := l
				lost.Epoch--
				require.ErrorIs(t, db.Imports.EndUndo(t.Context(), lost, imports.Undo{}), imports.ErrLeaseLost)
			}
		}
	})
}

// What is under way cannot be taken back, and an undo that fails too often says so and can be
// asked for again.
func TestUndoRefused(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		d := newDesk(t, db)
		session := d.accept(people(0, 3), imports.Task{ImportOptions: onEmail})
		_, err := d.imports.AskUndo(t.Context(), home, session)
		require.ErrorContains(t, err, "has not ended")
		_, err = d.imports.AskUndo(t.Context(), home+1, session)
		require.ErrorIs(t, err, imports.ErrNotFound)
		i, _ := d.get(session)
		require.NoError(t, d.run(d.imports, i.ID))
		_, err = d.imports.AskUndo(t.Context(), home, session)
		require.NoError(t, err)
		l := d.takeUndos()[0]
		l.Attempt = 11
		require.NoError(t, d.imports.Run(t.Context(), l))
		i, _ = d.get(session)
		require.True(t, i.Undo.Done)
		require.NotEmpty(t, i.Undo.Error)
		i = d.undone(d.imports, session)
		require.Equal(t, imports.Undo{Done: true, Part: 1, Removed: 3}, *i.Undo)
	})
}
