package imports

import (
	"slices"
)

// Made is what an undo has to know of a part.
type Made struct {
	// At is when the part was written, in unix milliseconds: the contacts that it wrote were
	// changed then.
	At int64 `json:"at"`
	// Created are the contacts that it made.
	Created Runs `json:"new,omitzero"`
	// Again are contacts that may have been made by an earlier part.
	Again []Again `json:"again,omitzero"`
	// Joined are the memberships that are new.
	Joined []Joined `json:"joined,omitzero"`
}

// Again is a contact that was changed.
type Again struct {
	ContactID int64 `json:"id"`
	// Before is when it was changed before, in unix milliseconds.
	Before int64 `json:"before"`
}

// Joined are the contacts that a group has got.
type Joined struct {
	GroupID    int64 `json:"group"`
	ContactIDs Runs  `json:"ids"`
}

// Runs are ids that ascend, in runs: the first one of each, and how many follow one another.
type Runs []int64

// RunsOf returns ids in any order as runs.
func RunsOf(ids []int64) (r Runs) {
	for _, id := range slices.Sorted(slices.Values(ids)) {
		r.Add(id)
	}
	return r
}

// Add adds an id that is above all others.
func (r *Runs) Add(id int64) {
	if n := len(*r); n > 0 && (*r)[n-2]+(*r)[n-1] == id {
		(*r)[n-1]++
		return
	}
	*r = append(*r, id, 1)
}

// Len returns how many ids there are.
func (r Runs) Len() (n int) {
	for i := 1; i < len(r); i += 2 {
		n += int(r[i])
	}
	return n
}

// IDs returns the ids in ascending order.
func (r Runs) IDs() (ids []int64) {
	for i := 0; i+1 < len(r); i += 2 {
		for n := range r[i+1] {
			ids = append(ids, r[i]+n)
		}
	}
	return ids
}

// without returns the ids for which gone is false.
func (r Runs) without(gone func(int64) bool) (rest Runs) {
	for _, id := range r.IDs() {
		if !gone(id) {
			rest.Add(id)
		}
	}
	return rest
}
