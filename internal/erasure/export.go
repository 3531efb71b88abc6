package erasure

import (
	"context"
	"iter"
	"time"

	"bellman/internal/audience"
	"bellman/internal/campaign"
	"bellman/internal/contact"
	"bellman/internal/event"
	"bellman/internal/imports"
	"bellman/internal/track"
)

// Record is a contact with what is kept of it in few rows.
type Record struct {
	Contact contact.Contact
	// Fields define the custom fields of the workspace.
	Fields []contact.Field
	// Chats are the contact's. Those that a deletion took, and that return with it, are
	// Kept.
	Chats, Kept []contact.Chat
	// Groups are those whose member it is, or would be again.
	Groups []audience.Group
}

// Delivery is a message to a contact, or a change of one.
type Delivery struct {
	CampaignID   int64
	CampaignName string
	Kind         campaign.Kind
	Action       campaign.Action
	MessageID    int64
	MessageName  string
	State        campaign.State
	// RequestID and Label name the send of a triggered message; Data is a JSON object
	// that was given with it.
	RequestID, Label string
	Data             []byte
	campaign.Delivery
}

// Waiting is what a webhook has not been told yet.
type Waiting struct {
	WebhookID  int64
	Status     string
	CampaignID int64
	At         time.Time
}

// Imported is what imports keep of a contact: a row that waits, or by what one that was
// imported was recognised.
type Imported struct {
	Session string
	// Waits is nil for one that was imported.
	Waits *contact.Profile
	imports.Mapped
}

// Answered is an answer under an idempotency key that tells of a contact. Others may be in
// it.
type Answered struct {
	Key string
	At  time.Time
}

// ExportStore is what exports need of the database. What there may be much of is read in
// pages: each begins at the place where the one before has ended, and the last one ends
// in another stage.
type ExportStore interface {
	// Record returns a contact of the workspace, deleted ones included, or NotFound.
	Record(ctx context.Context, workspaceID, contactID int64) (Record, error)
	// Deliveries returns messages: of the stage [Sends] triggered ones, of [Broadcasts]
	// the others.
	Deliveries(ctx context.Context, b Batch) ([]Delivery, Place, error)
	// Happened returns events: of the stage [Events] those of the contact, of [Loose] those
	// of nobody that name it.
	Happened(ctx context.Context, b Batch) ([]event.Event, Place, error)
	// Clicked returns clicks and presses, Waiting what webhooks are to be told, Imported what
	// imports keep, and Answered the answers that tell of the contact.
	Clicked(ctx context.Context, b Batch) ([]track.Click, Place, error)
	Waiting(ctx context.Context, b Batch) ([]Waiting, Place, error)
	Imported(ctx context.Context, b Batch) ([]Imported, Place, error)
	Answered(ctx context.Context, b Batch) ([]Answered, Place, error)
}

// Exporter exports what is kept of contacts.
type Exporter struct {
	store ExportStore
}

// NewExporter returns an exporter over the store.
func NewExporter(store ExportStore) *Exporter { return &Exporter{store} }

// An Export is all that is kept of one contact. What is long is read while it is ranged
// over, a page at a time.
type Export struct {
	Record
	store ExportStore
	batch Batch
}

// Open returns the export of a contact, deleted ones included; NotFound when there is
// none. region is that of the workspace, in which phones without a country code are read.
func (x *Exporter) Open(ctx context.Context, workspaceID, contactID int64, region string) (*Export, error) {
	r, err := x.store.Record(ctx, workspaceID, contactID)
	if err != nil {
		return nil, err
	}
	var chats []Chat
	for _, of := range [][]contact.Chat{r.Chats, r.Kept} {
		for _, c := range of {
			chats = append(chats, Chat{c.BotID, c.ChatID})
		}
	}
	b := Batch{WorkspaceID: workspaceID, Region: region, People: []Person{PersonOf(r.Contact, chats)}}
	return &Export{Record: r, store: x.store, batch: b}, nil
}

// Deliveries are the messages that went to the contact, or are to: triggered ones, then
// broadcasts, each in the order of their campaigns.
func (x *Export) Deliveries(ctx context.Context) iter.Seq2[Delivery, error] {
	return both(paged(ctx, x.batch, Sends, x.store.Deliveries), paged(ctx, x.batch, Broadcasts, x.store.Deliveries))
}

// Events are those of the contact, in the order in which they were recorded, then those
// that name it and were recorded before it was known.
func (x *Export) Events(ctx context.Context) iter.Seq2[event.Event, error] {
	return both(paged(ctx, x.batch, Events, x.store.Happened), paged(ctx, x.batch, Loose, x.store.Happened))
}

// Clicks are those of the contact.
func (x *Export) Clicks(ctx context.Context) iter.Seq2[track.Click, error] {
	return paged(ctx, x.batch, Clicks, x.store.Clicked)
}

// Waiting is what webhooks have not been told yet.
func (x *Export) Waiting(ctx context.Context) iter.Seq2[Waiting, error] {
	return paged(ctx, x.batch, Outbox, x.store.Waiting)
}

// Imports are what imports keep of it.
func (x *Export) Imports(ctx context.Context) iter.Seq2[Imported, error] {
	return paged(ctx, x.batch, Imports, x.store.Imported)
}

// Answers are those under idempotency keys that tell of it.
func (x *Export) Answers(ctx context.Context) iter.Seq2[Answered, error] {
	return paged(ctx, x.batch, Answers, x.store.Answered)
}

// paged ranges over all pages of a stage.
func paged[T any](ctx context.Context, b Batch, stage Stage, read func(context.Context, Batch) ([]T, Place, error)) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		var none T
		for b.Place = (Place{Stage: stage}); b.Stage == stage; {
			page, next, err := read(ctx, b)
			if err != nil {
				yield(none, err)
				return
			}
			for _, v := range page {
				if !yield(v, nil) {
					return
				}
			}
			b.Place = next
		}
	}
}

func both[T any](first, second iter.Seq2[T, error]) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		on := true
		first(func(v T, err error) bool {
			on = yield(v, err) && err == nil
			return on
		})
		if on {
			second(yield)
		}
	}
}
