package webhook

import (
	"bellman/internal/fault"
	"bellman/internal/outcome"
)

// checkState returns the state that a person has chosen, or Invalid.
func checkState(s State) (State, error) {
	if s != Active && s != Paused {
		return s, fault.New(fault.Invalid, "webhook_state_unknown", "choose among %s, %s", Active, Paused).In("state")
	}
	return s, nil
}

// turn puts the webhook into a state, as a person wishes. The reason for which it
// is paused already stays.
func (w *Webhook) turn(to State) {
	switch {
	case to == Active:
		w.State, w.StateReason = Active, ""
	case w.State == Active:
		w.State, w.StateReason = Paused, outcome.ByHand
	}
}
