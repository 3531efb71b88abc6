package contact

import (
	"context"
	"slices"
	"strings"
	"time"

	"bellman/internal/fault"
	"bellman/internal/workspace"
)

// MaxPage is how many contacts a page may have.
const MaxPage = 500

// Filter narrows a list of contacts; an empty member does not count. A contact must
// match all the others.
type Filter struct {
	ExternalCustomerID string
	// Phone is in E.164 once the filter is clean.
	Phone string
	// Email, FirstName and LastName are compared whole, without regard to case.
	Email     string
	FirstName string
	LastName  string
}

// Page is a part of a list of contacts.
type Page struct {
	Contacts []Contact
	// Chats are the chats of those contacts, by the contact's id.
	Chats map[int64][]Chat
	// Total is the number of contacts that pass the filter, on any page.
	Total int64
}

// Position is that of a contact in the list by update. The zero position is before
// all contacts.
type Position struct {
	UpdatedAt time.Time
	ID        int64
}

// Position returns that of the contact.
func (c *Contact) Position() Position { return Position{c.UpdatedAt, c.ID} }

// Span is a part of a list of contacts.
type Span struct {
	// ByID orders the list by id. Else it is by update: those who were left alone for
	// longest come first, and of those with one time the smallest ids. Then whoever
	// changes while the list is read moves to its end. Lists with a filter are by
	// update.
	ByID bool
	// After is the contact after which the span begins, in the order by update.
	After Position
	// Offset is how many contacts are left out from there on. A list by update is
	// walked over for them.
	Offset int64
	Limit  int
}

// List returns a span of the contacts that pass the filter. By id any depth takes
// the same time. A limit of other than 1 to [MaxPage], a negative offset, and a
// malformed phone or email are Invalid.
//
// spec: contact-sort
func (s *Service) List(ctx context.Context, w workspace.Workspace, f Filter, span Span) (Page, error) {
	if span.Limit < 1 || span.Limit > MaxPage {
		return Page{}, fault.New(fault.Invalid, "limit_invalid", "ask for 1 to %d contacts at once", MaxPage).In("limit")
	}
	if span.Offset < 0 {
		return Page{}, fault.New(fault.Invalid, "offset_invalid", "begin at the first contact or behind it").In("offset")
	}
	id, err := Reader{w.PhoneRegion}.Identity(f.ExternalCustomerID, f.Phone, f.Email)
	if err != nil {
		return Page{}, err
	}
	f.ExternalCustomerID, f.Phone, f.Email = id.ExternalCustomerID, id.Phone, id.Email
	contacts, total, err := s.store.Contacts(ctx, w.ID, f, span)
	if err != nil {
		return Page{}, err
	}
	return s.page(ctx, contacts, total)
}

func (s *Service) page(ctx context.Context, contacts []Contact, total int64) (Page, error) {
	out := Page{Contacts: contacts, Chats: map[int64][]Chat{}, Total: total}
	ids := make([]int64, len(contacts))
	for i, c := range contacts {
		ids[i] = c.ID
	}
	chats, err := s.store.Chats(ctx, ids)
	for _, chat := range chats {
		out.Chats[chat.ContactID] = append(out.Chats[chat.ContactID], chat)
	}
	return out, err
}

// Terms are the beginnings that a search looks for; an empty one does not count.
type Terms struct {
	ExternalCustomerID string
	// Phones are the possible readings of the text as a phone or its beginning;
	// each begins with a plus sign.
	Phones []string
	// EmailKey is in the form of [EmailKey].
	EmailKey string
	// Names are one or two words in the form of [Fold]. Two are the first and the
	// last name, in either order.
	Names []string
}

// Empty reports whether there are no terms: all contacts match.
func (t Terms) Empty() bool { return t.ExternalCustomerID == "" }

// newTerms reads the text of a search field.
func newTerms(text string, read Reader) Terms {
	text = strings.TrimSpace(text)
	if text == "" {
		return Terms{}
	}
	t := Terms{ExternalCustomerID: text, EmailKey: EmailKey(text), Names: strings.Fields(Fold(text))}
	if len(t.Names) > 2 {
		t.Names = []string{Fold(text)}
	}
	if begun := bare(text); !strings.ContainsFunc(begun, notPhone) {
		t.Phones = []string{"+" + strings.TrimPrefix(digits(begun), "00")}
	}
	// A complete number may lack its country code.
	if whole, err := read.Phone(text); err == nil && !slices.Contains(t.Phones, whole) {
		t.Phones = append(t.Phones, whole)
	}
	return t
}

// Email is the email of a contact.
type Email struct {
	ContactID int64
	Email     string
}

// Emails returns the emails of those of the contacts that have one, ordered by id.
// Unknown ids are left out. More than [MaxImport] ids are Invalid.
func (s *Service) Emails(ctx context.Context, workspaceID int64, ids []int64) ([]Email, error) {
	if len(ids) > MaxImport {
		return nil, fault.New(fault.Invalid, "too_many_ids", "ask for at most %d contacts at once", MaxImport).In("ids")
	}
	return s.store.Emails(ctx, workspaceID, ids)
}
