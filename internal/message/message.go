package message

import (
	"context"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"bellman/internal/access"
	"bellman/internal/audit"
	"bellman/internal/fault"
	"bellman/internal/idempotency"
)

// Message is reusable content under a name.
type Message struct {
	ID          int64
	WorkspaceID int64
	// Name is for the people who work with it; recipients never see it.
	Name    string
	Content Content
	// Author is who changed it last.
	Author    access.Author
	CreatedAt time.Time
	UpdatedAt time.Time
}

// Store is what message needs to be kept.
type Store interface {
	// CreateMessage writes a message and returns its id.
	CreateMessage(ctx context.Context, m Message) (int64, error)
	// Message returns a message, or NotFound.
	Message(ctx context.Context, workspaceID, id int64) (Message, error)
	// Messages returns up to limit messages with ids below before, newest
	// first.
	Messages(ctx context.Context, workspaceID, before int64, limit int) ([]Message, error)
	// UpdateMessage writes name, content, author and the time of the change.
	UpdateMessage(ctx context.Context, m Message) error
	// FindMessages returns the messages that the filter names, newest first, and
	// how many there are on all pages.
	FindMessages(ctx context.Context, workspaceID int64, f Filter) (messages []Message, total int64, err error)
	// DeleteMessage makes a message disappear unless allow, which gets the
	// campaigns that are still to send it, refuses; NotFound when there is none.
	// Campaigns that have sent it keep their content and its name.
	DeleteMessage(ctx context.Context, workspaceID, id int64, allow func(uses []Use) error) error
}

// Files is what message asks of whoever keeps uploaded files.
type Files interface {
	// Kinds returns, for each of the ids that is an uploaded file of the
	// workspace, as what it can be sent.
	Kinds(ctx context.Context, workspaceID int64, ids []int64) (map[int64][]Kind, error)
}

// Service keeps messages.
type Service struct {
	store Store
	files Files
	// fields may be nil: then there are no custom fields.
	fields Fields
	now    func() time.Time
}

// New returns a service over the store and the uploaded files, with the given
// clock. Without files, nil, there are none that a message could send.
func New(store Store, files Files, now func() time.Time) *Service {
	return &Service{store: store, files: files, now: now}
}

// ErrNotFound is returned for a message that the workspace does not have.
var ErrNotFound = fault.New(fault.NotFound, "message_not_found", "there is no message with this id")

// MaxName is the longest name of a message, campaign or the like, in
// characters.
const MaxName = 200

// Create checks and stores a message.
func (s *Service) Create(ctx context.Context, workspaceID int64, name string, c Content) (Message, error) {
	if id, ok := idempotency.EarlierID(ctx); ok {
		return s.store.Message(ctx, workspaceID, id)
	}
	m := Message{WorkspaceID: workspaceID, Name: strings.TrimSpace(name), Content: c, CreatedAt: s.now()}
	m.UpdatedAt, m.Author = m.CreatedAt, access.AuthorOf(ctx, m.CreatedAt)
	if err := s.check(ctx, m); err != nil {
		return Message{}, err
	}
	audit.Became(ctx, audit.Facts{"name": m.Name})
	id, err := s.store.CreateMessage(ctx, m)
	m.ID = id
	return m, err
}

// Get returns a message; NotFound when the workspace has no such message.
func (s *Service) Get(ctx context.Context, workspaceID, id int64) (Message, error) {
	return s.store.Message(ctx, workspaceID, id)
}

// List returns up to limit messages with ids below before, newest first.
func (s *Service) List(ctx context.Context, workspaceID, before int64, limit int) ([]Message, error) {
	return s.store.Messages(ctx, workspaceID, before, limit)
}

// Update replaces name and content. Campaigns that were launched keep what
// they were launched with.
func (s *Service) Update(ctx context.Context, workspaceID, id int64, name string, c Content) (Message, error) {
	m, err := s.store.Message(ctx, workspaceID, id)
	if err != nil {
		return Message{}, err
	}
	audit.Was(ctx, audit.Facts{"name": m.Name})
	m.Name, m.Content, m.UpdatedAt = strings.TrimSpace(name), c, s.now()
	m.Author = access.AuthorOf(ctx, m.UpdatedAt)
	if err := s.check(ctx, m); err != nil {
		return Message{}, err
	}
	audit.Became(ctx, audit.Facts{"name": m.Name})
	return m, s.store.UpdateMessage(ctx, m)
}

func (s *Service) check(ctx context.Context, m Message) error {
	if err := CheckName(m.Name); err != nil {
		return err
	}
	faults, err := s.inspect(ctx, m.WorkspaceID, &m.Content, checker{})
	switch {
	case err != nil:
		return err
	case len(faults) > 0:
		return faults[0]
	}
	return s.checkFiles(ctx, m.WorkspaceID, m.Content)
}

// checkFiles returns the first of fileFaults.
func (s *Service) checkFiles(ctx context.Context, workspaceID int64, c Content) error {
	faults, err := s.fileFaults(ctx, workspaceID, c)
	if err == nil && len(faults) > 0 {
		return faults[0]
	}
	return err
}

// fileFaults returns an Invalid fault for each uploaded file that is not there, or
// that cannot be sent as what the content says.
func (s *Service) fileFaults(ctx context.Context, workspaceID int64, c Content) (faults []*fault.Error, err error) {
	ids := c.fileIDs()
	if len(ids) == 0 {
		return nil, nil
	}
	var kinds map[int64][]Kind
	if s.files != nil {
		if kinds, err = s.files.Kinds(ctx, workspaceID, ids); err != nil {
			return nil, err
		}
	}
	for _, v := range c.versions() {
		for i, m := range v.Media {
			if m.ID == 0 {
				continue
			}
			if f := m.checkFile(kinds[m.ID]); f != nil {
				faults = append(faults, f.In(v.field(fmt.Sprintf("media[%d].%s", i, f.Field))))
			}
		}
	}
	return faults, nil
}

// CheckName returns an Invalid fault unless the name has 1 to [MaxName]
// printable characters.
func CheckName(name string) error {
	if n := utf8.RuneCountInString(name); n < 1 || n > MaxName || strings.ContainsRune(name, 0) {
		return fault.New(fault.Invalid, "name_invalid", "write a name of 1 to %d characters", MaxName).In("name")
	}
	return nil
}
