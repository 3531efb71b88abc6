package live

import (
	"cmp"
	"slices"
	"strings"

	"bellman/internal/campaign"
)

// Kind is a kind of things.
type Kind string

// The kinds.
const (
	Campaign Kind = "campaign"
	Message  Kind = "message"
	Contact  Kind = "contact"
	Group    Kind = "group"
	Bot      Kind = "bot"
	Import   Kind = "import"
	Stats    Kind = "stats"
	Webhook  Kind = "webhook"
)

// Kinds returns all kinds.
func Kinds() []Kind { return []Kind{Campaign, Message, Contact, Group, Bot, Import, Stats, Webhook} }

// Change is that something is not what it was.
type Change struct {
	Kind Kind `json:"kind"`
	// ID is the id of the thing, as the management API has it; empty when it is not known which
	// it was, or when there were many.
	ID string
}

// Event is a change, as a reader gets it.
type Event struct {
	Change
	// Campaign is how far the campaign is; nil for what is none, or does not go out.
	Campaign *campaign.Report
}

// manyIDs is how many things of a kind are named at once; of more, only the kind is.
const manyIDs = 64

// set is a bounded set of changes.
type set map[Change]struct{}

func (s set) add(changes ...Change) {
	for _, c := range changes {
		if _, all := s[Change{Kind: c.Kind}]; all {
			continue
		}
		s[c] = struct{}{}
		if c.ID == "" || s.count(c.Kind) > manyIDs {
			for other := range s {
				if other.Kind == c.Kind {
					delete(s, other)
				}
			}
			s[Change{Kind: c.Kind}] = struct{}{}
		}
	}
}

func (s set) count(kind Kind) (n int) {
	for c := range s {
		if c.Kind == kind {
			n++
		}
	}
	return n
}

// sorted returns the changes in an order that does not depend on chance.
func (s set) sorted() []Change {
	all := make([]Change, 0, len(s))
	for c := range s {
		all = append(all, c)
	}
	slices.SortFunc(all, func(a, b Change) int { return cmp.Or(cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.ID, b.ID)) })
	return all
}

// text and changeOf are how processes tell each other of a change.
func (c Change) text() string { return string(c.Kind) + ":" + c.ID }

func changeOf(text string) Change {
	kind, id, _ := strings.Cut(text, ":")
	return Change{Kind(kind), id}
}
