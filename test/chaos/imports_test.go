package main

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestImportFaults(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		// spoil changes what is all right.
		spoil  func(*imported)
		faults int
	}{
		"all right":   {spoil: func(*imported) {}},
		"taken twice": {spoil: func(i *imported) { i.sessions = append(i.sessions, session{status: "FINISHED", updated: 3}) }},
		"created by a call that was not answered": {spoil: func(i *imported) {
			i.unanswered, i.sessions = 1, []session{{status: "FINISHED", created: 1, updated: 2}}
		}},
		"skipped by one that follows": {spoil: func(i *imported) {
			i.sessions = append(i.sessions, session{status: "FINISHED", skipped: 3})
		}},
		"not ended":       {spoil: func(i *imported) { i.sessions[0].status = "IMPORTING" }, faults: 1},
		"failed":          {spoil: func(i *imported) { i.sessions[0].status = "ERROR" }, faults: 1},
		"somebody failed": {spoil: func(i *imported) { i.sessions[0].failed++ }, faults: 1},
		"somebody unaccounted for": {
			spoil:  func(i *imported) { i.unanswered, i.sessions[0].created = 1, 2 },
			faults: 1,
		},
		"created by nobody": {
			spoil:  func(i *imported) { i.sessions[0].created, i.sessions[0].updated = 2, 1 },
			faults: 1,
		},
		"created twice": {
			spoil: func(i *imported) {
				i.sessions = append(i.sessions, session{status: "FINISHED", created: 1, updated: 2})
			},
			faults: 1,
		},
		"one member too few":       {spoil: func(i *imported) { i.members = i.members[1:] }, faults: 2},
		"one member too many":      {spoil: func(i *imported) { i.members = append(i.members, 9) }, faults: 2},
		"a member twice":           {spoil: func(i *imported) { i.members[0] = i.members[1] }, faults: 2},
		"a person without event":   {spoil: func(i *imported) { i.subjects = i.subjects[1:] }, faults: 1},
		"two events of one person": {spoil: func(i *imported) { i.subjects = append(i.subjects, 7) }, faults: 1},
		"an event of another":      {spoil: func(i *imported) { i.subjects[0] = 9 }, faults: 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			i := imported{
				bulk: bulk{people: 3}, sessions: []session{{status: "FINISHED", created: 3}},
				members: []int64{5, 6, 7}, subjects: []int64{7, 6, 5},
			}
			tt.spoil(&i)
			var r result
			r.judgeImports([]imported{i})
			require.Len(t, r.broken, tt.faults, "%q", r.broken)
			require.Equal(t, len(i.sessions), r.imports)
		})
	}
}
