package erasure

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"bellman/internal/contact"
	"bellman/internal/fault"
	"bellman/internal/loop"
)

// Settle is how long after it was asked for an erasure waits with all but imports: by
// then every transaction has ended that began before the contact was gone, and every
// request that had found it.
const Settle = 2 * time.Minute

// Patience is for how long an erasure waits for what became of messages that are on the
// wire, counted from when it was asked for. The sender of a bot may be gone for good.
const Patience = time.Hour

// An Erasure is that of one contact.
type Erasure struct {
	ContactID int64
	AskedAt   time.Time
	// DoneAt is when nothing of the person was left; zero until then.
	DoneAt time.Time
}

// Done reports whether nothing of the person is left.
func (e Erasure) Done() bool { return !e.DoneAt.IsZero() }

// Stage is a part of an erasure, which may take many pieces.
type Stage int

// The stages, in their order.
const (
	// Imports is what waits to be imported, and what was said of it. No import of the
	// workspace goes on until it is over.
	Imports Stage = iota
	Events
	// Loose are events that name nobody who is known.
	Loose
	Clicks
	// Sends are triggered messages, Broadcasts those that went to many.
	Sends
	Broadcasts
	// Outbox is what webhooks have not been told yet, Attempts what they were told.
	Outbox
	Attempts
	// Keys are those of addressees, Answers those to requests with an idempotency key.
	Keys
	Answers
	// Finished is the end.
	Finished
)

// Place is where an erasure goes on: behind a row of its stage, whose key is in the
// other fields. The zero value is the beginning.
type Place struct {
	Stage Stage  `json:"s,omitzero"`
	Low   int64  `json:"a,omitzero"`
	High  int64  `json:"b,omitzero"`
	Key   string `json:"k,omitzero"`
}

// Then returns the beginning of the next stage.
func (p Place) Then() Place { return Place{Stage: p.Stage + 1} }

// A Batch is erasures of one workspace that have come equally far: they go on together,
// so that what has to be read for one is read once for all.
type Batch struct {
	WorkspaceID int64
	// Region is the workspace's, in which phones without a country code are read.
	Region string
	Place
	People []Person
}

// ErrInFlight is returned for a piece that has to wait: a message to one of the people is
// on the wire.
var ErrInFlight = errors.New("erasure: a message is on the wire")

// ErrNotFound is returned for a contact that nobody has asked to erase.
var ErrNotFound = fault.New(fault.NotFound, "erasure_not_found", "nobody has asked to erase a contact with this id")

// Store is what erasures need of the database. Any number of processes may call it at
// once.
type Store interface {
	// Erasure returns the erasure of a contact of the workspace; NotFound when there is
	// none.
	Erasure(ctx context.Context, workspaceID, contactID int64) (Erasure, error)
	// NextErasures returns up to limit erasures that have come equally far, of those
	// that have only begun, or were asked for before the given time; those that were
	// asked for first. ok is false when there are none.
	NextErasures(ctx context.Context, before time.Time, limit int) (b Batch, ok bool, err error)
	// EraseSome does the next piece, and moves the erasures behind it in the same
	// transaction. When another process has moved them, it does nothing. Messages that
	// were asked for after waiting are waited for, with [ErrInFlight].
	EraseSome(ctx context.Context, b Batch, now, waiting time.Time) error
}

// Contacts removes contacts.
type Contacts interface {
	// Delete removes a contact, for good with erase; NotFound when there is none.
	Delete(ctx context.Context, workspaceID, id int64, erase bool) error
}

const (
	// every is how often [Service.Run] looks when nobody wakes it.
	every = 5 * time.Second
	// together is how many erasures go on together.
	together = 100
	// rest is how often as long as a piece took the next one is waited for, and
	// leastRest the shortest wait: what is removed is in nobody's way.
	rest      = 2
	leastRest = 2 * time.Millisecond
)

// Service erases contacts.
type Service struct {
	store    Store
	contacts Contacts
	now      func() time.Time
	log      *slog.Logger
	asked    loop.Signal
}

// New returns a service over the store, with the given clock.
func New(store Store, contacts Contacts, now func() time.Time, log *slog.Logger) *Service {
	return &Service{store: store, contacts: contacts, now: now, log: log, asked: loop.NewSignal()}
}

// Erase begins to erase a contact, deleted ones included, and returns how far that is.
// A contact that is erased already, or is being erased, stays so. NotFound means that
// there has never been such a contact in the workspace.
func (s *Service) Erase(ctx context.Context, workspaceID, contactID int64) (Erasure, error) {
	deleted := s.contacts.Delete(ctx, workspaceID, contactID, true)
	if deleted != nil && !errors.Is(deleted, contact.ErrNotFound) {
		return Erasure{}, deleted
	}
	e, err := s.store.Erasure(ctx, workspaceID, contactID)
	if errors.Is(err, ErrNotFound) {
		return e, contact.ErrNotFound
	}
	s.asked.Send()
	return e, err
}

// Erasure returns how far the erasure of a contact is; NotFound when nobody has asked
// for it.
func (s *Service) Erasure(ctx context.Context, workspaceID, contactID int64) (Erasure, error) {
	return s.store.Erasure(ctx, workspaceID, contactID)
}

// Run erases what was asked for until the context ends. Any number of processes may run
// it. Errors of the database are logged, and it goes on at the next turn.
func (s *Service) Run(ctx context.Context) {
	loop.Every(ctx, every, s.asked, s.Turn, func(err error) {
		s.log.ErrorContext(ctx, "people who are being erased are erased later", "error", err)
	})
}

// Turn does what there is to do now.
func (s *Service) Turn(ctx context.Context) error {
	return loop.All(ctx, func(ctx context.Context) (more bool, err error) {
		began := s.now()
		b, ok, err := s.store.NextErasures(ctx, began.Add(-Settle), together)
		if err != nil || !ok {
			return false, err
		}
		err = s.store.EraseSome(ctx, b, began, began.Add(-Patience))
		if errors.Is(err, ErrInFlight) {
			return false, nil
		}
		loop.Pause(ctx, max(leastRest, rest*s.now().Sub(began)))
		return true, err
	})
}
