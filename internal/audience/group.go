package audience

import (
	"context"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"bellman/internal/contact"
	"bellman/internal/fault"
	"bellman/internal/message"
)

// Group is a list of contacts that is kept by hand.
type Group struct {
	ID          int64
	WorkspaceID int64
	// Name is unique in its workspace, without regard to case.
	Name string
	// Members is the number of contacts in it.
	Members   int64
	CreatedAt time.Time
}

// NameKey returns the form in which names of groups are compared: without case,
// in any script.
func NameKey(name string) string { return contact.Fold(name) }

// Filter selects the groups to list.
type Filter struct {
	// Name is a part of the wanted names, in any case; empty for all.
	Name string
	Sort Sort
	// Descending turns the order round.
	Descending bool
	// After is the group behind which the list continues, by its id and what the list is
	// sorted by; the zero one is before all. Offset is how many groups to skip from there.
	After  Group
	Offset int
	Limit  int
}

// Sort is what a list of groups is sorted by. Those that are equal are in the order of their
// ids.
type Sort string

// What lists of groups are sorted by.
const (
	ByID      Sort = ""
	ByName    Sort = "name"
	ByMembers Sort = "members"
)

// Use is a broadcast that goes to a group, or leaves its members out.
type Use struct {
	CampaignID int64
	Name       string
	// State is the campaign's.
	State string
	// Excluded is true when the members are left out.
	Excluded bool
}

// GroupStore is what groups need of the database.
type GroupStore interface {
	// Create writes the groups whose names the workspace does not have, all or
	// none, and returns the ids of all groups, in the order of the names, and how
	// many it wrote.
	Create(ctx context.Context, workspaceID int64, names []string, now time.Time) (ids []int64, created int, err error)
	// Find returns a group, or NotFound.
	Find(ctx context.Context, workspaceID, id int64) (Group, error)
	// List returns the groups that the filter names.
	List(ctx context.Context, workspaceID int64, f Filter) ([]Group, error)
	// Count returns how many groups the filter names on all pages.
	Count(ctx context.Context, workspaceID int64, f Filter) (int64, error)
	// Rename gives a group another name unless allow, which gets it as it is, returns an
	// error: NotFound, or Conflict when another group has that name.
	Rename(ctx context.Context, workspaceID, id int64, name string, allow func(Group) error) error
	// Delete hides a group unless allow, which gets it and the campaigns that still need
	// it, returns an error. From then on no campaign can be launched to it.
	Delete(ctx context.Context, workspaceID, id int64, allow func(g Group, uses []Use) error) error
	// Uses returns broadcasts that name the group, those of the largest ids below before
	// first. It looks through a bounded number of broadcasts: next is the id below which the
	// list goes on, zero at its end.
	Uses(ctx context.Context, workspaceID, id, before int64, limit int) (uses []Use, next int64, err error)
	// Sweep removes up to limit members of deleted groups, and reports
	// whether there may be more.
	Sweep(ctx context.Context, limit int) (more bool, err error)
}

// Store is what audience needs of the database.
type Store interface {
	GroupStore
	MemberStore
}

// Service keeps groups.
type Service struct {
	store Store
	now   func() time.Time
}

// New returns a service over the store, with the given clock.
func New(store Store, now func() time.Time) *Service { return &Service{store: store, now: now} }

// ErrNotFound is returned for a group that the workspace does not have.
var ErrNotFound = fault.New(fault.NotFound, "group_not_found", "there is no group with this id")

// ErrNameTaken is returned for a name that another group of the workspace has.
var ErrNameTaken = fault.New(fault.Conflict, "group_name_taken",
	"another group has this name: choose a different one").In("name")

// Create creates an empty group; a name that another group has is a Conflict.
func (s *Service) Create(ctx context.Context, workspaceID int64, name string) (Group, error) {
	names, err := CleanNames([]string{name})
	if err != nil {
		return Group{}, err
	}
	g := Group{WorkspaceID: workspaceID, Name: names[0], CreatedAt: s.now()}
	ids, created, err := s.store.Create(ctx, workspaceID, names, g.CreatedAt)
	if err != nil {
		return Group{}, err
	}
	if created == 0 {
		return Group{}, ErrNameTaken
	}
	g.ID = ids[0]
	return g, nil
}

