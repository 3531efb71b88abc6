package manage

import (
	"context"
	"encoding/json"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"bellman/internal/event"
)

type eventView struct {
	ID           int64           `json:"id" example:"1"`
	EventTypeKey string          `json:"eventTypeKey" doc:"What has happened." example:"orderPaid"`
	KeyValue     string          `json:"keyValue" doc:"Whose event it is, as it was told." example:"C-1001"`
	ContactID    int64           `json:"contactId,omitempty" doc:"Whom it happened to; absent for nobody who is known." example:"1"`
	Params       json.RawMessage `json:"params" doc:"Its parameters: an object."`
	Past         bool            `json:"past,omitempty" doc:"It was told as history: nothing follows from it."`
	OccurredAt   instant         `json:"occurred"`
	CreatedAt    instant         `json:"createdAt" doc:"When it was told."`
}

func viewEvent(e event.Event) eventView {
	return eventView{
		ID: e.ID, EventTypeKey: e.Type, KeyValue: e.Key, ContactID: e.ContactID, Params: e.Params, Past: e.Past,
		OccurredAt: utc(e.OccurredAt), CreatedAt: utc(e.CreatedAt),
	}
}

type eventTypeView struct {
	ID           int64   `json:"id" example:"1"`
	EventTypeKey string  `json:"eventTypeKey" example:"orderPaid"`
	CreatedAt    instant `json:"createdAt" doc:"When its first event was told."`
}

func viewEventType(t event.Type) eventTypeView {
	return eventTypeView{ID: t.ID, EventTypeKey: t.Key, CreatedAt: utc(t.CreatedAt)}
}

type addEventInput struct {
	Body struct {
		EventTypeKey string     `json:"eventTypeKey" doc:"What has happened: 1 to 100 characters. A new key makes a new type." example:"orderPaid"`
		KeyValue     string     `json:"keyValue,omitempty" doc:"Whose event it is: an email, your own id, a phone or a contact's id, up to 300 characters. Without it, the first of the parameters contactId, externalCustomerId, email, phone and pushToken." example:"C-1001"`
		Params       object     `json:"params,omitempty" doc:"Anything about it, up to 20 KiB. When parameters of the five names above name a contact, it is that contact's event."`
		Past         bool       `json:"past,omitempty" doc:"It is history: nothing is to follow from it."`
		OccurredAt   *time.Time `json:"occurred,omitempty" doc:"When it happened; without it, now." example:"2026-03-01T09:00:00Z"`
	}
}

type listEventsInput struct {
	Paging
	ContactID    int64  `query:"contactId" minimum:"1" maximum:"9007199254740991" doc:"Only what happened to this contact." example:"1"`
	EventTypeKey string `query:"eventTypeKey" doc:"Only events of this type." example:"orderPaid"`
}

type deleteEventsInput struct {
	EventTypeKey string    `query:"eventTypeKey" doc:"Only events of this type." example:"orderPaid"`
	From         time.Time `query:"from" doc:"Only what happened then or later." example:"2026-01-01T00:00:00Z"`
	To           time.Time `query:"to" doc:"Only what happened before." example:"2026-02-01T00:00:00Z"`
}

type deletedView struct {
	Deleted int `json:"deleted" doc:"How many there were." example:"500"`
}

func (a *API) events() {
	register(a, huma.Operation{
		OperationID: "add-event", Method: http.MethodPost, Path: "/events", Tags: []string{"events"},
		Summary: "Tell of an event", Description: "It is bound to the contact that its parameters or its key name, and kept when there is none.",
		DefaultStatus: http.StatusCreated,
	}, a.addEvent)
	register(a, huma.Operation{
		OperationID: "list-events", Method: http.MethodGet, Path: "/events", Tags: []string{"events"},
		Summary: "List events", Description: "Newest first.",
	}, a.listEvents)
	register(a, huma.Operation{
		OperationID: "get-event", Method: http.MethodGet, Path: "/events/{id}", Tags: []string{"events"},
		Summary: "Get an event",
	}, a.getEvent)
	register(a, huma.Operation{
		OperationID: "list-event-types", Method: http.MethodGet, Path: "/event-types", Tags: []string{"events"},
		Summary: "List the types of events", Description: "Oldest first.",
	}, a.listEventTypes)
	register(a, huma.Operation{
		OperationID: "delete-past-events", Method: http.MethodDelete, Path: "/past-events", Tags: []string{"events"},
		Summary: "Delete events that were told as history", Description: "All of them, or those of a type and a time. Other events stay.",
	}, a.deletePastEvents)
}

func (a *API) addEvent(ctx context.Context, workspaceID int64, in *addEventInput) (*answer[eventView], error) {
	workspace, err := a.Workspaces.Find(ctx, workspaceID)
	if err != nil {
		return nil, err
	}
	params, err := event.ParamsOf(json.RawMessage(in.Body.Params))
	if err != nil {
		return nil, err
	}
	item := event.Item{Type: in.Body.EventTypeKey, Key: in.Body.KeyValue, Params: params, Past: in.Body.Past}
	if in.Body.OccurredAt != nil {
		item.OccurredAt = *in.Body.OccurredAt
	}
	results, err := a.Events.Add(ctx, workspaceID, workspace.PhoneRegion, []event.Item{item})
	if err != nil {
		return nil, err
	}
	if results[0].Err != nil {
		return nil, results[0].Err
	}
	return told(a.Events.Get(ctx, workspaceID, results[0].ID))
}

func told(e event.Event, err error) (*answer[eventView], error) {
	if err != nil {
		return nil, err
	}
	return &answer[eventView]{viewEvent(e)}, nil
}

func (a *API) getEvent(ctx context.Context, workspaceID int64, in *ByID) (*answer[eventView], error) {
	return told(a.Events.Get(ctx, workspaceID, in.ID))
}

func (a *API) listEvents(ctx context.Context, workspaceID int64, in *listEventsInput) (*answer[page[eventView]], error) {
	before, err := in.before()
	if err != nil {
		return nil, err
	}
	events, err := a.Events.List(ctx, workspaceID, event.Filter{
		Type: in.EventTypeKey, ContactID: in.ContactID, Before: before, Limit: in.more(),
	})
	if err != nil {
		return nil, err
	}
	return paged(in.Paging, events, func(e event.Event) int64 { return e.ID }, viewEvent), nil
}

func (a *API) listEventTypes(ctx context.Context, workspaceID int64, in *Paging) (*answer[page[eventTypeView]], error) {
	after, err := in.after()
	if err != nil {
		return nil, err
	}
	types, err := a.Events.Types(ctx, workspaceID, after, in.more())
	if err != nil {
		return nil, err
	}
	return paged(*in, types, func(t event.Type) int64 { return t.ID }, viewEventType), nil
}

func (a *API) deletePastEvents(ctx context.Context, workspaceID int64, in *deleteEventsInput) (*answer[deletedView], error) {
	n, err := a.Events.DeletePast(ctx, workspaceID, event.Range{Type: in.EventTypeKey, From: in.From, To: in.To})
	if err != nil {
		return nil, err
	}
	return &answer[deletedView]{deletedView{n}}, nil
}
