package manage

import (
	"context"
	"encoding/json"
	"errors"
	"iter"
	"maps"
	"net/http"
	"reflect"
	"slices"
	"strconv"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"bellman/internal/contact"
	"bellman/internal/erasure"
	"bellman/internal/track"
)

type erasureView struct {
	ContactID int64    `json:"contactId" example:"1"`
	State     string   `json:"state" enum:"erasing,erased" doc:"erasing: nobody finds the contact any more and nothing is sent to it, but rows elsewhere are still being cleaned. erased: nothing is left."`
	AskedAt   instant  `json:"askedAt"`
	ErasedAt  *instant `json:"erasedAt,omitempty" doc:"When nothing was left."`
}

type erasureOutput struct {
	Status int
	Body   erasureView
}

func viewErasure(e erasure.Erasure) erasureView {
	v := erasureView{ContactID: e.ContactID, State: "erasing", AskedAt: utc(e.AskedAt), ErasedAt: moment(e.DoneAt)}
	if e.Done() {
		v.State = "erased"
	}
	return v
}

// The members of an export, in their order.
type exportView struct {
	Contact    ProfileView        `json:"contact"`
	DeletedAt  *instant           `json:"deletedAt,omitempty" doc:"When the contact was deleted; it can be restored with what is here."`
	Fields     []namedValueView   `json:"fields" nullable:"false" doc:"Its custom fields, with their names."`
	KeptChats  []ChatView         `json:"keptChats" nullable:"false" doc:"The chats that a deleted contact gets again when it is restored."`
	Groups     []exportGroupView  `json:"groups" nullable:"false" doc:"Of which it is a member, or would be again."`
	Deliveries []exportedDelivery `json:"deliveries" nullable:"false" doc:"The messages that went to it, or are to: triggered ones, then broadcasts."`
	Events     []eventView        `json:"events" nullable:"false" doc:"Its events, orders among them; then those that name it and were recorded when nobody knew it."`
	Clicks     []exportedClick    `json:"clicks" nullable:"false" doc:"The links that it followed, and the buttons that it pressed."`
	Waiting    []waitingView      `json:"waiting" nullable:"false" doc:"What webhooks have not been told of it yet."`
	Imports    []importedView     `json:"imports" nullable:"false" doc:"What imports keep of it."`
	Answers    []answeredView     `json:"answers" nullable:"false" doc:"The idempotency keys whose answers tell of it. They are kept for 24 hours, and may tell of others, too."`
}

type namedValueView struct {
	ID    int64  `json:"id" example:"1"`
	Key   string `json:"key" example:"card"`
	Name  string `json:"name" example:"Card"`
	Value string `json:"value" example:"gold"`
}

type exportGroupView struct {
	ID   int64  `json:"id" example:"1"`
	Name string `json:"name" example:"Regulars"`
}

type exportedDelivery struct {
	CampaignID        int64           `json:"campaignId" example:"7"`
	CampaignName      string          `json:"campaignName" example:"Sale"`
	Kind              string          `json:"kind" enum:"broadcast,triggered"`
	Action            string          `json:"action" enum:"send,edit,delete" doc:"What was done: the message sent, put in the place of an earlier one, or deleted."`
	MessageID         int64           `json:"messageId" example:"3"`
	MessageName       string          `json:"messageName" example:"Sale"`
	RequestID         string          `json:"requestId,omitempty" doc:"Of a triggered message."`
	ExternalRequestID string          `json:"externalRequestId,omitempty" doc:"Your own name for the send." example:"order-4711"`
	Data              json.RawMessage `json:"data,omitempty" doc:"What was given with a triggered message: a JSON object."`
	LanguageCode      string          `json:"languageCode,omitempty" doc:"The language that was asked for." example:"uk"`
	DeliveryView
}

type exportedClick struct {
	CampaignID int64   `json:"campaignId" example:"7"`
	ID         string  `json:"id"`
	Kind       string  `json:"kind" enum:"link,press"`
	Link       int     `json:"link" doc:"The place of the link in the message; without meaning for a press."`
	Target     string  `json:"target,omitempty" doc:"Where a personal link led. That of others stands in the message."`
	Agent      string  `json:"agent,omitempty" doc:"The family of the browser." example:"Chrome"`
	Press      string  `json:"press,omitempty" doc:"Telegram's id of the press."`
	Data       string  `json:"data,omitempty" doc:"What the button sent." example:"yes"`
	At         instant `json:"at"`
}

type waitingView struct {
	WebhookID  int64   `json:"webhookId" example:"1"`
	Status     string  `json:"status" example:"DELIVERED"`
	CampaignID int64   `json:"campaignId" example:"7"`
	At         instant `json:"at"`
}

type importedView struct {
	ImportID     string       `json:"importId"`
	Waits        *contactBody `json:"waits,omitempty" doc:"A row that waits to be imported."`
	RecognisedBy string       `json:"recognisedBy,omitempty" doc:"By what a row was recognised that was imported." example:"C-1001"`
}

