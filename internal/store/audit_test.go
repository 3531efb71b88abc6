package store_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"bellman/internal/access"
	"bellman/internal/audience"
	"bellman/internal/audit"
	"bellman/internal/retention"
	"bellman/internal/store"
	"bellman/internal/store/storetest"
)

// An office does what is audited.
type office struct {
	*testing.T
	*store.DB
	keys  *access.Keys
	audit *audit.Service
}

func newOffice(t *testing.T, s *store.DB) *office {
	t.Helper()
	return &office{T: t, DB: s, keys: access.NewKeys(s.Keys, now, nil), audit: audit.New(s.Audit, now, slog.New(slog.DiscardHandler))}
}

func (o *office) as(act string) context.Context {
	return audit.With(o.Context(), audit.NewDraft(audit.Entry{
		WorkspaceID: 1, At: start, Actor: audit.Actor{Kind: audit.User, ID: 7, Name: "o@example.com"}, Address: "192.0.2.1", Act: act,
	}))
}

func (o *office) makeKey(name string) error {
	_, err := o.keys.CreateKey(o.as("create-key"), 1, name, access.ScopeFull)
	return err
}

// lines returns all lines, oldest first, and fails unless they are a whole chain.
func (o *office) lines() []audit.Entry {
	o.Helper()
	r, err := o.audit.Check(o.Context())
	require.NoError(o, err)
	require.True(o, r.Good(), "line %d: %s", r.BrokenID, r.Why)
	all, err := o.DB.Audit.Chain(o.Context(), 0, 10_000)
	require.NoError(o, err)
	return all
}

func onOffice(t *testing.T, test func(t *testing.T, o *office)) {
	t.Helper()
	storetest.Each(t, func(t *testing.T, s *store.DB) { test(t, newOffice(t, s)) })
}

func TestLineIsOfItsAct(t *testing.T) {
	t.Parallel()
	onOffice(t, func(t *testing.T, o *office) {
		require.NoError(t, o.makeKey("shop"))
		require.Error(t, o.makeKey(""), "which is no name")
		_, err := o.keys.RevokeKey(o.as("revoke-key"), 1, 999)
		require.Error(t, err)
		_, err = o.keys.RevokeKey(o.as("revoke-key"), 1, 1)
		require.NoError(t, err)
		_, err = o.keys.CreateKey(t.Context(), 1, "told by nobody", access.ScopeFull)
		require.NoError(t, err)
		all := o.lines()
		require.Len(t, all, 2)
		require.Equal(t, audit.Entry{
			ID: 1, WorkspaceID: 1, At: start.UTC(), Actor: audit.Actor{Kind: audit.User, ID: 7, Name: "o@example.com"}, Address: "192.0.2.1",
			Act: "create-key", Subject: "keys/1", Outcome: audit.Done, After: `{"name":"shop","scope":"full"}`, Hash: all[0].Hash,
		}, all[0])
		require.JSONEq(t, `{"name":"shop","scope":"full"}`, all[1].Before)
		require.Equal(t, all[0].Hash, all[1].Previous)
	})
}

// An act whose line cannot be written is undone.
func TestNoActWithoutItsLine(t *testing.T) {
	t.Parallel()
	onOffice(t, func(t *testing.T, o *office) {
		// What somebody has put behind the end of the chain is in the way of the next line.
		store.ExecForTest(t, o.DB, `
			INSERT INTO audit (id, workspace_id, at, actor_kind, actor_id, actor, address, act, subject, outcome, before_it, after_it,
				previous, hash)
			VALUES (1, 1, 1, '', 0, '', '', '', '', '', '', '', '', '')`)
		require.Error(t, o.makeKey("shop"))
		require.Zero(t, store.CountForTest(t, o.DB, `SELECT COUNT(*) FROM api_keys`))
		r, err := o.audit.Check(t.Context())
		require.NoError(t, err)
		require.EqualValues(t, 1, r.BrokenID)
		store.ExecForTest(t, o.DB, `DELETE FROM audit`)
		require.NoError(t, o.makeKey("shop"))
		require.Len(t, o.lines(), 1)
	})
}

// Wherever a process dies, there is the act and its line, or neither.
func TestActAndLineAllOrNone(t *testing.T) {
	t.Parallel()
	storetest.EachAddress(t, func(t *testing.T, address string) {
		tap := &mortal{}
		o := newOffice(t, store.OpenTapped(t, address, tap))
		deaths := 0
		for ; ; deaths++ {
			require.Less(t, deaths, 100)
			tap.dies, tap.seen = deaths+1, 0
			err := o.makeKey("shop")
			tap.dies = 0
			keys := store.CountForTest(t, o.DB, `SELECT COUNT(*) FROM api_keys`)
			require.Len(t, o.lines(), int(keys))
			if err == nil {
				require.EqualValues(t, 1, keys)
				break
			}
			require.ErrorIs(t, err, errDied)
			require.Zero(t, keys)
		}
		require.Greater(t, deaths, 5)
	})
}

