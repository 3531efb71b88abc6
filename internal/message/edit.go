package message

import (
	"context"
	"fmt"
	"strings"
	"time"

	"bellman/internal/access"
	"bellman/internal/audit"
	"bellman/internal/fault"
	"bellman/internal/idempotency"
)

// MaxDraft is how large the content of a draft may be, in bytes of JSON. What can be sent
// is bounded by what Telegram takes; a draft is bounded by this.
const MaxDraft = 256 << 10

// Edit is a message as somebody saves it.
type Edit struct {
	Name    string
	Content Content
	// Draft lets it be saved although Telegram would not take it.
	Draft bool
	// Anew makes it a revision of its own, whoever saved the one before and when.
	Anew bool
	// Unless gets the message as it is, under the lock under which it is changed. When it
	// returns an error, nothing is saved. Nil never refuses.
	Unless func(Message) error
}

// Write checks and stores a new message. It is Invalid with all that Telegram would
// refuse ([fault.Errors]), unless it is saved as a draft.
func (s *Service) Write(ctx context.Context, workspaceID int64, e Edit) (Message, error) {
	if id, ok := idempotency.EarlierID(ctx); ok {
		return s.Get(ctx, workspaceID, id)
	}
	m, err := s.edited(ctx, workspaceID, e)
	if err != nil {
		return Message{}, err
	}
	return s.create(ctx, m)
}

// create stores a new message.
func (s *Service) create(ctx context.Context, m Message) (Message, error) {
	m.Revision, m.RevisedAt, m.CreatedAt = 1, m.UpdatedAt, m.UpdatedAt
	audit.Became(ctx, audit.Facts{"name": m.Name})
	id, err := s.store.CreateMessage(ctx, m)
	m.ID = id
	return m, err
}

// Save replaces name and content, as [Service.Write] checks them. Campaigns that were
// launched keep what they were launched with. Without a change, nobody becomes the author.
func (s *Service) Save(ctx context.Context, workspaceID, id int64, e Edit) (Message, error) {
	fresh, err := s.edited(ctx, workspaceID, e)
	if err != nil {
		return Message{}, err
	}
	audit.Became(ctx, audit.Facts{"name": fresh.Name})
	m, err := s.store.ChangeMessage(ctx, workspaceID, id, func(m *Message) (changed bool, err error) {
		if e.Unless != nil {
			if err := e.Unless(*m); err != nil {
				return false, err
			}
		}
		audit.Was(ctx, audit.Facts{"name": m.Name})
		return m.become(fresh, e.Anew)
	})
	m.Faults = fresh.Faults
	return m, err
}

// edited returns a message of what somebody saves.
func (s *Service) edited(ctx context.Context, workspaceID int64, e Edit) (Message, error) {
	m := Message{WorkspaceID: workspaceID, Name: strings.TrimSpace(e.Name), Content: e.Content, UpdatedAt: s.now()}
	m.Author = access.AuthorOf(ctx, m.UpdatedAt)
	if err := CheckName(m.Name); err != nil {
		return m, err
	}
	faults, err := s.Faults(ctx, workspaceID, m.Content)
	if err != nil || len(faults) == 0 {
		return m, err
	}
	if !e.Draft {
		return m, fault.Errors(faults)
	}
	m.Draft, m.Faults = true, faults
	text, err := m.Content.Encode()
	if err == nil && len(text) > MaxDraft {
		err = fault.New(fault.Invalid, "draft_too_large", "the message has %d bytes, a draft has up to %d: make it shorter", len(text), MaxDraft)
	}
	return m, err
}

// become takes over what somebody saves, and reports whether that changes anything.
func (m *Message) become(fresh Message, anew bool) (changed bool, err error) {
	present, err := m.Content.Encode()
	if err != nil {
		return false, fmt.Errorf("message: encode content: %w", err)
	}
	saved, err := fresh.Content.Encode()
	if err != nil {
		return false, fmt.Errorf("message: encode content: %w", err)
	}
	if m.Name == fresh.Name && present == saved && m.Draft == fresh.Draft {
		return false, nil
	}
	if anew || !m.foldsIn(fresh.Author, fresh.UpdatedAt) {
		m.Revision, m.RevisedAt = m.Revision+1, fresh.UpdatedAt
	}
	m.Name, m.Content, m.Draft = fresh.Name, fresh.Content, fresh.Draft
	m.Author, m.UpdatedAt = fresh.Author, fresh.UpdatedAt
	return true, nil
}

// foldFor is for how long what a person saves goes into the revision that the same person
// has begun: an editor saves every few seconds.
const foldFor = 10 * time.Minute

// foldsIn reports whether what somebody saves now belongs to the newest revision.
func (m *Message) foldsIn(by access.Author, now time.Time) bool {
	since := now.Sub(m.RevisedAt)
	return by.IsPerson() && by.Is(m.Author) && since >= 0 && since < foldFor
}
