package contact

import (
	"context"
	"time"

	"bellman/internal/fault"
)

// Contact is a person.
type Contact struct {
	ID          int64
	WorkspaceID int64
	Identity
	FirstName string
	LastName  string
	// LanguageCode is a BCP 47 tag, such as uk or pt-BR.
	LanguageCode string
	// TimeZone is the name of an IANA time zone, such as Europe/Kyiv.
	TimeZone string
	Address  Address
	// ContactKey is a text of the customer's own; Bellman does not interpret it.
	ContactKey string
	Orders     Orders
	// Fields are the values of custom fields, by the field's id, in the form that
	// [Type] describes. They must not be changed in place.
	Fields map[int64]string
	// Devices are the push tokens on record, in no promised order. They must not be
	// changed in place.
	Devices []Device
	// Subscriptions are the keys of the chosen categories.
	Subscriptions []string
	// UnsubscribedAt is when the email was put on the list of those that want no
	// mail; zero when it is not on it.
	UnsubscribedAt time.Time
	CreatedAt      time.Time
	UpdatedAt      time.Time
	// DeletedAt is when the contact was deleted; zero for a living one. A deleted
	// contact keeps its row, so that it can be restored. It has no chats and is in no
	// group; those that it had return with it.
	DeletedAt time.Time
}

// Address is a person's address, as it was given.
type Address struct {
	Region   string
	Town     string
	Address  string
	Postcode string
}

// Orders sums up what a person has bought.
type Orders struct {
	// LastAt is the time of the last order; zero when there is none.
	LastAt time.Time
	Count  int64
}

// living reports whether the contact has not been deleted.
func (c *Contact) living() bool { return c.DeletedAt.IsZero() }

// Snapshot is what the store loads for a decision: every contact and chat that the
// lookup names. It stays true until the decision is written.
type Snapshot struct {
	// Contacts includes deleted ones. Fields and Devices are loaded when the lookup
	// asks for details.
	Contacts []Contact
	// Chats are those of the lookup's bot.
	Chats []Chat
	// Kept are chats with the bot that the deleted ones of the contacts had.
	Kept []Chat
}

// Lookup names the contacts and chats that a decision depends on.
type Lookup struct {
	WorkspaceID int64
	// BotID is the bot whose chats are meant; zero for no chats.
	BotID       int64
	ContactIDs  []int64
	ExternalIDs []string
	Phones      []string
	EmailKeys   []string
	DeviceKeys  []string
	ChatIDs     []int64
	// FieldID is the custom field to which the values FieldKeys belong; see
	// [MatchKey].
	FieldID   int64
	FieldKeys []string
	// Details is true when custom fields and devices are to be loaded too.
	Details bool
	// Sharers is true when all are meant who hold a phone or email of a contact that
	// is found. Those of deleted contacts, which may be restored, always are.
	Sharers bool
	// Removes is true for a decision that may delete or erase contacts, Erases for one that
	// may erase them.
	Removes, Erases bool
}

// add extends the lookup by everything that one item or profile names.
func (l *Lookup) add(contactID int64, id Identity) {
	if contactID != 0 {
		l.ContactIDs = append(l.ContactIDs, contactID)
	}
	if id.ExternalCustomerID != "" {
		l.ExternalIDs = append(l.ExternalIDs, id.ExternalCustomerID)
	}
	if id.Phone != "" {
		l.Phones = append(l.Phones, id.Phone)
	}
	if id.Email != "" {
		l.EmailKeys = append(l.EmailKeys, EmailKey(id.Email))
	}
}

// Plan is what a decision wants written. Contacts without an id are created and get
// their ids before the rest is written.
type Plan struct {
	Create []*Contact
	// Update writes contacts. One that was deleted, and is no more, gets back the chats
	// that nobody else has, and the groups that still exist.
	Update []*Contact
	// Delete hides contacts: they lose their chats and leave their groups, for as long
	// as they are deleted.
	Delete []*Contact
	// Erase removes contacts, deleted or not, for good, and leaves a note of each by which
	// what else there is of the person is removed.
	Erase []*Contact
	// Remove removes contacts of whom there is nothing but what their rows say, for good.
	Remove  []*Contact
	Fields  []PlannedField
	Devices []PlannedDevices
	Chats   []PlannedChat
	// Imported returns the result for each item of an import, once the contacts
	// have their ids; nil for a decision that is no import.
	Imported func() []ImportResult
}

// PlannedField is a value of a custom field to be written; an empty value is
// removed.
type PlannedField struct {
	Contact *Contact
	FieldID int64
	Value   string
}

// PlannedDevices replaces all devices of a contact.
type PlannedDevices struct {
	Contact *Contact
	Devices []Device
}

// PlannedChat is a chat to be recorded on a contact, which may be new.
type PlannedChat struct {
	ChatID  int64
	Contact *Contact
}

// Store is what contact needs of the database.
type Store interface {
	ChatStore
	FieldStore
	FindStore
	// Decide loads what the lookup names, lets decide plan, and writes the plan
	// in one transaction. Decisions that name the same people act one after another.
	// It may call decide again when the transaction has to be repeated.
	Decide(ctx context.Context, look Lookup, now time.Time, decide func(Snapshot) (Plan, error)) error
	// Named returns the contacts, deleted ones too, that the lookup names, without
	// their details.
	Named(ctx context.Context, look Lookup) ([]Contact, error)
	// Contact returns a living contact, or NotFound.
	Contact(ctx context.Context, workspaceID, id int64) (Contact, error)
	// ContactsByID returns the living contacts among the ids, ordered by id.
	ContactsByID(ctx context.Context, workspaceID int64, ids []int64) ([]Contact, error)
	// Contacts returns a span of the living contacts that pass the filter, and how
	// many pass it in all.
	Contacts(ctx context.Context, workspaceID int64, f Filter, span Span) ([]Contact, int64, error)
	// Emails returns the emails of the living contacts that have one.
	Emails(ctx context.Context, workspaceID int64, ids []int64) ([]Email, error)
	// Subscribed returns how many living contacts have chosen each set of
	// categories, which is a JSON list; contacts that have chosen none are left
	// out.
	Subscribed(ctx context.Context, workspaceID int64) (map[string]int64, error)
}

// Service manages contacts and chats.
type Service struct {
	store Store
	now   func() time.Time
}

// New returns a service over the store, with the given clock.
func New(store Store, now func() time.Time) *Service {
	return &Service{store: store, now: func() time.Time { return now().UTC().Truncate(time.Millisecond) }}
}

// Get returns a contact of the workspace and its chats; NotFound when the
// workspace has no such contact, or it was deleted.
func (s *Service) Get(ctx context.Context, workspaceID, id int64) (Contact, []Chat, error) {
	c, err := s.store.Contact(ctx, workspaceID, id)
	if err != nil {
		return c, nil, err
	}
	chats, err := s.store.Chats(ctx, []int64{id})
	return c, chats, err
}

// ErrNotFound is returned for a contact that the workspace does not have.
var ErrNotFound = fault.New(fault.NotFound, "contact_not_found", "there is no contact with this id")

func deref[T any](p *T) (v T) {
	if p != nil {
		v = *p
	}
	return v
}
