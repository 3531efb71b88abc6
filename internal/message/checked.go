package message

import (
	"context"

	"bellman/internal/fault"
)

// Checked returns a message that Telegram would take, as it is now: NotFound
// when the workspace has no such message, Invalid with all that Telegram would refuse
// ([fault.Errors]), or a custom field that the workspace does not have any more.
// Its content knows the custom fields that it speaks of.
func (s *Service) Checked(ctx context.Context, workspaceID, id int64) (Message, error) {
	m, err := s.store.Message(ctx, workspaceID, id)
	if err != nil {
		return Message{}, err
	}
	// What was saved by the rules of an earlier version goes out if Telegram takes
	// it, whatever it does not show of it. A draft was never found good.
	faults, err := s.inspect(ctx, workspaceID, &m.Content, checker{lenient: !m.Draft})
	if err == nil && len(faults) > 0 {
		err = fault.Errors(faults)
	}
	return m, err
}

// Faults returns everything that Telegram would refuse in content that may not
// be saved yet: Invalid faults, each with its field.
func (s *Service) Faults(ctx context.Context, workspaceID int64, c Content) ([]*fault.Error, error) {
	return s.inspect(ctx, workspaceID, &c, checker{})
}
