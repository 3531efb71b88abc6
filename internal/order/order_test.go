package order_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"bellman/internal/contact"
	"bellman/internal/event"
	"bellman/internal/fault"
	"bellman/internal/order"
	"bellman/internal/store"
	"bellman/internal/store/storetest"
	"bellman/internal/workspace"
)

var (
	home = workspace.Workspace{ID: workspace.Default, PhoneRegion: "UA"}
	now  = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
)

func good() order.Order {
	return order.Order{
		ExternalID: "A-1", Status: "DELIVERED", Currency: "UAH", At: now.Add(-time.Hour), HasTotal: true,
		Customer: contact.Profile{Phone: new("0501234567")}, Params: []event.Param{event.TextParam("status", "DELIVERED")},
	}
}

func TestOrders(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		clock := func() time.Time { return now }
		contacts, events := contact.New(db.Contacts, clock), event.New(db.Events, clock)
		orders := order.New(contacts, events, clock)
		record := func(changes ...func(o *order.Order)) []string {
			var sent []order.Order
			for _, change := range changes {
				o := good()
				change(&o)
				sent = append(sent, o)
			}
			faults, err := orders.Record(t.Context(), home, sent)
			require.NoError(t, err)
			fields := make([]string, len(faults))
			for i, f := range faults {
				if f != nil {
					fields[i] = f.Code + " " + f.Field
				}
			}
			return fields
		}
		require.Equal(t, []string{
			"", "", "order_incomplete externalOrderId", "order_incomplete status", "order_incomplete date", "order_incomplete totalCost",
			"order_incomplete currency", "customer_missing ", "phone_invalid phone", "x ", "occurred_invalid occurred",
		}, record(
			func(*order.Order) {},
			func(o *order.Order) { o.At = now.Add(-24*time.Hour - time.Second) },
			func(o *order.Order) { o.ExternalID = "" },
			func(o *order.Order) { o.Status = "" },
			func(o *order.Order) { o.At = time.Time{} },
			func(o *order.Order) { o.HasTotal = false },
			func(o *order.Order) { o.Currency = "" },
			func(o *order.Order) { o.Customer = contact.Profile{FirstName: new("Olena"), Phone: new("")} },
			func(o *order.Order) { o.Customer.Phone = new("none") },
			func(o *order.Order) { o.Fault = fault.New(fault.Invalid, "x", "unreadable") },
			func(o *order.Order) { o.At = now.Add(48 * time.Hour) },
		))
		list := func(eventType string) []event.Event {
			all, err := events.List(t.Context(), home.ID, event.Filter{Type: eventType, Before: 1 << 50, Limit: 10})
			require.NoError(t, err)
			return all
		}
		told := list(order.Reported)
		require.Len(t, told, 2)
		require.Equal(t, []bool{true, false}, []bool{told[0].Past, told[1].Past}, "an old one is history")
		require.Equal(t, told[0].ContactID, told[1].ContactID)
		customer, _, err := contacts.Get(t.Context(), home.ID, told[0].ContactID)
		require.NoError(t, err)
		require.Equal(t, "+380501234567", customer.Phone)

		faults, err := orders.Delete(t.Context(), home, []order.Order{
			{ExternalID: "A-1", Customer: good().Customer}, {Customer: good().Customer}, {ExternalID: "A-1"},
			{Fault: fault.New(fault.Invalid, "x", "")},
		})
		require.NoError(t, err)
		require.Nil(t, faults[0])
		for _, f := range faults[1:] {
			require.NotNil(t, f)
		}
		require.Len(t, list(order.Deleted), 1)

		_, err = orders.Record(t.Context(), home, make([]order.Order, order.MaxOrders+1))
		require.True(t, fault.Is(err, "too_many_orders"), err)
		faults, err = orders.Record(t.Context(), home, nil)
		require.NoError(t, err)
		require.Empty(t, faults)
	})
}
