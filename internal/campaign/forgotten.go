package campaign

import (
	"context"

	"bellman/internal/fault"
)

// ErrNotKept is returned for what is asked about the recipients of a campaign that is
// forgotten.
var ErrNotKept = fault.New(fault.Conflict, "recipients_not_kept",
	"this campaign ended so long ago that its recipients, their outcomes and clicks are not kept any more; its counts are")

// CheckKept returns [ErrNotKept] when the recipients of a campaign are not kept any more,
// and NotFound when the workspace has no such campaign.
func (s *Service) CheckKept(ctx context.Context, workspaceID, id int64) error {
	c, _, err := s.store.Find(ctx, workspaceID, id)
	if err == nil && !c.ForgottenAt.IsZero() {
		return ErrNotKept
	}
	return err
}
