package webhook

import (
	"slices"
	"strings"

	"bellman/internal/fault"
	"bellman/internal/outcome"
)

// checkStatuses returns the chosen statuses, each once and in the order of
// [outcome.Activities], or Invalid.
func checkStatuses(chosen []outcome.Activity) ([]outcome.Activity, error) {
	for _, s := range chosen {
		if !slices.Contains(outcome.Activities, s) {
			names := make([]string, len(outcome.Activities))
			for i, known := range outcome.Activities {
				names[i] = string(known)
			}
			return nil, fault.New(fault.Invalid, "webhook_status_unknown",
				"choose among %s", strings.Join(names, ", ")).In("statuses")
		}
	}
	if len(chosen) == 0 {
		return nil, fault.New(fault.Invalid, "webhook_statuses_missing", "choose at least one status").In("statuses")
	}
	return slices.DeleteFunc(slices.Clone(outcome.Activities), func(s outcome.Activity) bool { return !slices.Contains(chosen, s) }), nil
}
