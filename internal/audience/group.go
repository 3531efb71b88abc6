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

// Filter selects the groups to list, in the order of their ids.
type Filter struct {
	// Name is a part of the wanted names, in any case; empty for all.
	Name string
	// After is the id after which the list continues, Offset how many groups to
	// skip from there.
	After  int64
	Offset int
	Limit  int
}

// Use is a campaign that still needs a group.
type Use struct {
	CampaignID int64
	Name       string
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
	// Rename gives a group another name: NotFound, or Conflict when another group
	// has that name.
	Rename(ctx context.Context, workspaceID, id int64, name string) error
	// Delete hides a group unless allow, which gets the campaigns that still need
	// it, returns an error. From then on no campaign can be launched to it.
	Delete(ctx context.Context, workspaceID, id int64, allow func(uses []Use) error) error
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

// List returns the groups that the filter names, in the order of their ids.
func (s *Service) List(ctx context.Context, workspaceID int64, f Filter) ([]Group, error) {
	f.Name = strings.TrimSpace(f.Name)
	// No name contains these characters, and not every database accepts them in a
	// query.
	if !utf8.ValidString(f.Name) || strings.ContainsRune(f.Name, 0) {
		return nil, nil
	}
	return s.store.List(ctx, workspaceID, f)
}

// Rename gives a group another name; one that another group has is a Conflict.
func (s *Service) Rename(ctx context.Context, workspaceID, id int64, name string) (Group, error) {
	names, err := CleanNames([]string{name})
	if err != nil {
		return Group{}, err
	}
	if err := s.store.Rename(ctx, workspaceID, id, names[0]); err != nil {
		return Group{}, err
	}
	return s.store.Find(ctx, workspaceID, id)
}

// chunk is how many members are removed in one transaction, so that a large group
// delays nobody else.
const chunk = 5000

// Delete removes a group; its contacts stay. While a campaign still needs the
// group, it is a Conflict.
func (s *Service) Delete(ctx context.Context, workspaceID, id int64) error {
	if err := s.store.Delete(ctx, workspaceID, id, refuseUsed); err != nil {
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

func refuseUsed(uses []Use) error {
	if len(uses) == 0 {
		return nil
	}
	return fault.New(fault.Conflict, "group_in_use",
		"campaign %d (%s) is still to go to this group: let it go out or cancel it first", uses[0].CampaignID, uses[0].Name)
}
