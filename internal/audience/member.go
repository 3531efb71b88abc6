package audience

import (
	"context"
	"time"

	"bellman/internal/fault"
)

// MaxContacts is how many contacts one call may attach or detach.
const MaxContacts = 500

// Who names contacts, by one kind of identifier.
type Who struct {
	ContactIDs          []int64
	ExternalCustomerIDs []string
}

// Change is the result of attaching or detaching contacts.
type Change struct {
	// Changed is how many contacts were attached or detached.
	Changed int
	// UnknownContactIDs and UnknownExternalCustomerIDs are those that the workspace
	// does not have.
	UnknownContactIDs          []int64
	UnknownExternalCustomerIDs []string
}

// Member is a contact in a group.
type Member struct {
	ContactID int64
	// AddedAt is when the contact came to the group; zero for those of installations
	// that did not keep it then.
	AddedAt time.Time
}

// Page selects a page of a group's members: Limit of them after the member After, or
// from the position Offset on. Only one of the two may be set.
type Page struct {
	// ByTime orders by the time of addition, and those of one time by contact id; else
	// the order is that of contact ids. Descending turns it round.
	ByTime, Descending bool
	// After is zero for the beginning of the list. Its time counts only with ByTime.
	After  Member
	Offset int64
	Limit  int
}

// MemberStore is what the members of groups need of the database.
type MemberStore interface {
	// Attach adds the contacts that the workspace has to the groups, or returns
	// NotFound when one of the groups does not exist.
	Attach(ctx context.Context, workspaceID int64, groupIDs, contactIDs []int64, now time.Time) (Change, error)
	// Detach removes contacts from the groups.
	Detach(ctx context.Context, workspaceID int64, groupIDs, contactIDs []int64) (Change, error)
	// Empty removes up to limit members and reports whether there may be
	// more.
	Empty(ctx context.Context, workspaceID, id int64, limit int) (removed int, more bool, err error)
	// ContactIDs returns the contacts that have one of the externalCustomerIds.
	ContactIDs(ctx context.Context, workspaceID int64, externalIDs []string) (map[string]int64, error)
	// Members returns a page of a group's members, and the number of all, or
	// NotFound.
	Members(ctx context.Context, workspaceID, groupID int64, p Page) (page []Member, total int64, err error)
	// GroupsOf returns the groups of each of the contacts, in the order of their
	// ids, without their numbers of members.
	GroupsOf(ctx context.Context, workspaceID int64, contactIDs []int64) (map[int64][]Group, error)
}

// Attach adds contacts to a group, at most [MaxContacts]. Contacts that are members
// already stay; unknown ones are reported.
func (s *Service) Attach(ctx context.Context, workspaceID, groupID int64, who Who) (Change, error) {
	if len(who.ContactIDs)+len(who.ExternalCustomerIDs) == 0 {
		return Change{}, fault.New(fault.Invalid, "contacts_missing", "name contacts: contactIds or externalCustomerIds").In("contactIds")
	}
	attach := func(ctx context.Context, workspaceID int64, groupIDs, contactIDs []int64) (Change, error) {
		return s.store.Attach(ctx, workspaceID, groupIDs, contactIDs, s.now())
	}
	return s.change(ctx, workspaceID, groupID, who, attach)
}

// Detach removes contacts from a group, at most [MaxContacts]. An empty who removes
// all of them.
//
// spec: group-detach-all
func (s *Service) Detach(ctx context.Context, workspaceID, groupID int64, who Who) (Change, error) {
	if len(who.ContactIDs)+len(who.ExternalCustomerIDs) == 0 {
		return s.empty(ctx, workspaceID, groupID)
	}
	return s.change(ctx, workspaceID, groupID, who, s.store.Detach)
}

func (s *Service) empty(ctx context.Context, workspaceID, groupID int64) (Change, error) {
	var out Change
	for {
		removed, more, err := s.store.Empty(ctx, workspaceID, groupID, chunk)
		out.Changed += removed
		if err != nil || !more {
			return out, err
		}
	}
}

// change attaches or detaches the contacts that who names.
func (s *Service) change(ctx context.Context, workspaceID, groupID int64, who Who,
	write func(ctx context.Context, workspaceID int64, groupIDs, contactIDs []int64) (Change, error),
) (Change, error) {
	if err := who.check(); err != nil {
		return Change{}, err
	}
	if len(who.ExternalCustomerIDs) == 0 {
		return write(ctx, workspaceID, []int64{groupID}, who.ContactIDs)
	}
	known, err := s.store.ContactIDs(ctx, workspaceID, who.ExternalCustomerIDs)
	if err != nil {
		return Change{}, err
	}
	var (
		ids     []int64
		unknown []string
	)
	for _, external := range who.ExternalCustomerIDs {
		if id, ok := known[external]; ok {
			ids = append(ids, id)
		} else {
			unknown = append(unknown, external)
		}
	}
	out, err := write(ctx, workspaceID, []int64{groupID}, ids)
	out.UnknownExternalCustomerIDs = unknown
	return out, err
}

// spec: group-one-kind
func (w Who) check() error {
	switch {
	case len(w.ContactIDs) > 0 && len(w.ExternalCustomerIDs) > 0:
		return fault.New(fault.Invalid, "contacts_ambiguous", "write contactIds or externalCustomerIds, not both").In("externalCustomerIds")
	case len(w.ContactIDs) > MaxContacts:
		return errTooMany.In("contactIds")
	case len(w.ExternalCustomerIDs) > MaxContacts:
		return errTooMany.In("externalCustomerIds")
	}
	return nil
}

var errTooMany = fault.New(fault.Invalid, "too_many_contacts", "one call takes at most %d contacts: make several calls", MaxContacts)

// Members returns a page of a group's members and the number of all; NotFound
// when the workspace has no such group. By contact id any page takes about the same
// time; by time the list is walked over up to the offset.
func (s *Service) Members(ctx context.Context, workspaceID, groupID int64, p Page) (page []Member, total int64, err error) {
	return s.store.Members(ctx, workspaceID, groupID, p)
}

// GroupsOf returns the groups of each of the contacts, in the order of their
// ids. Their numbers of members are not counted.
func (s *Service) GroupsOf(ctx context.Context, workspaceID int64, contactIDs []int64) (map[int64][]Group, error) {
	return s.store.GroupsOf(ctx, workspaceID, contactIDs)
}
