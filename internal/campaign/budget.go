package campaign

import (
	"context"

	"bellman/internal/fault"
)

// MaxStars is the largest budget, in Stars.
const MaxStars = 1_000_000_000

func (c *Campaign) checkBudget() error {
	if c.StarsBudget < 0 || c.StarsBudget > MaxStars {
		return fault.New(fault.Invalid, "stars_budget_invalid", "write a number of Stars from 0 (no bound) to %d", MaxStars).In("starsBudget")
	}
	return nil
}

// Paid is a change of how a campaign may spend Stars; nil leaves a value unchanged.
type Paid struct {
	Allow       *bool
	StarsBudget *int64
}

// UpdatePaid changes how a campaign may spend Stars, also while it goes out. A
// campaign that was paused because its budget was spent stays paused until it is
// resumed.
func (s *Service) UpdatePaid(ctx context.Context, workspaceID, id int64, change Paid) (Report, error) {
	now := s.now()
	return s.change(ctx, workspaceID, id, func(c *Campaign) error {
		if c.State.Ended() {
			return c.refuse("change", "it has ended")
		}
		if change.Allow != nil {
			c.AllowPaid = *change.Allow
		}
		if change.StarsBudget != nil {
			c.StarsBudget = *change.StarsBudget
		}
		c.UpdatedAt = now
		return c.checkBudget()
	})
}
