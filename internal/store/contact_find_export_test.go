package store

import (
	"context"

	"bellman/internal/contact"
)

// NearForTest returns contacts among whom a call looks no further than a few, so that
// small tables are looked through as large ones are.
func NearForTest(s Contacts) contact.Store { return near{s} }

type (
	// contacts is called so because the store has a method of the name of its type.
	contacts = Contacts
	near     struct{ contacts }
)

var nearReach = reach{few: 20, named: 10, sorted: 20, looked: 200, lookedNamed: 90, counted: 20, blocks: 2}

// Find implements [contact.FindStore].
func (s near) Find(
	ctx context.Context, workspaceID int64, sel contact.Selection, o contact.Order, after *contact.Position, limit int,
) ([]contact.Position, *contact.Position, error) {
	return nearReach.find(ctx, s.contacts, workspaceID, &sel, o, after, limit)
}

// Count implements [contact.FindStore].
func (s near) Count(ctx context.Context, workspaceID int64, sel contact.Selection) (contact.Count, error) {
	return nearReach.count(ctx, s.contacts, workspaceID, &sel)
}
