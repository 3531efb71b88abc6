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
	FirstName    string
	LastName     string
	LanguageCode string
	TimeZone     string
	CreatedAt    time.Time
	UpdatedAt    time.Time
}

// Chat is a contact's conversation with one bot.
type Chat struct {
	BotID int64
	// AppUUID is the bot's public id.
	AppUUID   string
	ChatID    int64
	ContactID int64
	CreatedAt time.Time
}

// Snapshot is what the store loads for a decision: every contact and chat that
// the lookup names, as of one moment that lasts until the decision is written.
type Snapshot struct {
	Contacts []Contact
	// Chats are those of the bot in question.
	Chats []Chat
}

// Lookup names the contacts and chats that a decision depends on.
type Lookup struct {
	WorkspaceID int64
	// BotID is the bot whose chats are meant; zero when none are.
	BotID       int64
	ContactIDs  []int64
	ExternalIDs []string
	Phones      []string
	EmailKeys   []string
	ChatIDs     []int64
}

// Plan is what a decision wants written. Contacts without an id are created
// and get one before the chats are written.
type Plan struct {
	Create []*Contact
	Update []*Contact
	Chats  []PlannedChat
}

// PlannedChat is a chat to be recorded on a contact, which may be new.
type PlannedChat struct {
	ChatID  int64
	Contact *Contact
}

// Store is what contact needs to be kept.
type Store interface {
	// Decide loads what the lookup names, lets decide plan, and writes the plan
	// in one transaction. Decisions of one workspace act one after another. It
	// may call decide again when the transaction has to be repeated.
	Decide(ctx context.Context, look Lookup, now time.Time, decide func(Snapshot) (Plan, error)) error
	// Contact returns a contact, or NotFound.
	Contact(ctx context.Context, workspaceID, id int64) (Contact, error)
	// Chats returns the chats of a contact, in no promised order.
	Chats(ctx context.Context, contactID int64) ([]Chat, error)
}

// Service takes contacts and chats in and tells about them.
type Service struct {
	store Store
	now   func() time.Time
}

// New returns a service over the store, with the given clock.
func New(store Store, now func() time.Time) *Service { return &Service{store: store, now: now} }

// Get returns a contact of the workspace and its chats; NotFound when the
// workspace has no such contact.
func (s *Service) Get(ctx context.Context, workspaceID, id int64) (Contact, []Chat, error) {
	c, err := s.store.Contact(ctx, workspaceID, id)
	if err != nil {
		return c, nil, err
	}
	chats, err := s.store.Chats(ctx, id)
	return c, chats, err
}

// Profile is what a caller writes about a contact. A nil field is left alone;
// an empty one is cleared.
type Profile struct {
	ID                 *int64
	ExternalCustomerID *string
	Phone              *string
	Email              *string
	FirstName          *string
	LastName           *string
	LanguageCode       *string
	TimeZone           *string
}

// Save creates or updates one contact and returns it. A given id must exist.
// Without one, the contact is found by externalCustomerId, else by email, else
// by phone; who is found by email or phone and has no externalCustomerId gets
// the one that was sent. Nobody found means a new contact.
func (s *Service) Save(ctx context.Context, workspaceID int64, region string, p Profile) (Contact, error) {
	now := s.now()
	id, err := p.identity(region)
	if err != nil {
		return Contact{}, err
	}
	look := Lookup{WorkspaceID: workspaceID}
	look.add(deref(p.ID), id)
	var saved *Contact
	err = s.store.Decide(ctx, look, now, func(snap Snapshot) (plan Plan, err error) {
		saved, err = p.target(snap, workspaceID, id)
		if err != nil {
			return plan, err
		}
		created := saved.ID == 0
		if created {
			saved.CreatedAt = now
			plan.Create = []*Contact{saved}
		} else {
			plan.Update = []*Contact{saved}
		}
		p.apply(saved, id)
		saved.UpdatedAt = now
		return plan, nil
	})
	if err != nil {
		return Contact{}, err
	}
	return *saved, nil
}

// identity returns the identifiers of p in the form in which they are compared.
func (p Profile) identity(region string) (id Identity, err error) {
	if id.ExternalCustomerID, err = cleanExternalID(deref(p.ExternalCustomerID)); err != nil {
		return id, err
	}
	if id.Phone, err = normalPhone(deref(p.Phone), region); err != nil {
		return id, err
	}
	id.Email, err = normalEmail(deref(p.Email))
	return id, err
}

// target returns the contact that p is about: a copy of a known one, or a new
// one without an id.
func (p Profile) target(snap Snapshot, workspaceID int64, id Identity) (*Contact, error) {
	if p.ID == nil && p.ExternalCustomerID == nil && id.Phone == "" && id.Email == "" {
		return nil, fault.New(fault.Invalid, "identifier_missing",
			"name the contact: an id, an externalCustomerId, or an email or sms channel")
	}
	known := newIndex(snap)
	var found *Contact
	switch {
	case p.ID != nil:
		if found = known.byID[*p.ID]; found == nil {
			return nil, ErrNotFound
		}
	case id.ExternalCustomerID != "" && known.byExternal[id.ExternalCustomerID] != nil:
		found = known.byExternal[id.ExternalCustomerID]
	default:
		found = known.adoptable(id)
	}
	if found == nil {
		return &Contact{WorkspaceID: workspaceID}, nil
	}
	if holder := known.byExternal[id.ExternalCustomerID]; holder != nil && holder.ID != found.ID {
		return nil, fault.New(fault.Conflict, "external_customer_id_taken",
			"contact %d has this externalCustomerId", holder.ID).In("externalCustomerId")
	}
	c := *found
	return &c, nil
}

// apply writes the sent fields of p on c.
func (p Profile) apply(c *Contact, id Identity) {
	set := func(to *string, sent *string, value string) {
		if sent != nil {
			*to = value
		}
	}
	set(&c.ExternalCustomerID, p.ExternalCustomerID, id.ExternalCustomerID)
	set(&c.Phone, p.Phone, id.Phone)
	set(&c.Email, p.Email, id.Email)
	set(&c.FirstName, p.FirstName, deref(p.FirstName))
	set(&c.LastName, p.LastName, deref(p.LastName))
	set(&c.LanguageCode, p.LanguageCode, deref(p.LanguageCode))
	set(&c.TimeZone, p.TimeZone, deref(p.TimeZone))
}

// ErrNotFound is returned for a contact that the workspace does not have.
var ErrNotFound = fault.New(fault.NotFound, "contact_not_found", "there is no contact with this id")

func deref[T any](p *T) (v T) {
	if p != nil {
		v = *p
	}
	return v
}
