package imports

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"time"

	"bellman/internal/contact"
	"bellman/internal/fault"
)

// This file takes imports back: the contacts that they made and that nothing has happened to
// since, and the memberships of groups that they made. What an import has changed of people
// who were there before stays as it is.

// Stay is why a contact that an import has made is not removed.
type Stay string

// The reasons. Of several, the first one of this list is told.
const (
	// HasChat is somebody who has subscribed.
	HasChat Stay = "chat"
	// HasEvent is somebody about whom there are other events than the import's own.
	HasEvent Stay = "event"
	// InGroup is somebody who is in another group than those of the import.
	InGroup Stay = "group"
	// Changed is somebody who was changed, or deleted so that it can be restored.
	Changed Stay = "changed"
)

// Undo is how far an import is taken back.
type Undo struct {
	Done bool `json:"done,omitzero"`
	// Part is the last part that is taken back.
	Part int `json:"part,omitzero"`
	// Removed is how many contacts are gone, and Stayed how many are not, by the reason. Left
	// is how many memberships of groups those have lost who stay.
	Removed int64          `json:"removed,omitzero"`
	Left    int64          `json:"left,omitzero"`
	Stayed  map[Stay]int64 `json:"stayed,omitzero"`
	// Error says why the last attempt failed.
	Error string `json:"error,omitzero"`
}

// Standing is a contact that an import has made, as it is now.
type Standing struct {
	Contact contact.Contact
	// Chat, Event and Group report what there is of it that is not the import's.
	Chat, Event, Group bool
}

// UndoStore is what undoing needs of the database.
type UndoStore interface {
	// AskUndo lets ask decide on an import of the workspace, as it is, whether it is taken
	// back from the beginning, and returns it as it is then. NotFound means that there is none.
	AskUndo(ctx context.Context, workspaceID int64, session string, now time.Time, ask func(Import) (Undo, error)) (Import, error)
	// TakeUndos leases imports that are to be taken back, as [RunnerStore.TakeImports] does.
	TakeUndos(ctx context.Context, owner string, now time.Time, ttl time.Duration, limit int) ([]Lease, error)
	// ImportByID returns an import by its id, or NotFound.
	ImportByID(ctx context.Context, id int64) (Import, error)
	// NextMade returns what the first part behind one has made; the number is zero when there
	// is none.
	NextMade(ctx context.Context, id int64, after int) (part int, m Made, err error)
	// UndoPart removes those of the contacts that the part has made for which remove says so,
	// takes the others out of the groups that it put them into, and keeps what undone returns,
	// in one transaction in which nothing else happens to them.
	UndoPart(ctx context.Context, l Lease, i Import, m Made, now time.Time,
		remove func([]Standing) []*contact.Contact, undone func(left int) Undo) error
	// EndUndo keeps the last word of an undo, and ends it and its lease.
	EndUndo(ctx context.Context, l Lease, u Undo) error
}

// Faults of an undo.
var (
	errRunning = fault.New(fault.Conflict, "import_running", "the import has not ended yet: take it back when it has")
	errDry     = fault.New(fault.Conflict, "import_dry", "this import has written nobody: there is nothing to take back")
)

// AskUndo has an import of the workspace taken back soon, and returns it. One that is being
// taken back goes on; one that was is gone through again. NotFound means that the workspace
// has no such import, or no longer; Conflict that there is nothing to take back.
func (s *Service) AskUndo(ctx context.Context, workspaceID int64, session string) (Import, error) {
	i, err := s.Store.AskUndo(ctx, workspaceID, session, s.Now(), func(i Import) (Undo, error) {
		switch {
		case i.State != Finished && i.State != Failed:
			return Undo{}, errRunning
		case i.Task.Dry:
			return Undo{}, errDry
		case i.Undo == nil:
			return Undo{}, nil
		case i.Undo.Done:
			return Undo{Removed: i.Undo.Removed, Left: i.Undo.Left}, nil
		}
		return *i.Undo, nil
	})
	if err == nil {
		s.wake.Send()
	}
	return i, err
}

