package message

import (
	"context"

	"bellman/internal/fault"
)

// Checked returns a message that Telegram would take, as it is now: NotFound
// when the workspace has no such message, Invalid with the first thing that
// Telegram would refuse, or a custom field that the workspace does not have any more.
// Its content knows the custom fields that it speaks of.
func (s *Service) Checked(ctx context.Context, workspaceID, id int64) (Message, error) {
	m, err := s.store.Message(ctx, workspaceID, id)
	if err != nil {
		return Message{}, err
	}
	// What was saved by the rules of an earlier version goes out if Telegram takes
	// it, whatever it does not show of it.
	faults, err := s.inspect(ctx, workspaceID, &m.Content, checker{lenient: true})
	switch {
	case err != nil:
		return m, err
	case len(faults) > 0:
		return m, faults[0]
	}
	return m, s.checkFiles(ctx, m.WorkspaceID, m.Content)
}

// Faults returns everything that Telegram would refuse in content that may not
// be saved yet: Invalid faults, each with its field.
func (s *Service) Faults(ctx context.Context, workspaceID int64, c Content) ([]*fault.Error, error) {
	faults, err := s.inspect(ctx, workspaceID, &c, checker{})
	if err != nil {
		return nil, err
	}
	missing, err := s.fileFaults(ctx, workspaceID, c)
	return append(faults, missing...), err
}
