package campaign

import "bellman/internal/fault"

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
