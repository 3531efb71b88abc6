package audience

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"bellman/internal/fault"
	"bellman/internal/message"
)

// MaxNamed is how many groups one call may name.
const MaxNamed = 100

// CheckNames returns Invalid for names that no group can have, and for more than
// [MaxNamed] names. The fault's field is the index of the bad name.
func CheckNames(names []string) *fault.Error {
	if len(names) > MaxNamed {
		return fault.New(fault.Invalid, "too_many_groups", "name at most %d groups", MaxNamed)
	}
	for i, name := range names {
		if message.CheckName(strings.TrimSpace(name)) != nil {
			return fault.New(fault.Invalid, "name_invalid",
				"the name of a group has 1 to %d characters", message.MaxName).In(fmt.Sprintf("[%d]", i))
		}
	}
	return nil
}

// Join adds contacts to the groups with these names, and creates the missing
// groups. The contacts are added in one transaction: a few thousand are no problem.
func (s *Service) Join(ctx context.Context, workspaceID int64, names []string, contactIDs []int64) error {
	if len(names) == 0 || len(contactIDs) == 0 {
		return nil
	}
	groups, err := s.Ensure(ctx, workspaceID, names)
	if err != nil {
		return err
	}
	_, err = s.store.Attach(ctx, workspaceID, unique(groups), unique(contactIDs), s.now())
	return err
}

// Leave removes contacts from the existing groups with these names.
func (s *Service) Leave(ctx context.Context, workspaceID int64, names []string, contactIDs []int64) error {
	if len(contactIDs) == 0 {
		return nil
	}
	groups, err := s.known(ctx, workspaceID, names)
	if err != nil || len(groups) == 0 {
		return err
	}
	_, err = s.store.Detach(ctx, workspaceID, groups, unique(contactIDs))
	return err
}

// namedPage is how many groups are read at once.
const namedPage = 500

// known returns the ids of the existing groups among the named ones.
func (s *Service) known(ctx context.Context, workspaceID int64, names []string) (ids []int64, err error) {
	for _, name := range names {
		key, after := NameKey(strings.TrimSpace(name)), Group{}
		for more := true; more; {
			groups, err := s.List(ctx, workspaceID, Filter{Name: name, After: after, Limit: namedPage})
			if err != nil {
				return nil, err
			}
			for _, g := range groups {
				after = g
				if NameKey(g.Name) == key {
					ids = append(ids, g.ID)
				}
			}
			more = len(groups) == namedPage
		}
	}
	return unique(ids), nil
}

// unique returns the ids in ascending order, each once.
func unique(ids []int64) []int64 { return slices.Compact(slices.Sorted(slices.Values(ids))) }
