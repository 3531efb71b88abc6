package message

import (
	"context"

	"bellman/internal/audit"
	"bellman/internal/fault"
)

// Use is a campaign of a message.
type Use struct {
	CampaignID int64
	Name       string
	// Kind and State are the campaign's, as the API names them.
	Kind, State string
}

// Uses returns up to limit campaigns of a message with ids below before, newest first;
// NotFound when the workspace has no such message.
func (s *Service) Uses(ctx context.Context, workspaceID, id, before int64, limit int) ([]Use, error) {
	if _, err := s.store.Message(ctx, workspaceID, id); err != nil {
		return nil, err
	}
	return s.store.MessageUses(ctx, workspaceID, id, before, limit)
}

// Delete removes a message and its revisions; what was sent of it stays on record. While a
// campaign is still to send it, it is a Conflict; NotFound when the workspace
// has no such message.
func (s *Service) Delete(ctx context.Context, workspaceID, id int64) error {
	return s.DeleteUnless(ctx, workspaceID, id, nil)
}

// DeleteUnless is [Service.Delete], unless the message as it is, which unless gets under
// the lock of the deletion, is refused.
func (s *Service) DeleteUnless(ctx context.Context, workspaceID, id int64, unless func(Message) error) error {
	return s.store.DeleteMessage(ctx, workspaceID, id, func(m Message, uses []Use) error {
		if unless != nil {
			if err := unless(m); err != nil {
				return err
			}
		}
		audit.Was(ctx, audit.Facts{"name": m.Name})
		return refuseUsed(uses)
	})
}

func refuseUsed(uses []Use) error {
	if len(uses) == 0 {
		return nil
	}
	return fault.New(fault.Conflict, "message_in_use",
		"campaign %d (%s) is still to send this message: let it go out or cancel it first", uses[0].CampaignID, uses[0].Name)
}
