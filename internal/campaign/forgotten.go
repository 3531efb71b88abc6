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
	_, _, err := s.kept(ctx, workspaceID, id)
	return err
}

// kept returns a campaign whose recipients are kept.
func (s *Service) kept(ctx context.Context, workspaceID, id int64) (Campaign, Ledger, error) {
	c, l, err := s.store.Find(ctx, workspaceID, id)
	if err == nil && !c.ForgottenAt.IsZero() {
		err = ErrNotKept
	}
	return c, l, err
}