// Those who act at once have one line each, in one chain.
func TestManyActAtOnce(t *testing.T) {
	t.Parallel()
	onOffice(t, func(t *testing.T, o *office) {
		const people, acts = 8, 15
		var acting sync.WaitGroup
		for p := range people {
			acting.Go(func() {
				for i := range acts {
					if err := o.makeKey(fmt.Sprint("key ", p, " ", i)); err != nil {
						t.Error(err)
					}
					if _, err := o.keys.RevokeKey(o.as("revoke-key"), 1, 1<<40); err == nil {
						t.Error("there is no such key")
					}
				}
			})
		}
		acting.Wait()
		all := o.lines()
		require.Len(t, all, people*acts)
		require.EqualValues(t, people*acts, all[len(all)-1].ID)
		subjects := map[string]bool{}
		for _, e := range all {
			subjects[e.Subject] = true
		}
		require.Len(t, subjects, people*acts)
	})
}

// An act in several transactions is told when it begins and when it is done; one of one
// transaction, once.
func TestActsInPieces(t *testing.T) {
	t.Parallel()
	onOffice(t, func(t *testing.T, o *office) {
		groups := audience.New(o.Groups, now)
		five := people(t, o.DB, connect(t, o.DB, 5), 5)
		group, err := group(t, groups, "g", five...), error(nil)
		empty := func(ctx context.Context, limit int) {
			for more := true; more; {
				_, more, err = o.Groups.Empty(ctx, 1, group, limit)
				require.NoError(t, err)
			}
		}
		empty(o.as("in pieces"), 2)
		empty(o.as("nothing left"), 2)
		_, err = o.Groups.Attach(o.as("attach"), 1, []int64{group}, five[:2], start)
		require.NoError(t, err)
		_, err = o.Groups.Attach(o.as("attached already"), 1, []int64{group}, five[:2], start)
		require.NoError(t, err)
		empty(o.as("at once"), 5)
		_, err = groups.Create(o.as("taken"), 1, "g")
		require.ErrorIs(t, err, audience.ErrNameTaken)
		var told []string
		for _, e := range o.lines() {
			told = append(told, e.Act+" "+e.Outcome)
		}
		require.Equal(t, []string{"in pieces begun", "in pieces done", "attach done", "at once done"}, told)
	})
}

// What somebody does to the tables shows.
func TestTamperingShows(t *testing.T) {
	t.Parallel()
	for statement, want := range map[string]int64{
		`UPDATE audit SET actor_id = 8 WHERE id = 3`:                                         3,
		`UPDATE audit SET before_it = '{}' WHERE id = 4`:                                     4,
		`DELETE FROM audit WHERE id = 2`:                                                     2,
		`DELETE FROM audit WHERE id >= 5`:                                                    5,
		`DELETE FROM audit`:                                                                  1,
		`UPDATE audit_head SET last_id = 4 WHERE last_id = 6`:                                5,
		`UPDATE audit SET id = -id WHERE id IN (2, 3)`:                                       2,
		`UPDATE audit_head SET first_id = 2`:                                                 2,
		`UPDATE audit_head SET last_id = 0, last_hash = ''`:                                  1,
		`UPDATE audit SET previous = (SELECT hash FROM audit o WHERE o.id = 1) WHERE id = 6`: 6,
	} {
		t.Run(statement, func(t *testing.T) {
			t.Parallel()
			onOffice(t, func(t *testing.T, o *office) {
				for range 6 {
					require.NoError(t, o.makeKey("k"))
				}
				store.ExecForTest(t, o.DB, statement)
				r, err := o.audit.Check(t.Context())
				require.NoError(t, err)
				require.Equal(t, want, r.BrokenID, r.Why)
			})
		})
	}
}