// Ensure returns the ids of the groups with these names, in their order, and
// creates those that are missing.
func (s *Service) Ensure(ctx context.Context, workspaceID int64, names []string) ([]int64, error) {
	names, err := CleanNames(names)
	if err != nil || len(names) == 0 {
		return nil, err
	}
	ids, _, err := s.store.Create(ctx, workspaceID, names, s.now())
	return ids, err
}

// CleanNames returns the names as groups have them: without surrounding blanks. One
// that no group can have is Invalid.
func CleanNames(names []string) ([]string, error) {
	clean := make([]string, len(names))
	for i, name := range names {
		clean[i] = strings.TrimSpace(name)
		if err := message.CheckName(clean[i]); err != nil {
			return nil, err
		}
	}
	return clean, nil
}

// Get returns a group; NotFound when the workspace has no such group.
func (s *Service) Get(ctx context.Context, workspaceID, id int64) (Group, error) {
	return s.store.Find(ctx, workspaceID, id)
}

// List returns the groups that the filter names, in its order.
func (s *Service) List(ctx context.Context, workspaceID int64, f Filter) ([]Group, error) {
	if !f.clean() {
		return nil, nil
	}
	return s.store.List(ctx, workspaceID, f)
}

// Count returns how many groups the filter names on all pages.
func (s *Service) Count(ctx context.Context, workspaceID int64, f Filter) (int64, error) {
	if !f.clean() {
		return 0, nil
	}
	return s.store.Count(ctx, workspaceID, f)
}

// clean reports whether there can be a group with the name, which it trims. No name
// contains certain characters, and not every database accepts them in a query.
func (f *Filter) clean() bool {
	f.Name = strings.TrimSpace(f.Name)
	return utf8.ValidString(f.Name) && !strings.ContainsRune(f.Name, 0)
}

// Uses returns up to limit broadcasts that go to the group or leave its members out, newest
// first, of those with ids below before; and below which the list goes on, zero at its end.
// There may be fewer before that. NotFound when the workspace has no such group.
func (s *Service) Uses(ctx context.Context, workspaceID, id, before int64, limit int) (uses []Use, next int64, err error) {
	if _, err := s.store.Find(ctx, workspaceID, id); err != nil {
		return nil, 0, err
	}
	return s.store.Uses(ctx, workspaceID, id, before, limit)
}

// Rename gives a group another name; one that another group has is a Conflict. Nothing is
// changed when unless, which may be nil, returns an error for the group as it is.
func (s *Service) Rename(ctx context.Context, workspaceID, id int64, name string, unless func(Group) error) (Group, error) {
	names, err := CleanNames([]string{name})
	if err != nil {
		return Group{}, err
	}
	if err := s.store.Rename(ctx, workspaceID, id, names[0], func(g Group) error { return check(unless, g) }); err != nil {
		return Group{}, err
	}
	return s.store.Find(ctx, workspaceID, id)
}

// chunk is how many members are removed in one transaction, so that a large group
// delays nobody else.
const chunk = 5000

// Delete removes a group; its contacts stay. While a campaign still needs the
// group, it is a Conflict. Nothing is changed when unless, which may be nil, returns an
// error for the group as it is.
func (s *Service) Delete(ctx context.Context, workspaceID, id int64, unless func(Group) error) error {
	err := s.store.Delete(ctx, workspaceID, id, func(g Group, uses []Use) error {
		if err := check(unless, g); err != nil {
			return err
		}
		return refuseUsed(uses)
	})
	if err != nil {
		return err
	}
	// The group is gone by now. Members that remain after an error or a crash are
	// visible to nobody, and the next deletion removes them.
	for {
		more, err := s.store.Sweep(ctx, chunk)
		if err != nil {
			return fmt.Errorf("audience: group %d is deleted, some of its rows remain until the next deletion: %w", id, err)
		}
		if !more {
			return nil
		}
	}
}

func check(unless func(Group) error, g Group) error {
	if unless == nil {
		return nil
	}
	return unless(g)
}

func refuseUsed(uses []Use) error {
	if len(uses) == 0 {
		return nil
	}
	return fault.New(fault.Conflict, "group_in_use",
		"campaign %d (%s) is still to go to this group: let it go out or cancel it first", uses[0].CampaignID, uses[0].Name)
}
