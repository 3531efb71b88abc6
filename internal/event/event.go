package event

import (
	"context"
	"encoding/json"
	"time"

	"bellman/internal/fault"
)

// Event is something that has happened, once.
type Event struct {
	ID          int64
	WorkspaceID int64
	// Type is the key of the event's type.
	Type string
	// ContactID is the contact that it happened to; zero for none that is known.
	ContactID int64
	// Key says whose event it is, in the words of the system that reported it.
	Key string
	// Params is a JSON object.
	Params json.RawMessage
	// Past marks history: it was reported afterwards and has no consequences.
	Past       bool
	OccurredAt time.Time
	CreatedAt  time.Time
}

// Type is a kind of events.
type Type struct {
	ID  int64
	Key string
	// CreatedAt is when its first event was recorded.
	CreatedAt time.Time
}

// Filter selects the events to list, newest first.
type Filter struct {
	// Type and ContactID are empty and zero for all.
	Type      string
	ContactID int64
	// Before is the id below which the list continues.
	Before int64
	Limit  int
}

// Range selects past events by when they occurred: From is included, To is not. A
// zero time is no limit.
type Range struct {
	// Type is the key of the type to delete; empty for all.
	Type     string
	From, To time.Time
}

// Store is what events need of the database.
type Store interface {
	// Holders returns the contacts that the lookup names. When several share a
	// phone or an email, the preferred one comes first.
	Holders(ctx context.Context, workspaceID int64, look Lookup) ([]Holder, error)
	// AppendEvents writes events of one workspace in one transaction, creates the
	// missing types, and returns the events' ids in their order.
	AppendEvents(ctx context.Context, workspaceID int64, events []Event, now time.Time) ([]int64, error)
	// Event returns an event, or NotFound.
	Event(ctx context.Context, workspaceID, id int64) (Event, error)
	// Events returns the events that the filter selects.
	Events(ctx context.Context, workspaceID int64, f Filter) ([]Event, error)
	// EventTypes returns up to limit types with ids above after, in their order.
	EventTypes(ctx context.Context, workspaceID, after int64, limit int) ([]Type, error)
	// DeletePast removes up to limit past events and returns how many it removed.
	DeletePast(ctx context.Context, workspaceID int64, r Range, limit int) (int, error)
}

// Service records events and lists them.
type Service struct {
	store Store
	now   func() time.Time
}

// New returns a service over the store, with the given clock.
func New(store Store, now func() time.Time) *Service { return &Service{store: store, now: now} }

// ErrNotFound is returned for an event that the workspace does not have.
var ErrNotFound = fault.New(fault.NotFound, "event_not_found", "there is no event with this id")

// Get returns an event; NotFound when the workspace has no such event.
func (s *Service) Get(ctx context.Context, workspaceID, id int64) (Event, error) {
	return s.store.Event(ctx, workspaceID, id)
}

// List returns the events that the filter selects, newest first.
func (s *Service) List(ctx context.Context, workspaceID int64, f Filter) ([]Event, error) {
	// No type has such a key, and not every database accepts it in a query.
	if !allowed(f.Type) {
		return nil, nil
	}
	return s.store.Events(ctx, workspaceID, f)
}

// Types returns up to limit types of events with ids above after, in their
// order.
func (s *Service) Types(ctx context.Context, workspaceID, after int64, limit int) ([]Type, error) {
	return s.store.EventTypes(ctx, workspaceID, after, limit)
}

// chunk is how many events are deleted in one transaction, so that nobody waits
// long for it.
const chunk = 5000

// DeletePast deletes past events and returns how many. Other events stay, because
// they may have had consequences.
func (s *Service) DeletePast(ctx context.Context, workspaceID int64, r Range) (int, error) {
	if !allowed(r.Type) {
		return 0, nil
	}
	deleted := 0
	for {
		n, err := s.store.DeletePast(ctx, workspaceID, r, chunk)
		deleted += n
		if err != nil || n < chunk {
			return deleted, err
		}
	}
}
