package audit_test

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"bellman/internal/audit"
)

// shelf is a store that keeps lines in memory.
type shelf struct {
	lines []audit.Entry
	head  audit.Head
	// asked is called before lines are read.
	asked func()
	mu    sync.Mutex
	told  []audit.Entry
}

func (s *shelf) append(e audit.Entry) {
	e.ID, e.Previous = s.head.LastID+1, s.head.LastHash
	e.Hash = e.Sum()
	s.lines = append(s.lines, e)
	s.head.LastID, s.head.LastHash = e.ID, e.Hash
}

func (s *shelf) Tell(ctx context.Context) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	d := audit.From(ctx)
	d.Begin()
	if e, due := d.Due(); due {
		s.told = append(s.told, e)
	}
	d.Commit()
	return nil
}

// all returns the lines that were told.
func (s *shelf) all() []audit.Entry {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.told)
}

func (s *shelf) Lines(context.Context, audit.Filter) ([]audit.Entry, error) { return nil, nil }

func (s *shelf) Head(context.Context) (audit.Head, error) { return s.head, nil }

func (s *shelf) Chain(_ context.Context, from int64, limit int) (some []audit.Entry, _ error) {
	if s.asked != nil {
		s.asked()
	}
	for _, e := range s.lines {
		if e.ID >= from && len(some) < limit {
			some = append(some, e)
		}
	}
	return some, nil
}

// forget removes the first lines, as what is not kept any more.
func (s *shelf) forget(n int) {
	s.head.FirstID, s.head.Before = s.lines[n-1].ID+1, s.lines[n-1].Hash
	s.lines = s.lines[n:]
}

func (s *shelf) service() *audit.Service {
	return audit.New(s, time.Now, slog.New(slog.DiscardHandler))
}

func entries(t *rapid.T) audit.Entry {
	text := rapid.SampledFrom([]string{"", "a", "b", "1", "12 3", "1 a", `{"name":"x"}`, "ї"})
	return audit.Entry{
		WorkspaceID: rapid.Int64Range(0, 3).Draw(t, "workspace"), At: time.UnixMilli(rapid.Int64Range(0, 9).Draw(t, "at")),
		Actor: audit.Actor{
			Kind: audit.ActorKind(text.Draw(t, "kind")), ID: rapid.Int64Range(0, 12).Draw(t, "actor"), Name: text.Draw(t, "name"),
		},
		Address: text.Draw(t, "address"), Act: text.Draw(t, "act"), Subject: text.Draw(t, "subject"), Outcome: text.Draw(t, "outcome"),
		Before: text.Draw(t, "before"), After: text.Draw(t, "after"),
	}
}

func chain(t *rapid.T, least int) *shelf {
	s := &shelf{head: audit.Head{FirstID: 1}}
	for range rapid.IntRange(least, 12).Draw(t, "lines") {
		s.append(entries(t))
	}
	if removed := rapid.IntRange(0, len(s.lines)-least).Draw(t, "removed"); removed > 0 {
		s.forget(removed)
	}
	return s
}

// Two lines have one hash only if they are the same.
func TestSumTellsAllFields(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		a, b := entries(t), entries(t)
		a.ID, b.ID = rapid.Int64Range(1, 12).Draw(t, "a"), rapid.Int64Range(1, 12).Draw(t, "b")
		require.Equal(t, a == b, a.Sum() == b.Sum(), "%+v\n%+v", a, b)
	})
}

// Whatever was changed, removed or put elsewhere shows, and where.
func TestChainShowsChanges(t *testing.T) {
	t.Parallel()
	changes := map[string]func(e *audit.Entry){
		"workspace": func(e *audit.Entry) { e.WorkspaceID++ },
		"at":        func(e *audit.Entry) { e.At = e.At.Add(time.Millisecond) },
		"kind":      func(e *audit.Entry) { e.Actor.Kind += "x" },
		"actor":     func(e *audit.Entry) { e.Actor.ID++ },
		"name":      func(e *audit.Entry) { e.Actor.Name += "x" },
		"address":   func(e *audit.Entry) { e.Address += "x" },
		"act":       func(e *audit.Entry) { e.Act += "x" },
		"subject":   func(e *audit.Entry) { e.Subject += "x" },
		"outcome":   func(e *audit.Entry) { e.Outcome += "x" },
		"before":    func(e *audit.Entry) { e.Before += "x" },
		"after":     func(e *audit.Entry) { e.After += "x" },
		"hash":      func(e *audit.Entry) { e.Hash += "x" },
		"moved":     func(e *audit.Entry) { e.Act, e.Subject = e.Act+"x", "x"+e.Subject },
	}
	rapid.Check(t, func(t *rapid.T) {
		s := chain(t, 3)
		r, err := s.service().Check(context.Background())
		require.NoError(t, err)
		require.True(t, r.Good(), r.Why)
		require.EqualValues(t, len(s.lines), r.Lines)

		at := rapid.IntRange(0, len(s.lines)-1).Draw(t, "at")
		want := s.lines[at].ID
		switch how := rapid.SampledFrom([]string{"change", "rewrite", "remove", "tail", "swap", "forge"}).Draw(t, "how"); how {
		case "change":
			changes[rapid.SampledFrom(slices.Sorted(keys(changes))).Draw(t, "field")](&s.lines[at])
		case "rewrite":
			s.lines[at].Act += "x"
			s.lines[at].Hash = s.lines[at].Sum()
			want++ // the line behind it, or the head, does not know it
		case "remove":
			s.lines = slices.Delete(s.lines, at, at+1)
		case "tail":
			s.lines = s.lines[:at]
		case "swap":
			at = min(at, len(s.lines)-2)
			want = s.lines[at].ID
			s.lines[at], s.lines[at+1] = s.lines[at+1], s.lines[at]
			s.lines[at].ID, s.lines[at+1].ID = want, want+1
		case "forge":
			head := s.head
			s.append(entries(t))
			want, s.head = s.head.LastID, head
		}
		r, err = s.service().Check(context.Background())
		require.NoError(t, err)
		require.False(t, r.Good())
		require.Equal(t, want, r.BrokenID, r.Why)
	})
}

func keys(m map[string]func(*audit.Entry)) func(func(string) bool) {
	return func(yield func(string) bool) {
		for k := range m {
			if !yield(k) {
				return
			}
		}
	}
}

// The begin of the chain may be removed, and its end grow, while it is walked.
func TestCheckWhileLinesComeAndGo(t *testing.T) {
	t.Parallel()
	for removed := 1; removed <= 1200; removed += 109 {
		s := &shelf{head: audit.Head{FirstID: 1}}
		for i := range 1200 {
			s.append(audit.Entry{Act: fmt.Sprint(i)})
		}
		asked := 0
		s.asked = func() {
			if asked++; asked == 2 {
				s.append(audit.Entry{Act: "new"})
				s.forget(removed)
			}
		}
		r, err := s.service().Check(t.Context())
		require.NoError(t, err)
		require.True(t, r.Good(), "%d removed: line %d: %s", removed, r.BrokenID, r.Why)
	}
}

func TestCheckOfNothing(t *testing.T) {
	t.Parallel()
	s := &shelf{head: audit.Head{FirstID: 1}}
	r, err := s.service().Check(t.Context())
	require.NoError(t, err)
	require.True(t, r.Good())
	s.head.LastID = 1 // all lines were removed by hand
	r, err = s.service().Check(t.Context())
	require.NoError(t, err)
	require.EqualValues(t, 1, r.BrokenID)
}
