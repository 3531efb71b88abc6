package audit

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strconv"
)

// Sum returns the SHA-256, in hex, of the hash of the line before and all other fields but
// the own hash. Each field is written as its length in bytes, a space, and itself, so that
// no two lines are the same text.
func (e Entry) Sum() string {
	h := sha256.New()
	number := func(n int64) string { return strconv.FormatInt(n, 10) }
	for _, field := range []string{
		e.Previous, number(e.ID), number(e.WorkspaceID), number(e.At.UnixMilli()), string(e.Actor.Kind), number(e.Actor.ID), e.Actor.Name,
		e.Address, e.Act, e.Subject, e.Outcome, e.Before, e.After,
	} {
		// Writing to a hash does not fail.
		_, _ = fmt.Fprintf(h, "%d %s", len(field), field)
	}
	return hex.EncodeToString(h.Sum(nil))
}

// Head is what is known of the chain beside its lines.
type Head struct {
	// FirstID is the id of the first line that is kept, Before the hash of the line before
	// it; empty when nothing was removed yet.
	FirstID int64
	Before  string
	// LastID and LastHash are those of the newest line: of an empty chain, one below
	// FirstID, and Before.
	LastID   int64
	LastHash string
}

// Report is what a check has found.
type Report struct {
	// Lines is how many lines fit, one behind the other.
	Lines int64
	// Head is the chain's at the begin of the check.
	Head Head
	// BrokenID is the first line that does not fit, and Why says why; zero when all do.
	BrokenID int64
	Why      string
}

// Good reports whether every line fits.
func (r Report) Good() bool { return r.BrokenID == 0 }

// walk follows the chain, line by line.
type walk struct {
	Report
	nextID   int64
	previous string
}

func newWalk(h Head) *walk {
	return &walk{Report: Report{Head: h}, nextID: h.FirstID, previous: h.Before}
}

// all looks at the lines that come next, and reports whether there are any and each fits.
func (w *walk) all(lines []Entry) bool {
	if len(lines) == 0 {
		return w.broken("it is missing")
	}
	for _, e := range lines {
		if !w.add(e) {
			return false
		}
	}
	return true
}

// add looks at the next line, and reports whether it fits.
func (w *walk) add(e Entry) bool {
	switch {
	case e.ID != w.nextID:
		return w.broken("it is missing")
	case e.Previous != w.previous:
		return w.broken("it was made behind another line than the one before it")
	case e.Sum() != e.Hash:
		return w.broken("it is not as it was written")
	}
	w.Lines, w.nextID, w.previous = w.Lines+1, e.ID+1, e.Hash
	return true
}

// end reports whether the chain ends where its head says.
func (w *walk) end() bool {
	if w.previous != w.Head.LastHash || w.nextID != w.Head.LastID+1 {
		return w.broken("the line before it is not the one that the chain ends with")
	}
	return true
}

func (w *walk) broken(why string) bool {
	w.BrokenID, w.Why = w.nextID, why
	return false
}
