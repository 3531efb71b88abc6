package integration

import (
	"slices"
	"strings"

	"bellman/internal/live"
)

// touches are what calls change, by how their paths begin; the first one that fits counts.
var touches = []struct {
	begins string
	kinds  []live.Kind
}{
	{"/contacts", []live.Kind{live.Import}}, {"/contact", []live.Kind{live.Contact, live.Group}}, {"/emails", []live.Kind{live.Contact}},
	{"/group", []live.Kind{live.Group, live.Contact}}, {"/event", []live.Kind{live.Contact}}, {"/orders", []live.Kind{live.Contact}},
	{"/apps", []live.Kind{live.Contact, live.Bot}}, {"/broadcast", []live.Kind{live.Campaign}},
	{"/message/{id}/s", []live.Kind{live.Campaign}}, {"/message", []live.Kind{live.Message}},
}

// touched returns what a call with the path may have changed.
func touched(path string) (changes []live.Change) {
	i := slices.IndexFunc(touches, func(t struct {
		begins string
		kinds  []live.Kind
	}) bool {
		return strings.HasPrefix(path, t.begins)
	})
	if i < 0 {
		return nil
	}
	for _, kind := range touches[i].kinds {
		changes = append(changes, live.Change{Kind: kind})
	}
	return changes
}
