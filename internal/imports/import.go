package imports

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"time"

	"bellman/internal/audience"
	"bellman/internal/contact"
	"bellman/internal/event"
	"bellman/internal/fault"
	"bellman/internal/loop"
	"bellman/internal/workspace"
)

// State says where an import stands.
type State string

// The states.
const (
	// Started is an import that waits for its turn.
	Started   State = "started"
	Importing State = "importing"
	Finished  State = "finished"
	// Failed is an import that ended before its end; Why says for what reason.
	// What was imported by then stays.
	Failed State = "failed"
)

// Task says how the contacts of an import are treated.
type Task struct {
	contact.ImportOptions
	// Groups are the names of groups that the contacts are put into, which are
	// made when there are none; ExcludedGroups those of groups that they are
	// taken out of.
	Groups         []string
	ExcludedGroups []string
	// EventType is the key of the event that is told about each new contact;
	// empty for none.
	EventType string
}

// Import is an import that was accepted.
type Import struct {
	ID          int64
	WorkspaceID int64
	// Session is the id under which the outside asks for it, a UUID.
	Session string
	State   State
	Task    Task
	// Link is the address of a file that is yet to be fetched; empty for none. It
	// may hold a password.
	Link  string
	Count Count
	// Why says why it failed.
	Why       string
	CreatedAt time.Time
	// ChangedAt is when the state was reached.
	ChangedAt time.Time
}

// Count says how many contacts met which end.
type Count struct{ Created, Updated, Skipped, Failed int64 }

// Part is a part of an import that is not done.
type Part struct {
	Number int
	// Contacts are the profiles, as JSON.
	Contacts []byte
	// Report is what became of them, as the JSON of a [Report]; empty until they
	// are imported.
	Report []byte
	// Events is how many events about new contacts are written.
	Events int
}

// Result is what importing the contacts of a part has led to.
type Result struct {
	Count Count
	// Report is the JSON of a [Report].
	Report []byte
	// People are the contacts that were created, in the order of their ids, when
	// there are to be events about them.
	People []Person
}

// Person is a contact that an import has created.
type Person struct {
	ContactID int64  `json:"id"`
	Email     string `json:"email,omitempty"`
	Phone     string `json:"phone,omitempty"`
}

// Store is what imports needs to be kept.
type Store interface {
	PartStore
	RunnerStore
	// CreateImport writes an import, and its only part unless it has a link, in
	// one transaction. It is due at once.
	CreateImport(ctx context.Context, i Import, contacts []byte) error
	// Import returns an import by its session, or NotFound.
	Import(ctx context.Context, workspaceID int64, session string) (Import, error)
	// BeginImport moves an import from Started to Importing, and returns it; one
	// that is further stays as it is. NotFound means that there is none.
	BeginImport(ctx context.Context, id int64, now time.Time) (Import, error)
	// FailImport ends an import and its lease, and forgets what it still holds.
	FailImport(ctx context.Context, l Lease, why string, now time.Time) error
}

// Config is what the service stands on. Every field is needed.
type Config struct {
	Store      Store
	Workspaces *workspace.Service
	Contacts   *contact.Service
	Groups     *audience.Service
	Events     *event.Service
	Files      Files
	Now        func() time.Time
	// NewID returns a new UUID.
	NewID func() string
}

// Service imports contacts.
type Service struct {
	Config
	// wake tells this process's runner that an import was accepted.
	wake loop.Signal
}

// New returns a service.
func New(c Config) *Service { return &Service{c, loop.NewSignal()} }

// Kept is how long it can be asked what became of an import.
const Kept = 30 * 24 * time.Hour

// Accept takes 1 to [contact.MaxImport] contacts in, to be imported soon, and
// returns the session. A task that makes no sense is Invalid; a contact that
// cannot be used fails by itself, later.
func (s *Service) Accept(ctx context.Context, workspaceID int64, contacts []contact.Profile, t Task) (session string, err error) {
	switch {
	case len(contacts) == 0:
		return "", fault.New(fault.Invalid, "contacts_missing", "send at least one contact").In("contacts")
	case len(contacts) > contact.MaxImport:
		return "", fault.New(fault.Invalid, "too_many_contacts", "send at most %d contacts in one request", contact.MaxImport).In("contacts")
	}
	if err := s.check(ctx, workspaceID, t, contacts...); err != nil {
		return "", err
	}
	text, err := json.Marshal(contacts)
	if err != nil {
		return "", fmt.Errorf("imports: %w", err)
	}
	return s.accept(ctx, Import{WorkspaceID: workspaceID, Task: t}, text)
}

// AcceptFile takes the address of a CSV file of contacts (see file.go), to be
// fetched and imported soon, and returns the session. A task that makes no sense
// and an address that no file can have are Invalid.
func (s *Service) AcceptFile(ctx context.Context, workspaceID int64, link string, t Task) (session string, err error) {
	if err := s.Files.Check(link); err != nil {
		return "", err
	}
	if err := s.check(ctx, workspaceID, t); err != nil {
		return "", err
	}
	return s.accept(ctx, Import{WorkspaceID: workspaceID, Task: t, Link: link}, nil)
}

func (s *Service) accept(ctx context.Context, i Import, contacts []byte) (session string, err error) {
	now := s.Now()
	i.Session, i.State, i.CreatedAt, i.ChangedAt = s.NewID(), Started, now, now
	if err := s.Store.CreateImport(ctx, i, contacts); err != nil {
		return "", err
	}
	s.wake.Send()
	return i.Session, nil
}

// check returns an Invalid fault for a task that no import can have. Custom
// fields that nobody has made are made: what is sent of them is kept.
func (s *Service) check(ctx context.Context, workspaceID int64, t Task, contacts ...contact.Profile) error {
	if err := checkGroups(t.Groups, "groupNames"); err != nil {
		return err
	}
	if err := checkGroups(t.ExcludedGroups, "groupNamesExclude"); err != nil {
		return err
	}
	if t.EventType != "" && event.CheckType(t.EventType) != nil {
		return event.CheckType(t.EventType).In("eventKeyForNewContacts")
	}
	fields := append([]int64{t.FieldID}, t.FieldIDs...)
	for _, c := range contacts {
		fields = slices.AppendSeq(fields, maps.Keys(c.Fields))
	}
	if err := s.Contacts.EnsureFields(ctx, workspaceID, fields); err != nil {
		return err
	}
	return s.Contacts.Check(ctx, workspaceID, t.ImportOptions)
}

func checkGroups(names []string, field string) error {
	if f := audience.CheckNames(names); f != nil {
		return f.In(field + f.Field)
	}
	return nil
}

// ErrNotFound is returned for an import that the workspace does not have, or not
// any more.
var ErrNotFound = fault.New(fault.NotFound, "import_not_found", "there is no import with this id, or it is older than 30 days")
