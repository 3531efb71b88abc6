package event_test

import (
	"context"
	"time"

	"bellman/internal/event"
)

// memory is a store without contacts that keeps the events it is given.
type memory struct {
	event.Store
	events []event.Event
}

func (m *memory) Holders(context.Context, int64, event.Lookup) ([]event.Holder, error) {
	return nil, nil
}

func (m *memory) AppendEvents(_ context.Context, _ int64, events []event.Event, _ time.Time) ([]int64, error) {
	m.events = events
	return make([]int64, len(events)), nil
}
