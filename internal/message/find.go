package message

import (
	"cmp"
	"context"
	"slices"
	"strings"
)

// Order is the order of a list of messages: by a value, or backwards with a minus before
// it. Messages whose values are the same are in the order of their ids.
type Order string

// The orders of messages. The default, empty, is newest first.
const (
	NewestFirst Order = ""
	ByName      Order = "name"
	ByCreation  Order = "createdAt"
	ByUpdate    Order = "updatedAt"
)

// Back returns the order backwards.
func (o Order) Back() Order { return "-" + o }

// Place is where a message stands in an order.
type Place struct {
	// Text is its folded name in an order by name, At the milliseconds of its time in one
	// by time.
	Text string
	At   int64
	ID   int64
}

// Place returns where a message stands in the order. fold returns the form in which names
// are compared.
func (o Order) Place(m Message, fold func(string) string) Place {
	switch strings.TrimPrefix(string(o), "-") {
	case string(ByName):
		return Place{ID: m.ID, Text: fold(m.Name)}
	case string(ByCreation):
		return Place{ID: m.ID, At: m.CreatedAt.UnixMilli()}
	case string(ByUpdate):
		return Place{ID: m.ID, At: m.UpdatedAt.UnixMilli()}
	}
	return Place{ID: m.ID}
}

// Compare compares two places in the order, as [cmp.Compare] does.
func (o Order) Compare(a, b Place) int {
	if o == NewestFirst || strings.HasPrefix(string(o), "-") {
		a, b = b, a
	}
	return cmp.Or(cmp.Compare(a.Text, b.Text), cmp.Compare(a.At, b.At), cmp.Compare(a.ID, b.ID))
}

// Filter says which messages to find, and in which order.
type Filter struct {
	// Search is a part of the names wanted, in any case; empty for all. With InText it may
	// be a part of a text, too, and else a whole tag.
	Search string
	InText bool
	// Tags are tags of which a message has to have one, in any case; nil for all.
	Tags []string
	// Order is that of the list, After the place behind which it begins; nil for its
	// beginning.
	Order Order
	After *Place
	// Offset is how many to pass over, Limit how many to return at most.
	Offset int64
	Limit  int
	// Total asks for how many there are on all pages.
	Total bool
}

// Newest reports whether the filter wants nothing but the next ones of all, newest first.
func (f Filter) Newest() bool {
	return f.Search == "" && len(f.Tags) == 0 && f.Order == NewestFirst && f.Offset == 0 && !f.Total
}

// Find returns the messages that the filter names, and how many there are on all pages if
// it asks for that.
func (s *Service) Find(ctx context.Context, workspaceID int64, f Filter) (messages []Message, total int64, err error) {
	return s.store.FindMessages(ctx, workspaceID, f)
}

// Texts returns the text of each version.
func (c Content) Texts() []string {
	texts := []string{c.Text}
	for _, v := range c.versions()[1:] {
		texts = append(texts, v.Text)
	}
	return slices.DeleteFunc(texts, func(text string) bool { return text == "" })
}
