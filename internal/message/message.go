package message

import (
	"context"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"bellman/internal/access"
	"bellman/internal/fault"
)

// Message is reusable content under a name.
type Message struct {
	ID          int64
	WorkspaceID int64
	// Name is for the people who work with it; recipients never see it.
	Name    string
	Content Content
	// Draft is true when it was saved although Telegram would not take it: nothing sends
	// it as long as that is so.
	Draft bool
	// Faults are what Telegram would refuse in a draft, where that was looked for.
	Faults []*fault.Error
	// Author is who changed it last.
	Author access.Author
	// Revision is the number of its newest revision, which was begun at RevisedAt.
	Revision  int64
	RevisedAt time.Time
	CreatedAt time.Time
	UpdatedAt time.Time
}

// Store is what message needs to be kept.
type Store interface {
	// CreateMessage writes a message with its first revision and returns its id.
	CreateMessage(ctx context.Context, m Message) (int64, error)
	// Message returns a message, or NotFound.
	Message(ctx context.Context, workspaceID, id int64) (Message, error)
	// ChangeMessage lets change edit the message under its row lock, and writes it and
	// its newest revision when it was changed; the oldest ones above [KeepRevisions] are
	// removed. Nothing is written when change fails. A message that the workspace does not
	// have is NotFound.
	ChangeMessage(ctx context.Context, workspaceID, id int64, change func(*Message) (changed bool, err error)) (Message, error)
	// FindMessages returns the messages that the filter names, in its order, and when it
	// asks for that how many there are on all pages.
	FindMessages(ctx context.Context, workspaceID int64, f Filter) (messages []Message, total int64, err error)
	// MessageNames returns the names of messages that begin with the prefix.
	MessageNames(ctx context.Context, workspaceID int64, prefix string) ([]string, error)
	// DeleteMessage makes a message disappear, and removes its revisions, unless allow,
	// which gets it and the campaigns that are still to send it, refuses; NotFound when
	// there is none. Campaigns that have sent it keep their content and its name.
	DeleteMessage(ctx context.Context, workspaceID, id int64, allow func(m Message, uses []Use) error) error
	// MessageUses returns up to limit campaigns of a message with ids below before, newest
	// first.
	MessageUses(ctx context.Context, workspaceID, id, before int64, limit int) ([]Use, error)
	// Revisions returns up to limit revisions of a message with numbers below before,
	// newest first, without their content.
	Revisions(ctx context.Context, workspaceID, id, before int64, limit int) ([]Revision, error)
	// Revision returns one with its content, or [ErrRevisionNotFound].
	Revision(ctx context.Context, workspaceID, id, number int64) (Revision, error)
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
	return s.Write(ctx, workspaceID, Edit{Name: name, Content: c})
}

// Update is [Service.Save] of a name and content.
func (s *Service) Update(ctx context.Context, workspaceID, id int64, name string, c Content) (Message, error) {
	return s.Save(ctx, workspaceID, id, Edit{Name: name, Content: c})
}

// Get returns a message, a draft with its faults; NotFound when the workspace has no such
// message.
func (s *Service) Get(ctx context.Context, workspaceID, id int64) (Message, error) {
	m, err := s.store.Message(ctx, workspaceID, id)
	if err != nil || !m.Draft {
		return m, err
	}
	// What was missing may be there by now, such as a custom field.
	m.Faults, err = s.Faults(ctx, workspaceID, m.Content)
	m.Draft = len(m.Faults) > 0
	return m, err
}

// inspect returns all that is wrong with content of the workspace, its files included, and
// notes in it the custom fields that it speaks of.
func (s *Service) inspect(ctx context.Context, workspaceID int64, c *Content, k checker) ([]*fault.Error, error) {
	faults, err := s.inspectText(ctx, workspaceID, c, k)
	if err != nil {
		return nil, err
	}
	missing, err := s.fileFaults(ctx, workspaceID, *c)
	return append(faults, missing...), err
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