type answeredView struct {
	IdempotencyKey string  `json:"idempotencyKey" example:"order-4711-paid"`
	At             instant `json:"at"`
}

func (a *API) erasures() {
	data := a.huma.OpenAPI().Components.Schemas.Schema(reflect.TypeFor[exportView](), true, "ContactExport")
	register(a, huma.Operation{
		OperationID: "export-contact", Method: http.MethodGet, Path: contactsPath + "/{id}/export", Tags: []string{"contacts"},
		Summary: "Export all that is kept of a contact",
		Description: "A deleted contact, too. The answer is written while it is read, in bounded memory, whatever its size: 100,000 " +
			"deliveries are some 30 MB. All recipients of broadcasts since the contact was made are looked through, some millions a second. " +
			"Should the database fail meanwhile, the connection ends in the middle of the JSON: an answer that parses is whole. " +
			"Texts of messages stand in the messages, by their ids.",
		Responses: map[string]*huma.Response{"200": {
			Description: "All that is kept of the contact.", Content: map[string]*huma.MediaType{"application/json": {Schema: data}},
		}},
	}, a.exportContact)
	register(a, huma.Operation{
		OperationID: "erase-contact", Method: http.MethodPost, Path: contactsPath + "/{id}/erase", Tags: []string{"contacts"},
		Summary: "Erase a contact for good",
		Description: "From the answer on nobody finds the contact, deleted ones included, and nothing is sent to it. Everything that leads to " +
			"the person is removed everywhere in the minutes after, while the answer is 202; then it is 200. It can be asked for any number of " +
			"times, with an empty body. Counts and sums stay as they are. What cannot be reached (backups, logs, systems that were told by " +
			"webhooks, files yet to be imported) is listed in the operator's manual.",
		DefaultStatus: http.StatusAccepted,
	}, a.eraseContact)
	responses := a.huma.OpenAPI().Paths[contactsPath+"/{id}/erase"].Post.Responses
	responses["200"] = &huma.Response{Description: "Nothing of the person is left.", Content: responses["202"].Content}
	register(a, huma.Operation{
		OperationID: "get-erasure", Method: http.MethodGet, Path: contactsPath + "/{id}/erase", Tags: []string{"contacts"},
		Summary: "See how far an erasure is", Description: "A 404 when nobody has asked for it.",
	}, a.getErasure)
}

func (a *API) eraseContact(ctx context.Context, workspaceID int64, in *ByID) (*erasureOutput, error) {
	e, err := a.Erasures.Erase(ctx, workspaceID, in.ID)
	if err != nil {
		return nil, err
	}
	status := http.StatusAccepted
	if e.Done() {
		status = http.StatusOK
	}
	return &erasureOutput{status, viewErasure(e)}, nil
}

func (a *API) getErasure(ctx context.Context, workspaceID int64, in *ByID) (*answer[erasureView], error) {
	e, err := a.Erasures.Erasure(ctx, workspaceID, in.ID)
	if err != nil {
		return nil, err
	}
	return &answer[erasureView]{viewErasure(e)}, nil
}

func (a *API) exportContact(ctx context.Context, workspaceID int64, in *ByID) (*huma.StreamResponse, error) {
	w, err := a.Workspaces.Find(ctx, workspaceID)
	if err != nil {
		return nil, err
	}
	x, err := a.Exports.Open(ctx, workspaceID, in.ID, w.PhoneRegion)
	if err == nil {
		err = a.Audit.Tell(ctx)
	}
	if err != nil {
		return nil, err
	}
	return &huma.StreamResponse{Body: func(c huma.Context) {
		_, w := humago.Unwrap(c)
		w.Header().Set("Content-Type", "application/json")
		w.Header().Set("Content-Disposition", `attachment; filename="contact-`+strconv.FormatInt(in.ID, 10)+`.json"`)
		out := &exportWriter{w: w, conn: http.NewResponseController(w)}
		if err := out.export(ctx, x); err != nil {
			if ctx.Err() == nil {
				a.Log.ErrorContext(ctx, "an export ended in the middle", "contact", in.ID, "error", err)
			}
			// A client must not take what it has for all there is.
			panic(http.ErrAbortHandler)
		}
	}}, nil
}

// exportWriter writes an object, a member at a time.
type exportWriter struct {
	w       http.ResponseWriter
	conn    *http.ResponseController
	members int
	moved   time.Time
}

func (o *exportWriter) export(ctx context.Context, x *erasure.Export) error {
	for _, part := range []func() error{
		func() error { return o.head(x) },
		func() error { return list(o, "deliveries", x.Deliveries(ctx), viewExportedDelivery) },
		func() error {
			return list(o, "events", x.Events(ctx), viewEvent)
		},
		func() error { return list(o, "clicks", x.Clicks(ctx), viewExportedClick) },
		func() error { return list(o, "waiting", x.Waiting(ctx), viewWaiting) },
		func() error { return list(o, "imports", x.Imports(ctx), viewImported) },
		func() error {
			return list(o, "answers", x.Answers(ctx), func(k erasure.Answered) answeredView { return answeredView{k.Key, utc(k.At)} })
		},
		func() error { return o.write([]byte("\n}\n")) },
	} {
		if err := part(); err != nil {
			return err
		}
	}
	return nil
}

