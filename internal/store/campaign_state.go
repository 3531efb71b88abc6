package store

import (
	"strings"

	"bellman/internal/campaign"
)

// goesOut and pending are the states of [campaign.State.GoesOut] and
// [campaign.State.Pending] as SQL lists for IN, spelled and ordered as in the
// conditions of the schema's indexes.
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
