package event

import (
	"context"

	"bellman/internal/contact"
	"bellman/internal/fault"
)

// MaxItems is how many events one call may report.
const MaxItems = 500

// Result is the result for an item: an event, bound to a contact or, with a
// ContactID of zero, to none; or an Invalid fault when nothing was stored.
type Result struct {
	ID        int64
	ContactID int64
	Err       error
}

// Add takes up to [MaxItems] events and returns the result for each, in their
// order. A refused event does not affect the others. Phones without a country code
// are read in the region, an ISO code such as "UA".
//
// An event is bound to the contact that its parameters name, tried by priority
// (contactId, externalCustomerId, email, phone, pushToken), because their names say
// what they are. When none of them names a contact, the key is tried: as an email,
// an externalCustomerId, a phone or a contact id.
func (s *Service) Add(ctx context.Context, workspaceID int64, region string, items []Item) ([]Result, error) {
	if len(items) > MaxItems {
		return nil, fault.New(fault.Invalid, "too_many_events", "one call takes at most %d events: make several calls", MaxItems).In("events")
	}
	var (
		now     = s.now()
		read    = contact.Reader{Region: region}
		results = make([]Result, len(items))
		events  []Event
		claims  []claim
		// places holds the indexes of the events' items.
		places []int
	)
	for i, item := range items {
		e, err := item.event(workspaceID, now)
		if err != nil {
			results[i].Err = err
			continue
		}
		events, claims, places = append(events, e), append(claims, item.claim(e.Key, read)), append(places, i)
	}
	if len(events) == 0 {
		return results, nil
	}
	if err := s.bind(ctx, workspaceID, events, claims); err != nil {
		return nil, err
	}
	ids, err := s.store.AppendEvents(ctx, workspaceID, events, now)
	if err != nil {
		return nil, err
	}
	for n, i := range places {
		results[i] = Result{ID: ids[n], ContactID: events[n].ContactID}
	}
	return results, nil
}
