package message

import (
	"context"
	"strings"
	"time"
	"unicode/utf8"

	"bellman/internal/fault"
)

// Message is reusable content under a name.
type Message struct {
	ID          int64
	WorkspaceID int64
	// Name is for the people who work with it; recipients never see it.
	Name      string
	Content   Content
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
	// UpdateMessage writes name, content and the time of the change.
	UpdateMessage(ctx context.Context, m Message) error
}

// Service keeps messages.
type Service struct {
	store Store
	now   func() time.Time
}

// New returns a service over the store, with the given clock.
func New(store Store, now func() time.Time) *Service { return &Service{store: store, now: now} }

// ErrNotFound is returned for a message that the workspace does not have.
var ErrNotFound = fault.New(fault.NotFound, "message_not_found", "there is no message with this id")

// MaxName is the longest name of a message, campaign or the like, in
// characters.
const MaxName = 200

// Create checks and stores a message.
func (s *Service) Create(ctx context.Context, workspaceID int64, name string, c Content) (Message, error) {
	m := Message{WorkspaceID: workspaceID, Name: strings.TrimSpace(name), Content: c, CreatedAt: s.now()}
	m.UpdatedAt = m.CreatedAt
	if err := m.check(); err != nil {
		return Message{}, err
	}
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
	m.Name, m.Content, m.UpdatedAt = strings.TrimSpace(name), c, s.now()
	if err := m.check(); err != nil {
		return Message{}, err
	}
	return m, s.store.UpdateMessage(ctx, m)
}

func (m Message) check() error {
	if err := CheckName(m.Name); err != nil {
		return err
	}
	return m.Content.Check()
}

// CheckName returns an Invalid fault unless the name has 1 to [MaxName]
// printable characters.
func CheckName(name string) error {
	if n := utf8.RuneCountInString(name); n < 1 || n > MaxName || strings.ContainsRune(name, 0) {
		return fault.New(fault.Invalid, "name_invalid", "write a name of 1 to %d characters", MaxName).In("name")
	}
	return nil
}
