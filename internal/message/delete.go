package message

import (
	"context"

	"bellman/internal/fault"
)

// Use is a campaign that is still to send a message.
type Use struct {
	CampaignID int64
	Name       string
}

// Delete removes a message; what was sent of it stays on record. While a
// campaign is still to send it, it is a Conflict; NotFound when the workspace
// has no such message.
func (s *Service) Delete(ctx context.Context, workspaceID, id int64) error {
	return s.store.DeleteMessage(ctx, workspaceID, id, refuseUsed)
}

func refuseUsed(uses []Use) error {
	if len(uses) == 0 {
		return nil
	}
	return fault.New(fault.Conflict, "message_in_use",
		"campaign %d (%s) is still to send this message: let it go out or cancel it first", uses[0].CampaignID, uses[0].Name)
}
