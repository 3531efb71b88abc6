package contact

import (
	"context"
	"slices"
	"time"

	"bellman/internal/fault"
	"bellman/internal/workspace"
)

// Query selects contacts for people who look through them. An empty member does not
// count; a contact must match all the others.
type Query struct {
	// Search is the beginning of an externalCustomerId, a phone, an email, a first or a last
	// name; or, in two words, those of both names.
	Search string
	// GroupIDs wants members of one of these groups.
	GroupIDs []int64
	// BotID wants those who have a chat with the bot; with Chat, one that stands there.
	BotID int64
	// Chat is where a chat stands, with the bot or, without one, with any.
	Chat ChatState
	// Languages wants one of these language codes.
	Languages []string
	// Field compares a custom field.
	Field FieldTest
	// Lacks wants those who have none of these values.
	Lacks []Lack
	// CreatedFrom and CreatedTo are when a contact was made: then or later, and before.
	CreatedFrom, CreatedTo time.Time
}

// Lack is a value, but for custom fields, that a contact may be without.
type Lack string

// Lacks are all of them, as the management API names them.
var Lacks = []Lack{"externalCustomerId", "phone", "email", "firstName", "lastName", "languageCode", "timeZone"}

// ChatState is where a contact stands with bots.
type ChatState string

// The states of chats. There is none of those who have left: their chats are not kept.
const (
	// ChatActive is said of a chat to which everything is sent.
	ChatActive ChatState = "active"
	// ChatMuted is said of one to which no broadcast is sent for now.
	ChatMuted ChatState = "muted"
	// ChatInactive is said of one that gets nothing.
	ChatInactive ChatState = "inactive"
	// NoChat is said of a contact without a chat.
	NoChat ChatState = "none"
)

// State returns where the chat stands at the time.
func (c Chat) State(now time.Time) ChatState {
	switch {
	case c.Inactive:
		return ChatInactive
	case c.MutedUntil.After(now):
		return ChatMuted
	}
	return ChatActive
}

// FieldTest compares the value of a custom field; the field 0 compares nothing.
type FieldTest struct {
	ID int64
	Op FieldOp
	// Value is what is compared with; without meaning for [FieldSet] and [FieldUnset].
	Value string
}

// FieldOp is a way to compare values.
type FieldOp string

// The ways to compare the values of custom fields.
const (
	// FieldEquals wants the same value.
	FieldEquals FieldOp = "equals"
	// FieldAtLeast and FieldAtMost compare numbers and dates.
	FieldAtLeast FieldOp = "atLeast"
	FieldAtMost  FieldOp = "atMost"
	// FieldSet wants any value, FieldUnset none.
	FieldSet   FieldOp = "set"
	FieldUnset FieldOp = "unset"
)

// Selection is a query as the store takes it: its text is read, its value clean.
type Selection struct {
	Query
	Terms Terms
	// Num is what Field.Value is compared by.
	Num float64
	// Now is the time at which chats are muted or not.
	Now time.Time
}

// Everybody reports whether all contacts are selected.
func (s *Selection) Everybody() bool { return !s.OfContacts() && !s.OfChats() }

// OfContacts reports whether something is asked of the contacts themselves, and not of
// their chats alone.
func (s *Selection) OfContacts() bool {
	return !s.Terms.Empty() || len(s.GroupIDs) > 0 || len(s.Languages) > 0 || s.Field.ID != 0 ||
		len(s.Lacks) > 0 || !s.CreatedFrom.IsZero() || !s.CreatedTo.IsZero()
}

// OfChats reports whether something is asked of the chats.
func (s *Selection) OfChats() bool { return s.BotID != 0 || s.Chat != "" }

// OfTerms reports whether the text of a search is all that is asked.
func (s *Selection) OfTerms() bool {
	rest := *s
	rest.Terms = Terms{}
	return !s.Terms.Empty() && rest.Everybody()
}

// OfGroup returns the one group whose members are all that is asked for; zero for any
// other selection.
func (s *Selection) OfGroup() int64 {
	rest := *s
	rest.GroupIDs = nil
	if len(s.GroupIDs) != 1 || !rest.Everybody() {
		return 0
	}
	return s.GroupIDs[0]
}

// Order is that of a list of contacts: by their ids, which is that in which they were
// made, or by their update.
type Order struct{ ByUpdate, Descending bool }

// NewestFirst has those who were made last first.
var NewestFirst = Order{Descending: true}

// Behind reports whether a comes behind b.
func (o Order) Behind(a, b Position) bool {
	if o.Descending {
		a, b = b, a
	}
	if o.ByUpdate && !a.UpdatedAt.Equal(b.UpdatedAt) {
		return a.UpdatedAt.After(b.UpdatedAt)
	}
	return a.ID > b.ID
}

