package message

import (
	"context"

	"bellman/internal/fault"
)

// Checked returns a message that Telegram would take, as it is now: NotFound
// when the workspace has no such message, Invalid with the first thing that
// Telegram would refuse.
func (s *Service) Checked(ctx context.Context, workspaceID, id int64) (Message, error) {
	m, err := s.store.Message(ctx, workspaceID, id)
	if err != nil {
		return Message{}, err
	}
	// What was saved by the rules of an earlier version goes out if Telegram takes
	// it, whatever it does not show of it.
	if err := m.Content.sendable(); err != nil {
		return m, err
	}
	return m, s.checkFiles(ctx, m.WorkspaceID, m.Content)
}

// Faults returns everything that Telegram would refuse in content that may not
// be saved yet: Invalid faults, each with its field.
func (s *Service) Faults(ctx context.Context, workspaceID int64, c Content) ([]*fault.Error, error) {
	missing, err := s.fileFaults(ctx, workspaceID, c)
	return append(c.Faults(), missing...), err
}
