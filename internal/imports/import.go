package imports

import (
	"context"
	"maps"
	"slices"
	"time"

	"bellman/internal/access"
	"bellman/internal/audience"
	"bellman/internal/contact"
	"bellman/internal/event"
	"bellman/internal/fault"
	"bellman/internal/idempotency"
	"bellman/internal/loop"
	"bellman/internal/workspace"
)

// State is where an import stands.
type State string

// The states.
const (
	// Started is an import that waits for its turn.
	Started   State = "started"
	Importing State = "importing"
	Finished  State = "finished"
	// Failed is an import that could not be finished, for the reason in Why.
	// Contacts imported by then stay.
	Failed State = "failed"
)

// Task is how the contacts of an import are treated.
type Task struct {
	contact.ImportOptions
	// Groups are the names of groups that the contacts are added to, which are
	// created if necessary; ExcludedGroups those of groups that they are removed
	// from.
	Groups         []string
	ExcludedGroups []string
	// EventType is the key of the event that is recorded for each new contact;
	// empty for none.
	EventType string
	// Columns say what columns of a file are, by their names, where these do not:
	// the name of a column that is known.
	Columns map[string]string `json:",omitzero"`
	// Unknown are the names of the file's columns that nothing is known of, the
	// first 100; they are known once the file is read.
	Unknown []string `json:",omitzero"`
	// Names are the names of all columns of the file, once it is read.
	Names []string `json:",omitzero"`
	// Dry is true for an import that only tells what it would do: nothing is written
	// but its counts and its report.
	Dry bool `json:",omitzero"`
	// About is true for a dry import that had more people to remember than there is room
	// for: somebody who stands in the file twice may be counted as two.
	About bool `json:",omitzero"`
}

// Import is an import that was accepted.
type Import struct {
	ID          int64
	WorkspaceID int64
	// Session is the id by which API clients ask for it, a UUID.
	Session string
	State   State
	Task    Task
	// Link is the address of a file that is not fetched yet, or tells that a file is
	// being uploaded; empty for none. It may contain a password.
	Link  string
	Count Count
	// Author is who started it; nobody in imports of earlier versions.
	Author access.Author
	// FileName is the name of an uploaded file, if it has one.
	FileName string
	// Size is the size of the file in bytes, as it was announced; zero when that is not
	// known. BytesRead and RowsRead are how far it is read; an import by a request has all
	// of its contacts as rows from the start.
	Size, BytesRead, RowsRead int64
	// Undo is how far it is taken back; nil when nobody has asked for that.
	Undo *Undo
	// Why is the reason for which it failed.
	Why       string
	CreatedAt time.Time
	// ChangedAt is when the state was reached.
	ChangedAt time.Time
}

// Count holds the number of contacts by result.
type Count struct{ Created, Updated, Skipped, Failed int64 }

// Result is the result for the contacts of a part.
type Result struct {
	Count Count
	// Report is the JSON of a [Report].
	Report []byte
	// People are the contacts that were created, in the order of their ids, when
	// events about them are wanted.
	People []Person
	// ContactIDs are the contacts that were created or updated, in ascending order,
	// each once. They join the groups with the names Join, which are created if
	// necessary, and leave those of the names Leave that exist.
	ContactIDs  []int64
	Join, Leave []string
	// Lines are the rows of the file that were refused, as they were in it, in the order of
	// the report's failures; see [Lines]. nil for none.
	Lines []byte
	// Since is when the import was accepted: contacts that are older were not made by it.
	Since time.Time
	// Done is true when the part is finished with this.
	Done bool
}

// Person is a contact that an import has created.
type Person struct {
	ContactID int64  `json:"id"`
	Email     string `json:"email,omitempty"`
	Phone     string `json:"phone,omitempty"`
}

