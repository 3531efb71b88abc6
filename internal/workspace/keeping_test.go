package workspace_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"bellman/internal/fault"
	"bellman/internal/workspace"
)

func TestKeepingCheck(t *testing.T) {
	t.Parallel()
	for _, months := range []int{workspace.LeastMonths, workspace.DefaultMonths, workspace.MostMonths} {
		require.NoError(t, workspace.Keeping{RecipientsMonths: months, EventsMonths: months, AuditMonths: max(months, 6)}.Check())
	}
	for _, months := range []int{0, workspace.LeastAuditMonths - 1, workspace.MostMonths + 1} {
		err := workspace.Keeping{RecipientsMonths: 1, EventsMonths: 1, AuditMonths: months}.Check()
		require.ErrorContains(t, err, "keeping.auditMonths: write a number of months from 6 to 120")
	}
	for _, months := range []int{-1, 0, workspace.MostMonths + 1} {
		err := workspace.Keeping{RecipientsMonths: months, EventsMonths: 1}.Check()
		require.True(t, fault.Is(err, "months_invalid"))
		require.ErrorContains(t, err, "keeping.recipientsMonths")
		require.ErrorContains(t, workspace.Keeping{RecipientsMonths: 1, EventsMonths: months}.Check(), "keeping.eventsMonths")
	}
}