// Count is a number of contacts; About says that it is reckoned from a part of them.
type Count struct {
	N     int64
	About bool
}

// FindStore is what contact needs of the store to select contacts.
type FindStore interface {
	// Find returns the positions of up to limit contacts that are selected, in the order,
	// behind a position, which is nil for the beginning, and where the list goes on, nil
	// at its end: a call looks through a bounded number of contacts, so that there may
	// be fewer than limit before it.
	Find(ctx context.Context, workspaceID int64, sel Selection, o Order, after *Position, limit int) ([]Position, *Position, error)
	// Count returns how many contacts are selected: exactly, where that is cheap.
	Count(ctx context.Context, workspaceID int64, sel Selection) (Count, error)
}

// Find returns up to limit contacts that the query selects, in the order, behind a
// position, which is nil for the beginning; and where the list goes on, nil at its end.
// Whatever is asked, a call takes a bounded time: when few among many match, there may be
// fewer than limit contacts, or none, before the list goes on. An unknown field, and a
// value or an operator that its type does not have, are Invalid. The page has no total.
func (s *Service) Find(ctx context.Context, w workspace.Workspace, q Query, o Order, after *Position, limit int) (Page, *Position, error) {
	found, next, err := s.Select(ctx, w, q, o, after, limit)
	if err != nil {
		return Page{}, nil, err
	}
	ids := make([]int64, len(found))
	place := make(map[int64]int, len(found))
	for i, p := range found {
		ids[i], place[p.ID] = p.ID, i
	}
	contacts, err := s.store.ContactsByID(ctx, w.ID, ids)
	if err != nil {
		return Page{}, nil, err
	}
	slices.SortFunc(contacts, func(a, b Contact) int { return place[a.ID] - place[b.ID] })
	page, err := s.page(ctx, contacts, 0)
	return page, next, err
}

// Select is [Service.Find] for those who need the positions alone.
func (s *Service) Select(
	ctx context.Context, w workspace.Workspace, q Query, o Order, after *Position, limit int,
) ([]Position, *Position, error) {
	sel, err := s.selection(ctx, w, q)
	if err != nil {
		return nil, nil, err
	}
	return s.store.Find(ctx, w.ID, sel, o, after, limit)
}

// Count returns how many contacts the query selects: exactly, where that is cheap, else
// reckoned from a sample. It is Invalid where [Service.Find] is.
func (s *Service) Count(ctx context.Context, w workspace.Workspace, q Query) (Count, error) {
	sel, err := s.selection(ctx, w, q)
	if err != nil {
		return Count{}, err
	}
	return s.store.Count(ctx, w.ID, sel)
}

// selection reads a query.
func (s *Service) selection(ctx context.Context, w workspace.Workspace, q Query) (Selection, error) {
	sel := Selection{Query: q, Terms: newTerms(q.Search, Reader{w.PhoneRegion}), Now: s.now()}
	for i, code := range q.Languages {
		clean, err := cleanLanguage(code)
		if err != nil {
			return sel, err
		}
		if i == 0 {
			sel.Languages = nil
		}
		sel.Languages = append(sel.Languages, clean)
	}
	for _, a := range q.Lacks {
		if !slices.Contains(Lacks, a) {
			return sel, fault.New(fault.Invalid, "lack_unknown", "contacts have no %q", a).In("lacks")
		}
	}
	if q.Field.ID == 0 {
		return sel, nil
	}
	types, err := s.fieldTypes(ctx, w.ID)
	if err != nil {
		return sel, err
	}
	return sel, sel.readField(types)
}

// readField checks what is asked of a custom field.
func (s *Selection) readField(types fieldTypes) (err error) {
	kind, known := types[s.Field.ID]
	if !known {
		return fault.New(fault.Invalid, "field_unknown", "there is no custom field %d", s.Field.ID).In("fieldId")
	}
	switch s.Field.Op {
	case FieldSet, FieldUnset:
		return nil
	case FieldAtLeast, FieldAtMost:
		if kind != Number && kind != Date {
			return fault.New(fault.Invalid, "field_op_invalid", "only numbers and dates can be at least or at most something").In("fieldOp")
		}
	case FieldEquals:
	default:
		return fault.New(fault.Invalid, "field_op_invalid", "write equals, atLeast, atMost, set or unset").In("fieldOp")
	}
	value, ok := kind.clean(s.Field.Value)
	if !ok || value == "" {
		return fault.New(fault.Invalid, "field_value_invalid", "custom field %d takes %s", s.Field.ID, kind.takes()).In("fieldValue")
	}
	s.Field.Value = value
	s.Num, _ = Num(value)
	return nil
}
