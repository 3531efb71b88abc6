package message

import (
	"context"
	"time"

	"bellman/internal/access"
	"bellman/internal/fault"
)

// KeepRevisions is how many revisions a message keeps, the newest ones.
const KeepRevisions = 100

// Revision is a message as somebody saved it; the API calls it a version. The newest one
// is the message as it is.
type Revision struct {
	// Number counts from 1 in each message.
	Number int64
	Name   string
	// Content is empty in lists.
	Content Content
	// Draft is true when Telegram would not have taken it.
	Draft bool
	// Author saved it. It was begun at BegunAt and saved last at SavedAt.
	Author           access.Author
	BegunAt, SavedAt time.Time
}

// ErrRevisionNotFound is returned for a revision that the message does not have, or not any
// more.
var ErrRevisionNotFound = fault.New(fault.NotFound, "version_not_found",
	"the message has no version with this number; the newest %d are kept", KeepRevisions)

// Revisions returns up to limit revisions of a message with numbers below before, newest
// first, without their content; NotFound when the workspace has no such message.
func (s *Service) Revisions(ctx context.Context, workspaceID, id, before int64, limit int) ([]Revision, error) {
	if _, err := s.store.Message(ctx, workspaceID, id); err != nil {
		return nil, err
	}
	return s.store.Revisions(ctx, workspaceID, id, before, limit)
}

// Revision returns a revision of a message with its content; NotFound when there is none.
func (s *Service) Revision(ctx context.Context, workspaceID, id, number int64) (Revision, error) {
	if _, err := s.store.Message(ctx, workspaceID, id); err != nil {
		return Revision{}, err
	}
	return s.store.Revision(ctx, workspaceID, id, number)
}
