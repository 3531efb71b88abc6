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
	// ContactID is whom it happened to; zero for nobody who is known.
	ContactID int64
	// Key says whose event it is, in the words of whoever reported it.
	Key string
	// Params is a JSON object.
	Params json.RawMessage
	// Past marks history: it was reported afterwards, and nothing follows from it.
	Past       bool
	OccurredAt time.Time
	CreatedAt  time.Time
}

// Type is a kind of events.
type Type struct {
	ID  int64
	Key string
	// CreatedAt is when its first event came in.
	CreatedAt time.Time
}

// Filter says which events to list, newest first.
type Filter struct {
	// Type and ContactID are empty and zero for all.
	Type      string
	ContactID int64
	// Before is the id that the list goes on below.
	Before int64
	Limit  int
}

// Range names past events by when they occurred: From is in it, To is not. A
// zero time is no bound.
type Range struct {
	// Type is the key of the type to delete; empty for all.
	Type     string
	From, To time.Time
}

// Store is what events need to be kept.
type Store interface {
	// Holders returns the contacts that the lookup names. Where several share a
	// phone or an email, the one that is meant comes first.
	Holders(ctx context.Context, workspaceID int64, look Lookup) ([]Holder, error)
	// AppendEvents writes events of one workspace in one transaction, makes the
	// types that there are not, and returns the events' ids in their order.
	AppendEvents(ctx context.Context, workspaceID int64, events []Event, now time.Time) ([]int64, error)
	// Event returns an event, or NotFound.
	Event(ctx context.Context, workspaceID, id int64) (Event, error)
	// Events returns the events that the filter names.
	Events(ctx context.Context, workspaceID int64, f Filter) ([]Event, error)
	// EventTypes returns up to limit types with ids above after, in their order.
	EventTypes(ctx context.Context, workspaceID, after int64, limit int) ([]Type, error)
	// DeletePast removes up to limit past events and returns how many.
	DeletePast(ctx context.Context, workspaceID int64, r Range, limit int) (int, error)
}

// Service takes events in and tells about them.
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

// List returns the events that the filter names, newest first.
func (s *Service) List(ctx context.Context, workspaceID int64, f Filter) ([]Event, error) {
	// No type has such a key, and not every database may be asked for it.
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

// DeletePast deletes past events and returns how many. Others stay: what has
// followed from them would have no cause.
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
