package contact

import (
	"context"

	"bellman/internal/audit"
	"bellman/internal/fault"
)

// Delete removes a contact, which loses its chats and leaves its groups. The
// contact can be restored by its externalCustomerId, or [Service.Restore], at any time,
// and then has its groups and chats again; a chat that another contact has got
// meanwhile stays there. With erase, the contact is gone for good, also when it was
// deleted before, and everything personal about it elsewhere is removed soon after, by
// package erasure. NotFound means that there is no such contact.
//
// spec: contact-restored-whole
func (s *Service) Delete(ctx context.Context, workspaceID, id int64, erase bool) error {
	return s.DeleteUnless(ctx, workspaceID, id, erase, nil)
}

// DeleteUnless removes a contact, as [Service.Delete] does, unless the function, which may
// be nil, returns an error for the contact as it is.
func (s *Service) DeleteUnless(ctx context.Context, workspaceID, id int64, erase bool, unless func(Contact) error) error {
	_, err := s.remove(ctx, Lookup{WorkspaceID: workspaceID, ContactIDs: []int64{id}}, erase, unless)
	return err
}

// DeleteByExternalID removes the contact with the externalCustomerId, as
// [Service.Delete] does, and returns its id.
func (s *Service) DeleteByExternalID(ctx context.Context, workspaceID int64, external string, erase bool) (int64, error) {
	external, err := (Reader{}).ExternalCustomerID(external)
	if err != nil {
		return 0, err
	}
	if external == "" {
		return 0, fault.New(fault.Invalid, "identifier_missing", "name the contact: an externalCustomerId").In("externalCustomerId")
	}
	return s.remove(ctx, Lookup{WorkspaceID: workspaceID, ExternalIDs: []string{external}}, erase, nil)
}

// remove deletes or erases the one contact that the lookup names.
func (s *Service) remove(ctx context.Context, look Lookup, erase bool, unless func(Contact) error) (id int64, err error) {
	now := s.now()
	look.Removes, look.Erases, look.Details = true, erase, erase || unless != nil
	err = s.store.Decide(ctx, look, now, func(snap Snapshot) (Plan, error) {
		if len(snap.Contacts) == 0 || !erase && !snap.Contacts[0].living() {
			return Plan{}, ErrNotFound
		}
		c := &snap.Contacts[0]
		if unless != nil {
			if err := unless(*c); err != nil {
				return Plan{}, err
			}
		}
		id = c.ID
		audit.About(ctx, "contacts", id)
		if erase {
			audit.Became(ctx, audit.Facts{"erased": true})
			return Plan{Erase: []*Contact{c}}, nil
		}
		c.DeletedAt, c.UpdatedAt = now, now
		return Plan{Delete: []*Contact{c}}, nil
	})
	return id, err
}
