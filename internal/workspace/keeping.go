package workspace

import "bellman/internal/fault"

// Keeping is for how many months a workspace keeps what it has sent, from the end of the
// campaign on, its events, from when they were recorded, and its lines of the audit log.
// Campaigns and sums stay for ever.
type Keeping struct{ RecipientsMonths, EventsMonths, AuditMonths int }

// LeastAuditMonths is the shortest time for the audit log, and DefaultAuditMonths that of
// a new workspace.
const (
	LeastAuditMonths   = 6
	DefaultAuditMonths = 24
)

// The bounds of the others, in months. A new workspace keeps a year to compare with, and the
// month that is not over yet; a migration writes that.
const (
	LeastMonths   = 1
	MostMonths    = 120
	DefaultMonths = 13
)

// Check returns an Invalid fault for a number of months that is out of bounds.
func (k Keeping) Check() error {
	for _, kept := range []struct {
		months, least int
		field         string
	}{
		{k.RecipientsMonths, LeastMonths, "keeping.recipientsMonths"}, {k.EventsMonths, LeastMonths, "keeping.eventsMonths"},
		{k.AuditMonths, LeastAuditMonths, "keeping.auditMonths"},
	} {
		if kept.months < kept.least || kept.months > MostMonths {
			return fault.New(fault.Invalid, "months_invalid", "write a number of months from %d to %d", kept.least, MostMonths).In(kept.field)
		}
	}
	return nil
}
