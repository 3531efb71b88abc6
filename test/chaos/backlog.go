package main

import (
	"fmt"
	"slices"

	"bellman/internal/webhook"
)

// backlog is what a receiver knows of the activities that wait for it, from those that came before.
type backlog struct {
	// serial tells that ids become visible in their order, as on an engine with one writer.
	serial bool
	seen   map[int64]bool
	// highest is the highest id of all that came.
	highest int64
	// failed wait for certain. last were taken last: they wait still when Bellman did not hear of that, or could not
	// write it down.
	failed, last []int64
}

// judgeOrder checks that arrays come one after another: each begins with the oldest that wait. Where a
// holder of the webhook stood still, that is not promised.
func (r *result) judgeOrder(posts []post) {
	b := backlog{serial: r.plan.engine == sqlite, seen: map[int64]bool{}}
	for n, p := range posts {
		if why := b.next(ids(p.activities), p.fate); why != "" {
			r.fault("array %d: %s", n, why)
		}
	}
}

// next takes the ids of the next array in, and says what is wrong with it.
func (b *backlog) next(came []int64, f fate) (why string) {
	waiting := b.failed
	if slices.ContainsFunc(came, func(id int64) bool { return slices.Contains(b.last, id) }) {
		waiting = merge(b.failed, b.last)
	}
	var again, fresh []int64
	for _, id := range came {
		if b.seen[id] {
			again = append(again, id)
		} else {
			fresh = append(fresh, id)
		}
	}
	repeated := waiting
	if len(came) == webhook.MaxArray {
		repeated = waiting[:min(len(again), len(waiting))]
	}
	switch {
	case !slices.Equal(again, repeated):
		why = fmt.Sprintf("it repeats %v, and %v wait", again, waiting)
	case b.serial && len(fresh) > 0 && fresh[0] < b.highest:
		why = fmt.Sprintf("%d comes for the first time after %d", fresh[0], b.highest)
	}
	b.note(came, waiting, f)
	return why
}

// note remembers what waits after an array.
func (b *backlog) note(came, waiting []int64, f fate) {
	for _, id := range came {
		b.seen[id] = true
		b.highest = max(b.highest, id)
	}
	if f != taken {
		b.failed, b.last = merge(waiting, came), nil
		return
	}
	b.last = came
	b.failed = slices.DeleteFunc(slices.Clone(waiting), func(id int64) bool { return slices.Contains(came, id) })
}

// merge returns the ids of both in their order, each once.
func merge(a, b []int64) []int64 {
	all := slices.Concat(a, b)
	slices.Sort(all)
	return slices.Compact(all)
}
