package workspace

import "bellman/internal/fault"

// Keeping is for how many months a workspace keeps what it has sent, from the end of the
// campaign on, and its events, from when they were recorded. Campaigns and sums stay for
// ever.
type Keeping struct{ RecipientsMonths, EventsMonths int }

// The bounds of each, in months. A new workspace keeps a year to compare with, and the
// month that is not over yet; a migration writes that.
const (
	LeastMonths   = 1
	MostMonths    = 120
	DefaultMonths = 13
)

// Check returns an Invalid fault for a number of months that is out of bounds.
func (k Keeping) Check() error {
	for _, kept := range []struct {
		months int
		field  string
	}{{k.RecipientsMonths, "keeping.recipientsMonths"}, {k.EventsMonths, "keeping.eventsMonths"}} {
		if kept.months < LeastMonths || kept.months > MostMonths {
			return fault.New(fault.Invalid, "months_invalid", "write a number of months from %d to %d", LeastMonths, MostMonths).In(kept.field)
		}
	}
	return nil
}
