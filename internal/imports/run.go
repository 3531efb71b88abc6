package imports

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"time"

	"bellman/internal/audience"
	"bellman/internal/contact"
	"bellman/internal/event"
	"bellman/internal/fault"
	"bellman/internal/workspace"
)

// PartStore is what the parts of imports need of the database. A write under a
// lease returns [ErrLeaseLost] when another process has the lease by now.
type PartStore interface {
	// NextImportPart returns the first unfinished part of an import; false when
	// there is none.
	NextImportPart(ctx context.Context, id int64) (p Part, more bool, err error)
	// ImportContacts is a store of contacts that writes, together with the contacts
	// of a part, the result that the function returns for them, adds it to the
	// counts, and does what it says. The contacts of a part are imported once: a second
	// time is an error.
	ImportContacts(l Lease, part int, result func(contact.Plan) (Result, error)) contact.Store
	// ImportedPeople returns the people of a part's result.
	ImportedPeople(ctx context.Context, id int64, part int) ([]Person, error)
	// ImportEvents is a store of events that counts, together with the events that
	// it writes, those of the part: before is their number so far, all how many there
	// will be. With the last ones the part is finished, as by FinishImportPart.
	ImportEvents(l Lease, part, before, all int) event.Store
	// FinishImportPart marks a part as finished and removes its contacts. A
	// finished part stays unchanged. The last part finishes an import whose file,
	// if it has one, is fetched, and ends the lease.
	FinishImportPart(ctx context.Context, l Lease, part int, now time.Time) error
	// ImportReports returns the reports of the parts whose contacts are imported,
	// in their order.
	ImportReports(ctx context.Context, id int64) ([][]byte, error)
	// NextImportReport returns the first of them that is of this part or a later one, with
	// the rows that were refused; the number is zero when there is none.
	NextImportReport(ctx context.Context, id int64, from int) (Reported, error)
	FileStore
}

// Run makes one attempt at an import. An import that can never succeed fails at
// once, one that may succeed later fails with the last attempt. An error means that
// the attempt failed. A cancelled context never fails an import for good.
func (s *Service) Run(ctx context.Context, l Lease) error {
	if l.Undo {
		return s.undo(ctx, l)
	}
	var err error
	// The process of the last attempt may have died during it.
	over := l.Attempt > l.kind().attempts
	if !over {
		err = s.run(ctx, l)
	}
	if err == nil && !over || errors.Is(err, ErrLeaseLost) || errors.Is(ctx.Err(), context.Canceled) {
		return err
	}
	f, ok := errors.AsType[*fault.Error](err)
	hopeless := ok && f.Kind != fault.Unavailable && f.Kind != fault.Internal
	if !hopeless && l.Attempt < l.kind().attempts {
		return err
	}
	why := "it was tried too often: the log of the server says what went wrong"
	if ok && f.Kind != fault.Internal {
		why = f.Error()
	}
	// The attempt may have run out of time.
	failed := s.Store.FailImport(context.WithoutCancel(ctx), l, why, s.Now())
	if hopeless {
		return failed
	}
	return errors.Join(err, failed)
}

func (s *Service) run(ctx context.Context, l Lease) error {
	i, err := s.Store.BeginImport(ctx, l.ImportID, s.Now())
	if errors.Is(err, ErrNotFound) || err == nil && i.State != Importing {
		return nil
	}
	if err != nil {
		return err
	}
	w, err := s.Workspaces.Find(ctx, i.WorkspaceID)
	if err != nil {
		return err
	}
	if i.Link == Arriving {
		return errIncomplete
	}
	if i.Link != "" {
		if i.Task, err = s.fetch(ctx, l, w, i); err != nil {
			return err
		}
	}
	if i.Task.Dry {
		return s.rehearse(ctx, l, w, i)
	}
	for {
		p, more, err := s.Store.NextImportPart(ctx, i.ID)
		if err != nil || !more {
			return err
		}
		if err := s.importPart(ctx, l, w, i, p); err != nil {
			return fmt.Errorf("imports: import %d, part %d: %w", i.ID, p.Number, err)
		}
	}
}