func TestLinesAreFiltered(t *testing.T) {
	t.Parallel()
	onOffice(t, func(t *testing.T, o *office) {
		at := func(minutes int) time.Time { return start.Add(time.Duration(minutes) * time.Minute).UTC() }
		for i, e := range []audit.Entry{
			{WorkspaceID: 1, Actor: audit.Actor{Kind: audit.User, ID: 1}, Act: "a", Subject: "keys/1"},
			{WorkspaceID: 1, Actor: audit.Actor{Kind: audit.Key, ID: 1}, Act: "b", Subject: "keys/1"},
			{WorkspaceID: 2, Actor: audit.Actor{Kind: audit.User, ID: 1}, Act: "a"},
			{WorkspaceID: 0, Actor: audit.Actor{Kind: audit.Nobody}, Act: "a"},
			{WorkspaceID: 1, Actor: audit.Actor{Kind: audit.User, ID: 2}, Act: "a", Subject: "keys/2"},
		} {
			e.At = at(i)
			require.NoError(t, o.audit.Tell(audit.With(t.Context(), audit.NewDraft(e))))
		}
		refused := audit.Entry{WorkspaceID: 1, Actor: audit.Actor{Kind: audit.User, ID: 2}, Act: "a", Outcome: "role_too_narrow"}
		o.audit.Refused(t.Context(), refused)
		for name, tt := range map[string]struct {
			f    audit.Filter
			want []int64
		}{
			"all":          {audit.Filter{}, []int64{6, 5, 2, 1}},
			"a page":       {audit.Filter{Before: 5, Limit: 1}, []int64{2}},
			"a user":       {audit.Filter{Actor: audit.Actor{Kind: audit.User, ID: 1}}, []int64{1}},
			"a key":        {audit.Filter{Actor: audit.Actor{Kind: audit.Key, ID: 1}}, []int64{2}},
			"an act":       {audit.Filter{Act: "a"}, []int64{6, 5, 1}},
			"a thing":      {audit.Filter{Subject: "keys/1"}, []int64{2, 1}},
			"refusals":     {audit.Filter{Outcome: "role_too_narrow"}, []int64{6}},
			"a time":       {audit.Filter{Since: at(1), Until: at(4)}, []int64{2}},
			"all of these": {audit.Filter{Act: "a", Outcome: audit.Done, Since: at(1), Actor: audit.Actor{Kind: audit.User, ID: 2}}, []int64{5}},
		} {
			tt.f.WorkspaceID = 1
			if tt.f.Limit == 0 {
				tt.f.Before, tt.f.Limit = 1<<53, 10
			}
			got, err := o.audit.Lines(t.Context(), tt.f)
			require.NoError(t, err)
			ids := make([]int64, len(got))
			for i, e := range got {
				ids[i] = e.ID
			}
			require.Equal(t, tt.want, ids, name)
		}
		var ids []int64
		require.NoError(t, o.audit.Each(t.Context(), audit.Filter{WorkspaceID: 1, Before: 1 << 53}, func(e audit.Entry) error {
			ids = append(ids, e.ID)
			return nil
		}))
		require.Equal(t, []int64{6, 5, 2, 1}, ids)
		stop := errors.New("stop")
		err := o.audit.Each(t.Context(), audit.Filter{WorkspaceID: 1, Before: 1 << 53}, func(audit.Entry) error { return stop })
		require.ErrorIs(t, err, stop)
	})
}

// However workspaces keep, and whenever it is looked: what goes is the begin of the chain
// up to the first line that somebody keeps, and the rest is a whole chain.
func TestRetentionLeavesAChain(t *testing.T) {
	t.Parallel()
	storetest.EachAddress(t, func(t *testing.T, address string) {
		o := newOffice(t, storetest.Open(t, address))
		rapid.Check(t, func(rt *rapid.T) {
			for range rapid.IntRange(0, 6).Draw(rt, "lines") {
				e := audit.Entry{WorkspaceID: rapid.Int64Range(0, 2).Draw(rt, "workspace")}
				e.At = start.Add(time.Duration(rapid.IntRange(0, 9).Draw(rt, "at")) * time.Hour)
				require.NoError(rt, o.audit.Tell(audit.With(t.Context(), audit.NewDraft(e))))
			}
			before := map[int64]time.Time{}
			var cutoffs []retention.Cutoff
			for _, workspace := range []int64{1, 2} {
				before[workspace] = start.Add(time.Duration(rapid.IntRange(0, 10).Draw(rt, "cutoff")) * time.Hour)
				cutoffs = append(cutoffs, retention.Cutoff{WorkspaceID: workspace, Before: before[workspace]})
			}
			before[0] = before[1]
			if before[2].Before(before[1]) {
				before[0] = before[2]
			}
			var want []int64
			all := o.lines()
			kept := slices.IndexFunc(all, func(e audit.Entry) bool { return !e.At.Before(before[e.WorkspaceID]) })
			if kept < 0 {
				kept = len(all)
			}
			for _, e := range all[kept:] {
				want = append(want, e.ID)
			}
			limit := rapid.IntRange(1, 4).Draw(rt, "limit")
			for more, turns := true, 0; more; turns++ {
				require.LessOrEqual(rt, turns, kept/limit+1)
				var err error
				more, err = o.Retention.SweepAudit(t.Context(), cutoffs, limit)
				require.NoError(rt, err)
			}
			var got []int64
			for _, e := range o.lines() {
				got = append(got, e.ID)
			}
			require.ElementsMatch(rt, want, got)
		})
	})
}