// head writes what is short.
func (o *exportWriter) head(x *erasure.Export) error {
	fields, groups := make([]namedValueView, 0, len(x.Contact.Fields)), make([]exportGroupView, 0, len(x.Groups))
	for _, f := range x.Fields {
		if value, ok := x.Contact.Fields[f.ID]; ok {
			fields = append(fields, namedValueView{f.ID, f.Key, f.Name, value})
		}
	}
	for _, g := range x.Groups {
		groups = append(groups, exportGroupView{g.ID, g.Name})
	}
	for _, m := range []struct {
		name  string
		value any
	}{
		{"contact", viewProfile(x.Contact, x.Chats)}, {"deletedAt", moment(x.Contact.DeletedAt)},
		{"fields", fields}, {"keptChats", viewChats(x.Kept)}, {"groups", groups},
	} {
		if m.name == "deletedAt" && x.Contact.DeletedAt.IsZero() {
			continue
		}
		text, err := json.Marshal(m.value)
		if err != nil {
			return err
		}
		if err := o.member(m.name, text); err != nil {
			return err
		}
	}
	return nil
}

func (o *exportWriter) member(name string, begin []byte) error {
	before := ",\n"
	if o.members == 0 {
		before = "{\n"
	}
	o.members++
	return o.write(append([]byte(before+`"`+name+`":`), begin...))
}

// write gives the client time for what is written: the server's own time-out is meant for
// answers that are ready.
func (o *exportWriter) write(text []byte) error {
	if now := time.Now(); now.Sub(o.moved) > streamWrite/4 {
		if err := o.conn.SetWriteDeadline(now.Add(exportWait)); err != nil && !errors.Is(err, http.ErrNotSupported) {
			return err
		}
		o.moved = now
	}
	_, err := o.w.Write(text)
	return err
}

// exportWait is for how long a client may take nothing, or the database look, before an
// export ends.
const exportWait = time.Minute

// list writes a member that is a list, as it is read.
func list[T, V any](o *exportWriter, name string, all iter.Seq2[T, error], view func(T) V) error {
	if err := o.member(name, []byte("[")); err != nil {
		return err
	}
	separator := "\n"
	for v, err := range all {
		if err != nil {
			return err
		}
		text, err := json.Marshal(view(v))
		if err != nil {
			return err
		}
		if err := o.write(append([]byte(separator), text...)); err != nil {
			return err
		}
		separator = ",\n"
	}
	return o.write([]byte("]"))
}

func viewExportedDelivery(d erasure.Delivery) exportedDelivery {
	return exportedDelivery{
		CampaignID: d.CampaignID, CampaignName: d.CampaignName, Kind: string(d.Kind), Action: string(d.Action),
		MessageID: d.MessageID, MessageName: d.MessageName,
		RequestID: d.RequestID, ExternalRequestID: d.Label, Data: json.RawMessage(d.Data), LanguageCode: d.Language,
		DeliveryView: viewDelivery(d.Delivery),
	}
}

func viewExportedClick(c track.Click) exportedClick {
	kind := "link"
	if c.Press != "" {
		kind = "press"
	}
	return exportedClick{c.CampaignID, c.ID, kind, c.Link, c.Target, c.Agent, c.Press, c.Data, utc(c.At)}
}

func viewWaiting(w erasure.Waiting) waitingView {
	return waitingView{w.WebhookID, w.Status, w.CampaignID, utc(w.At)}
}

func viewImported(i erasure.Imported) importedView {
	v := importedView{ImportID: i.Session, RecognisedBy: i.Value}
	if i.Waits != nil {
		v.Waits = new(bodyOf(*i.Waits))
	}
	return v
}

// bodyOf returns a profile as a request would have it.
func bodyOf(p contact.Profile) contactBody {
	b := contactBody{
		ExternalCustomerID: p.ExternalCustomerID, Phone: p.Phone, Email: p.Email, FirstName: p.FirstName, LastName: p.LastName,
		LanguageCode: p.LanguageCode, TimeZone: p.TimeZone, ContactKey: p.ContactKey,
		Address: addressBody{Region: p.Region, Town: p.Town, Address: p.Address, Postcode: p.Postcode},
	}
	if p.Orders != nil {
		b.Orders = &ordersView{moment(p.Orders.LastAt), p.Orders.Count}
	}
	for _, id := range slices.Sorted(maps.Keys(p.Fields)) {
		b.Fields = append(b.Fields, valueView{id, p.Fields[id]})
	}
	for _, d := range p.Devices {
		b.Devices = append(b.Devices, viewDevice(d))
	}
	return b
}