// undo makes one attempt to take an import back. The last one that fails ends it, with the
// reason; it can be asked for again.
func (s *Service) undo(ctx context.Context, l Lease) error {
	i, err := s.Store.ImportByID(ctx, l.ImportID)
	if errors.Is(err, ErrNotFound) || err == nil && (i.Undo == nil || i.Undo.Done) {
		return nil
	}
	if err == nil && l.Attempt <= l.kind().attempts {
		err = s.undoParts(ctx, l, i)
	}
	if err == nil && l.Attempt <= l.kind().attempts || errors.Is(err, ErrLeaseLost) || ctx.Err() != nil || l.Attempt < l.kind().attempts {
		return err
	}
	// Parts may have been undone since it was read.
	if last, again := s.Store.ImportByID(ctx, l.ImportID); again == nil && last.Undo != nil {
		i = last
	}
	i.Undo.Done, i.Undo.Error = true, "it was tried too often: the log of the server says what went wrong"
	return errors.Join(err, s.Store.EndUndo(ctx, l, *i.Undo))
}

func (s *Service) undoParts(ctx context.Context, l Lease, i Import) error {
	again, err := s.again(ctx, i.ID)
	if err != nil {
		return err
	}
	u := *i.Undo
	for {
		part, m, err := s.Store.NextMade(ctx, i.ID, u.Part)
		if err != nil {
			return err
		}
		if part == 0 {
			u.Done = true
			return s.Store.EndUndo(ctx, l, u)
		}
		if u, err = s.undoPart(ctx, l, i, u, part, m, again); err != nil {
			return fmt.Errorf("imports: undo of import %d, part %d: %w", i.ID, part, err)
		}
	}
}

func (s *Service) undoPart(ctx context.Context, l Lease, i Import, u Undo, part int, m Made, again history) (Undo, error) {
	var next Undo
	err := s.Store.UndoPart(ctx, l, i, m, s.Now(), func(all []Standing) (gone []*contact.Contact) {
		// The transaction may be tried again.
		next = u
		next.Part, next.Stayed = part, maps.Clone(u.Stayed)
		for n := range all {
			if why := all[n].stays(again.last(all[n].Contact.ID, m.At)); why != "" {
				if next.Stayed == nil {
					next.Stayed = map[Stay]int64{}
				}
				next.Stayed[why]++
				continue
			}
			next.Removed++
			gone = append(gone, &all[n].Contact)
		}
		return gone
	}, func(left int) Undo {
		next.Left += int64(left)
		return next
	})
	return next, err
}

// stays returns why a contact is not removed, which the import has changed last at a time, in
// unix milliseconds; empty when it is.
func (st Standing) stays(changed int64) Stay {
	switch {
	case st.Chat:
		return HasChat
	case st.Event:
		return HasEvent
	case st.Group:
		return InGroup
	case !st.Contact.DeletedAt.IsZero(), st.Contact.UpdatedAt.UnixMilli() != changed:
		return Changed
	}
	return ""
}

// A history holds when an import has changed contacts after it had made them.
type history map[int64]*changes

// changes are those of a contact: when it was changed before the first one, when the last
// one was, and whether somebody else changed it between them.
type changes struct {
	before, last int64
	foreign      bool
}

// again reads the history of an import. Few stand in a file twice.
func (s *Service) again(ctx context.Context, id int64) (history, error) {
	h := history{}
	for after := 0; ; {
		part, m, err := s.Store.NextMade(ctx, id, after)
		if err != nil || part == 0 {
			return h, err
		}
		for _, a := range m.Again {
			if c := h[a.ContactID]; c == nil {
				h[a.ContactID] = &changes{before: a.Before, last: m.At}
			} else {
				c.foreign = c.foreign || a.Before != c.last
				c.last = m.At
			}
		}
		after = part
	}
}

// last returns when the import has changed a contact last that it made at a time; zero when
// somebody else has changed it meanwhile.
func (h history) last(id, made int64) int64 {
	c := h[id]
	switch {
	case c == nil:
		return made
	case c.foreign || c.before != made:
		return 0
	}
	return c.last
}
