package integration

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"

	"bellman/internal/access"
	"bellman/internal/api/body"
	"bellman/internal/api/loose"
	"bellman/internal/event"
	"bellman/internal/fault"
	"bellman/internal/order"
	"bellman/internal/workspace"
)

func (a *API) orderCalls() []call {
	return []call{
		{method: http.MethodPost, path: "/orders", area: access.AreaContactsWrite, handle: a.addOrders},
		{method: http.MethodDelete, path: "/orders", area: access.AreaContactsWrite, handle: a.deleteOrders},
	}
}

// The sentences of the calls about orders.
var (
	errOrdersMissing = sentence(http.StatusBadRequest, "orders_missing", "Orders must be specified")
	errTooManyOrders = sentence(http.StatusBadRequest, "too_many_orders",
		fmt.Sprintf("At most %d orders per request", order.MaxOrders))
)

// sentOrder is an order with its text, which the answer repeats when it fails.
type sentOrder struct {
	order.Order
	text json.RawMessage
}

type failedOrders struct {
	FailedOrders []failedOrder `json:"failedOrders"`
}

type failedOrder struct {
	Order json.RawMessage `json:"order"`
	Error string          `json:"error"`
}

// addOrders serves POST /orders. An order that cannot be used does not affect the
// others; the answer is empty when there is none.
//
// spec: orders-events
func (a *API) addOrders(w http.ResponseWriter, r *http.Request, workspaceID int64) (any, error) {
	return a.takeOrders(w, r, workspaceID, a.Orders.Record)
}

// deleteOrders serves DELETE /orders, whose body is that of POST with what is known
// of the orders.
func (a *API) deleteOrders(w http.ResponseWriter, r *http.Request, workspaceID int64) (any, error) {
	return a.takeOrders(w, r, workspaceID, a.Orders.Delete)
}

func (a *API) takeOrders(w http.ResponseWriter, r *http.Request, workspaceID int64,
	take func(context.Context, workspace.Workspace, []order.Order) ([]*fault.Error, error),
) (any, error) {
	sent, err := body.DecodeLarge(w, r, decodeOrdersSent)
	if err != nil {
		return nil, err
	}
	home, err := a.Workspaces.Find(r.Context(), workspaceID)
	if err != nil {
		return nil, err
	}
	orders := make([]order.Order, len(sent))
	for i, o := range sent {
		orders[i] = o.Order
	}
	faults, err := take(r.Context(), home, orders)
	return showOrders(sent, faults), err
}

func showOrders(sent []sentOrder, faults []*fault.Error) any {
	var failed []failedOrder
	for i, f := range faults {
		if f != nil {
			failed = append(failed, failedOrder{sent[i].text, f.Error()})
		}
	}
	if len(failed) == 0 {
		return nothing
	}
	return failedOrders{failed}
}

func decodeOrdersSent(v loose.Value) (all []sentOrder, err error) {
	err = v.Members(func(name string, v loose.Value) error {
		if name != "orders" {
			return nil
		}
		all = nil
		return v.Elements(func(_ int, v loose.Value) error {
			if len(all) == order.MaxOrders {
				return errTooManyOrders
			}
			all = append(all, decodeOrder(v))
			return nil
		})
	})
	if err == nil && len(all) == 0 {
		err = errOrdersMissing
	}
	return all, err
}

// decodeOrder reads an order; all that it says is a parameter of its event, as it was
// written. One that cannot be read has a fault.
func decodeOrder(v loose.Value) sentOrder {
	o := sentOrder{text: v.Raw()}
	c := &o.Customer
	err := v.Members(func(name string, v loose.Value) (err error) {
		if v.IsNull() {
			return nil
		}
		switch name {
		case "externalOrderId":
			o.ExternalID, err = v.Text()
		case "status":
			o.Status, err = v.Text()
		case "currency":
			o.Currency, err = v.Text()
		case "date":
			o.At, _, err = v.Time()
		case "totalCost":
			o.HasTotal = true
		case "externalCustomerId":
			err = v.SetText(&c.ExternalCustomerID)
		case "email":
			err = v.SetText(&c.Email)
		case "phone":
			err = v.SetText(&c.Phone)
		case "firstName":
			err = v.SetText(&c.FirstName)
		case "lastName":
			err = v.SetText(&c.LastName)
		}
		o.Params = append(o.Params, event.Param{Name: name, Value: v.Raw()})
		return err
	})
	if err != nil {
		o.Fault = faultOf(err)
	}
	return o
}
