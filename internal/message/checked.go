package message

import (
	"context"
	"errors"

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
	return m, s.check(ctx, m)
}

// Faults returns everything that Telegram would refuse in content that may not
// be saved yet: Invalid faults, each with its field.
func (s *Service) Faults(ctx context.Context, workspaceID int64, c Content) ([]*fault.Error, error) {
	faults := c.Faults()
	err := s.checkFiles(ctx, workspaceID, c)
	var missing *fault.Error
	if errors.As(err, &missing) && missing.Kind == fault.Invalid {
		return append(faults, missing), nil
	}
	return faults, err
}
