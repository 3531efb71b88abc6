package main

import (
	"testing"

	"github.com/stretchr/testify/require"

	"bellman/internal/webhook"
)

func TestJudgeOrder(t *testing.T) {
	t.Parallel()
	full := func(from int64) []int64 {
		ids := make([]int64, webhook.MaxArray)
		for i := range ids {
			ids[i] = from + int64(i)
		}
		return ids
	}
	type array struct {
		fate fate
		ids  []int64
	}
	const last = webhook.MaxArray
	for name, tt := range map[string]struct {
		arrays []array
		// faults are those with one writer, among those with several.
		serial, several int
	}{
		"one after another":        {arrays: []array{{taken, []int64{1, 2}}, {taken, []int64{3}}, {taken, []int64{5, 6}}}},
		"refused":                  {arrays: []array{{refused, []int64{1, 2}}, {taken, []int64{1, 2}}, {taken, []int64{3}}}},
		"refused, and more since":  {arrays: []array{{refused, []int64{1, 2}}, {broken, []int64{1, 2, 3}}, {taken, []int64{1, 2, 3, 4}}}},
		"taken, and not heard of":  {arrays: []array{{taken, []int64{1, 2}}, {taken, []int64{1, 2, 3}}, {taken, []int64{4}}}},
		"not heard of, refused":    {arrays: []array{{taken, []int64{1, 2}}, {refused, []int64{1, 2, 3}}, {taken, []int64{1, 2, 3}}}},
		"a full one again":         {arrays: []array{{refused, full(1)}, {taken, full(1)}, {taken, []int64{last + 1}}}},
		"left out":                 {arrays: []array{{refused, []int64{1, 2}}, {taken, []int64{3}}}, serial: 1, several: 1},
		"left out in part":         {arrays: []array{{broken, []int64{1, 2}}, {taken, []int64{1, 3}}}, serial: 1, several: 1},
		"left out under full ones": {arrays: []array{{refused, []int64{1, 2}}, {taken, full(2)}}, serial: 1, several: 1},
		"taken again in part":      {arrays: []array{{taken, []int64{1, 2}}, {taken, []int64{2, 3}}}, serial: 1, several: 1},
		"taken again too late":     {arrays: []array{{taken, []int64{1}}, {taken, []int64{2}}, {taken, []int64{1}}}, serial: 1, several: 1},
		// With several writers an id may become visible after a higher one.
		"one comes late":          {arrays: []array{{taken, []int64{1, 3}}, {taken, []int64{2, 4}}}, serial: 1},
		"one comes late, refused": {arrays: []array{{refused, []int64{2, 3}}, {taken, []int64{1, 2, 3}}, {taken, []int64{4}}}, serial: 1},
		"one comes late, full": {
			arrays: []array{{refused, full(2)}, {taken, full(1)}, {taken, []int64{last + 1, last + 2}}}, serial: 1,
		},
		"one comes late, full, and leaves one out": {
			arrays: []array{{refused, full(2)}, {taken, full(1)}, {taken, []int64{last + 2}}}, serial: 2, several: 1,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var posts []post
			for _, a := range tt.arrays {
				p := post{fate: a.fate}
				for _, id := range a.ids {
					p.activities = append(p.activities, activity{ID: id})
				}
				posts = append(posts, p)
			}
			for engine, faults := range map[string]int{sqlite: tt.serial, postgres: tt.several} {
				r := result{plan: plan{engine: engine}}
				r.judgeOrder(posts)
				require.Len(t, r.broken, faults, "%s: %q", engine, r.broken)
			}
		})
	}
}
