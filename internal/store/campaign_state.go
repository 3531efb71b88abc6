package store

import (
	"strings"

	"bellman/internal/campaign"
)

// goesOut and pending are the states of [campaign.State.GoesOut] and
// [campaign.State.Pending] as SQL takes them behind IN: as indexes of the schema
// name them, in their order.
var (
	goesOut = statesThat(campaign.State.GoesOut)
	pending = statesThat(campaign.State.Pending)
)

func statesThat(holds func(campaign.State) bool) string {
	var named []string
	for _, s := range campaign.States {
		if holds(s) {
			named = append(named, "'"+string(s)+"'")
		}
	}
	return "(" + strings.Join(named, ", ") + ")"
}
