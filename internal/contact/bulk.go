package contact

import (
	"context"
	"time"

	"bellman/internal/fault"
)

// This file changes many contacts in one transaction: up to [MaxPage], so that nobody
// waits long for it. Ids of contacts that are not there are left out.

// FieldSetter returns a function that writes a value of a custom field, which is cleared
// when it is empty, to contacts, and returns how many of them had another one. An unknown
// field, and a value that it does not take, are Invalid.
func (s *Service) FieldSetter(
	ctx context.Context, workspaceID, fieldID int64, value string,
) (func(ctx context.Context, ids []int64) (int, error), error) {
	types, err := s.fieldTypes(ctx, workspaceID)
	if err != nil {
		return nil, err
	}
	if value, err = types.clean(fieldID, value); err != nil {
		return nil, err
	}
	return func(ctx context.Context, ids []int64) (changed int, err error) {
		now := s.now()
		err = s.many(ctx, Lookup{WorkspaceID: workspaceID, ContactIDs: ids, Details: true}, now, func(snap Snapshot) Plan {
			d := newDraft(newIndex(snap, 0), now)
			for i := range snap.Contacts {
				if c := &snap.Contacts[i]; c.living() && c.Fields[fieldID] != value {
					d.change(c, func(c *Contact) { c.setFields(map[int64]string{fieldID: value}) })
				}
			}
			changed = len(d.plan.Update)
			return d.finish()
		})
		return changed, err
	}, nil
}

// DeleteAll deletes contacts, as [Service.Delete] does without erasing them, and returns how
// many were there.
func (s *Service) DeleteAll(ctx context.Context, workspaceID int64, ids []int64) (deleted int, err error) {
	now := s.now()
	err = s.many(ctx, Lookup{WorkspaceID: workspaceID, ContactIDs: ids, Removes: true}, now, func(snap Snapshot) (plan Plan) {
		for i := range snap.Contacts {
			if c := &snap.Contacts[i]; c.living() {
				c.DeletedAt, c.UpdatedAt = now, now
				plan.Delete = append(plan.Delete, c)
			}
		}
		deleted = len(plan.Delete)
		return plan
	})
	return deleted, err
}

// MuteAll keeps broadcasts from the chats of contacts, with the bot or, when that is zero,
// with all, as [Service.Mute] does, and returns how many chats these are.
func (s *Service) MuteAll(ctx context.Context, workspaceID, botID int64, ids []int64, until time.Time) (int, error) {
	if len(ids) > MaxPage {
		return 0, errTooManyIDs
	}
	return s.store.MuteChats(ctx, workspaceID, botID, ids, s.mute(until))
}

// many decides about up to [MaxPage] contacts.
func (s *Service) many(ctx context.Context, look Lookup, now time.Time, plan func(Snapshot) Plan) error {
	if len(look.ContactIDs) > MaxPage {
		return errTooManyIDs
	}
	return s.store.Decide(ctx, look, now, func(snap Snapshot) (Plan, error) { return plan(snap), nil })
}

var errTooManyIDs = fault.New(fault.Invalid, "too_many_ids", "name at most %d contacts at once", MaxPage).In("ids")
