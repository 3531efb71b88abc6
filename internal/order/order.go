package order

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"time"

	"bellman/internal/contact"
	"bellman/internal/event"
	"bellman/internal/fault"
	"bellman/internal/workspace"
)

// MaxOrders is how many orders one call may report.
const MaxOrders = 1000

// The types of the events about orders.
const (
	Reported = "order"
	Deleted  = "orderDeleted"
)

// history is the age from which an order is history: it is recorded, and nothing is
// to happen because of it.
const history = 24 * time.Hour

// Order is one order as a shop reports it.
type Order struct {
	// ExternalID is the order's id in the shop.
	ExternalID string
	// Status is a word of the shop's, such as DELIVERED.
	Status string
	// Currency is a code of ISO 4217.
	Currency string
	// At is when it was made.
	At time.Time
	// Customer is who made it: at least one identifier, and the name.
	Customer contact.Profile
	// HasTotal is true when the order says what it costs.
	HasTotal bool
	// Params are all that was said of the order, as parameters of its event.
	Params []event.Param
	// Fault is why the order cannot be read; nil when it can.
	Fault *fault.Error
}

// check returns why the order cannot be used; nil when it can.
func (o Order) check() *fault.Error {
	if o.Fault != nil {
		return o.Fault
	}
	for _, required := range []struct {
		there bool
		name  string
	}{
		{o.ExternalID != "", "externalOrderId"}, {o.Status != "", "status"}, {!o.At.IsZero(), "date"},
		{o.HasTotal, "totalCost"}, {o.Currency != "", "currency"},
	} {
		if !required.there {
			return fault.New(fault.Invalid, "order_incomplete",
				"an order has an externalOrderId, status, date, totalCost and currency").In(required.name)
		}
	}
	return o.named()
}

// named returns a fault for an order that names nobody.
func (o Order) named() *fault.Error {
	for _, identifier := range []*string{o.Customer.ExternalCustomerID, o.Customer.Email, o.Customer.Phone} {
		if identifier != nil && *identifier != "" {
			return nil
		}
	}
	return fault.New(fault.Invalid, "customer_missing", "name the customer: externalCustomerId, email or phone")
}

// Service takes in orders.
type Service struct {
	contacts *contact.Service
	events   *event.Service
	now      func() time.Time
}

// New returns a service over the features that orders are recorded with.
func New(contacts *contact.Service, events *event.Service, now func() time.Time) *Service {
	return &Service{contacts: contacts, events: events, now: now}
}

// Record takes in up to [MaxOrders] orders and returns, for each, why it was not
// recorded; nil for those that were. The customer is found by externalCustomerId,
// phone or email, and created when there is none; who is known is not changed. Each
// order is an event of the type [Reported] about its customer. One that is older than
// a day is marked as history.
//
// spec: orders-events
func (s *Service) Record(ctx context.Context, w workspace.Workspace, orders []Order) ([]*fault.Error, error) {
	return s.record(ctx, w, orders, Reported, Order.check)
}

// Delete takes in that orders are no more, as events of the type [Deleted], as Record
// does. Such an order needs its id and its customer.
func (s *Service) Delete(ctx context.Context, w workspace.Workspace, orders []Order) ([]*fault.Error, error) {
	return s.record(ctx, w, orders, Deleted, func(o Order) *fault.Error {
		switch {
		case o.Fault != nil:
			return o.Fault
		case o.ExternalID == "":
			return fault.New(fault.Invalid, "order_incomplete", "name the order").In("externalOrderId")
		}
		return o.named()
	})
}

func (s *Service) record(
	ctx context.Context, w workspace.Workspace, orders []Order, eventType string, check func(Order) *fault.Error,
) ([]*fault.Error, error) {
	if len(orders) > MaxOrders {
		return nil, fault.New(fault.Invalid, "too_many_orders", "send at most %d orders in one request", MaxOrders).In("orders")
	}
	faults := make([]*fault.Error, len(orders))
	var places []int
	for i, o := range orders {
		if faults[i] = check(o); faults[i] == nil {
			places = append(places, i)
		}
	}
	places, customers, err := s.customers(ctx, w, orders, places, faults)
	if err != nil {
		return nil, err
	}
	now := s.now()
	for part := range slices.Chunk(places, event.MaxItems) {
		items := make([]event.Item, len(part))
		for n, i := range part {
			items[n] = orders[i].event(eventType, customers[i], now)
		}
		results, err := s.events.Add(ctx, w.ID, w.PhoneRegion, items)
		if err != nil {
			return nil, err
		}
		for n, i := range part {
			faults[i] = asFault(results[n].Err)
		}
	}
	return faults, nil
}

// customers finds or creates whose the orders at the places are, and returns the
// contacts by place, with the places that have one.
func (s *Service) customers(
	ctx context.Context, w workspace.Workspace, orders []Order, places []int, faults []*fault.Error,
) (found []int, contacts map[int]int64, err error) {
	contacts = map[int]int64{}
	if len(places) == 0 {
		return nil, contacts, nil
	}
	profiles := make([]contact.Profile, len(places))
	for n, i := range places {
		profiles[n] = orders[i].Customer
	}
	results, err := s.contacts.Import(ctx, w, profiles, contact.ImportOptions{
		DedupeOn: contact.OnEmailOrSMS, Attributes: []contact.Attribute{}, RestoreDeleted: false,
	})
	if err != nil {
		return nil, nil, err
	}
	for n, i := range places {
		if faults[i] = results[n].Fault; faults[i] == nil {
			found, contacts[i] = append(found, i), results[n].ContactID
		}
	}
	return found, contacts, nil
}

func (o Order) event(eventType string, contactID int64, now time.Time) event.Item {
	return event.Item{
		Type: eventType, Key: strconv.FormatInt(contactID, 10), ContactID: contactID, Params: o.Params,
		Past: !o.At.IsZero() && now.Sub(o.At) > history, OccurredAt: o.At,
	}
}

// asFault returns the fault of an event that was refused; events are refused with
// nothing else.
func asFault(err error) *fault.Error {
	f, _ := errors.AsType[*fault.Error](err)
	return f
}