// Store is what imports needs of the database.
type Store interface {
	PartStore
	RunnerStore
	UploadStore
	ListStore
	UndoStore
	DryStore
	// CreateImport writes an import and its parts, none when it has a link, in
	// one transaction. It is due at once.
	CreateImport(ctx context.Context, i Import, parts [][]byte) error
	// Import returns an import by its session, or NotFound.
	Import(ctx context.Context, workspaceID int64, session string) (Import, error)
	// BeginImport moves an import from Started to Importing, and returns it; one
	// that has come further stays unchanged. NotFound means that there is none.
	BeginImport(ctx context.Context, id int64, now time.Time) (Import, error)
	// FailImport ends an import and its lease, and removes its remaining contacts
	// and its link.
	FailImport(ctx context.Context, l Lease, why string, now time.Time) error
}

// Config is what the service needs. Every field is required.
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
	// wake notifies this process's runner that an import was accepted.
	wake loop.Signal
}

// New returns a service.
func New(c Config) *Service { return &Service{c, loop.NewSignal()} }

// Kept is how long the result of an import can be read.
const Kept = 30 * 24 * time.Hour

// Accept takes 1 to [contact.MaxImport] contacts, to be imported soon, and returns
// the session. A contradictory task is Invalid; a contact that cannot be used fails
// alone, later.
func (s *Service) Accept(ctx context.Context, workspaceID int64, contacts []contact.Profile, t Task) (session string, err error) {
	if made, ok := idempotency.Earlier(ctx); ok {
		return made, nil
	}
	switch {
	case len(contacts) == 0:
		return "", fault.New(fault.Invalid, "contacts_missing", "send at least one contact").In("contacts")
	case len(contacts) > contact.MaxImport:
		return "", fault.New(fault.Invalid, "too_many_contacts", "send at most %d contacts in one request", contact.MaxImport).In("contacts")
	}
	if err := s.check(ctx, workspaceID, t, contacts...); err != nil {
		return "", err
	}
	parts, err := partsOf(contacts)
	if err != nil {
		return "", err
	}
	return s.accept(ctx, Import{WorkspaceID: workspaceID, Task: t, RowsRead: int64(len(contacts))}, parts)
}

// AcceptFile takes the address of a CSV file of contacts (see file.go), to be
// fetched and imported soon, and returns the session. A contradictory task and an
// address that no file can have are Invalid.
func (s *Service) AcceptFile(ctx context.Context, workspaceID int64, link string, t Task) (session string, err error) {
	if made, ok := idempotency.Earlier(ctx); ok {
		return made, nil
	}
	if err := s.Files.Check(link); err != nil {
		return "", err
	}
	if err := s.check(ctx, workspaceID, t); err != nil {
		return "", err
	}
	return s.accept(ctx, Import{WorkspaceID: workspaceID, Task: t, Link: link}, nil)
}

func (s *Service) accept(ctx context.Context, i Import, parts [][]byte) (session string, err error) {
	i = s.begin(ctx, i)
	if err := s.Store.CreateImport(ctx, i, parts); err != nil {
		return "", err
	}
	s.wake.Send()
	return i.Session, nil
}

// begin returns a new import of the caller.
func (s *Service) begin(ctx context.Context, i Import) Import {
	now := s.Now()
	i.Author = access.AuthorOf(ctx, now)
	i.Session, i.State, i.CreatedAt, i.ChangedAt = s.NewID(), Started, now, now
	return i
}

// check returns an Invalid fault for a task that no import can have. Unknown custom
// fields are created, so that their values are kept.
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
	if !t.Dry {
		if err := s.Contacts.EnsureFields(ctx, workspaceID, fields); err != nil {
			return err
		}
	}
	return s.Contacts.Check(ctx, workspaceID, t.ImportOptions)
}

func checkGroups(names []string, field string) error {
	if f := audience.CheckNames(names); f != nil {
		return f.In(field + f.Field)
	}
	return nil
}

// ErrNotFound is returned for an import that the workspace does not have, or does
// not have any more.
var ErrNotFound = fault.New(fault.NotFound, "import_not_found", "there is no import with this id, or it is older than 30 days")