// importPart does the rest of the work on a part.
func (s *Service) importPart(ctx context.Context, l Lease, w workspace.Workspace, i Import, p Part) error {
	events := i.Task.EventType != ""
	if len(p.Report) == 0 {
		if err := s.importContacts(ctx, l, w, i, p); err != nil || !events {
			return err
		}
	} else if err := s.moveBetweenGroups(ctx, w.ID, i.Task, p.Report); err != nil {
		return err
	}
	if events {
		if finished, err := s.addEvents(ctx, l, w, i, p); err != nil || finished {
			return err
		}
	}
	return s.Store.FinishImportPart(ctx, l, p.Number, s.Now())
}

// importContacts writes the contacts of a part, and their results and groups in the
// same transaction: a second run would find the contacts that the first one created.
// Unless events are wanted, the part is finished then.
func (s *Service) importContacts(ctx context.Context, l Lease, w workspace.Workspace, i Import, p Part) error {
	items := make([]item, 0, partItems)
	if err := json.Unmarshal(p.Contacts, &items); err != nil {
		return err
	}
	join, err := audience.CleanNames(i.Task.Groups)
	if err != nil {
		return err
	}
	store := s.Store.ImportContacts(l, p.Number, func(plan contact.Plan) (Result, error) {
		results := resultsOf(items, plan.Imported())
		report := newReport(i.Task, items, results)
		r, err := newResult(report, results, p.Lines)
		r.ContactIDs, r.Join, r.Leave = report.contactIDs(), join, i.Task.ExcludedGroups
		r.Since, r.Done = i.CreatedAt, i.Task.EventType == ""
		if !r.Done {
			r.People = newPeople(plan.Create)
		}
		return r, err
	})
	_, err = contact.New(store, s.Now).Import(ctx, w, profilesOf(items), i.Task.ImportOptions)
	return err
}

// newResult returns what is kept of the results for a part.
func newResult(report Report, results []contact.ImportResult, lines []byte) (r Result, err error) {
	if r.Report, err = json.Marshal(report); err != nil {
		return r, err
	}
	r.Count = count(results)
	r.Lines, err = refusedLines(lines, results)
	return r, err
}

func newPeople(created []*contact.Contact) []Person {
	people := make([]Person, len(created))
	for i, c := range created {
		people[i] = Person{ContactID: c.ID, Email: c.Email, Phone: c.Phone}
	}
	return people
}

// moveBetweenGroups adds the contacts of a part that was begun earlier to groups and
// removes them from others: an earlier version did so after it had written them, and
// may not have come to it.
func (s *Service) moveBetweenGroups(ctx context.Context, workspaceID int64, t Task, text []byte) error {
	var report Report
	if err := json.Unmarshal(text, &report); err != nil {
		return err
	}
	ids := report.contactIDs()
	if err := s.Groups.Join(ctx, workspaceID, t.Groups, ids); err != nil {
		return err
	}
	return s.Groups.Leave(ctx, workspaceID, t.ExcludedGroups, ids)
}

// addEvents writes the missing events about new contacts. When there were some, the
// part is finished with the last ones.
func (s *Service) addEvents(ctx context.Context, l Lease, w workspace.Workspace, i Import, p Part) (finished bool, err error) {
	people, err := s.Store.ImportedPeople(ctx, i.ID, p.Number)
	if err != nil {
		return false, err
	}
	for written := p.Events; written < len(people); {
		batch := people[written:min(written+event.MaxItems, len(people))]
		items := make([]event.Item, len(batch))
		for n, person := range batch {
			items[n] = person.event(i.Task.EventType)
		}
		events := event.New(s.Store.ImportEvents(l, p.Number, written, len(people)), s.Now)
		results, err := events.Add(ctx, w.ID, w.PhoneRegion, items)
		if err != nil {
			return false, err
		}
		for _, r := range results {
			if r.Err != nil {
				return false, r.Err
			}
		}
		written += len(batch)
		finished = written == len(people)
	}
	return finished, nil
}

// event returns the event about a new contact.
func (p Person) event(eventType string) event.Item {
	id := strconv.FormatInt(p.ContactID, 10)
	key := id
	for _, better := range []string{p.Phone, p.Email} {
		// Some emails contain characters that no key may have.
		if event.CheckKey(better) == nil {
			key = better
		}
	}
	return event.Item{
		Type: eventType, Key: key, ContactID: p.ContactID,
		Params: []event.Param{{Name: "contactId", Value: []byte(id)}, event.TextParam("EmailAddress", p.Email), event.TextParam("SMS", p.Phone)},
	}
}
