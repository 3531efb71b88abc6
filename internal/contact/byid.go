package contact

import (
	"context"

	"bellman/internal/fault"
)

// ByID returns the living contacts among the ids, ordered by id, with their chats.
// Unknown ids are left out. More than [MaxPage] ids are Invalid. The page has no
// total.
func (s *Service) ByID(ctx context.Context, workspaceID int64, ids []int64) (Page, error) {
	if len(ids) > MaxPage {
		return Page{}, fault.New(fault.Invalid, "too_many_ids", "ask for at most %d contacts at once", MaxPage).In("ids")
	}
	contacts, err := s.store.ContactsByID(ctx, workspaceID, ids)
	if err != nil {
		return Page{}, err
	}
	return s.page(ctx, contacts, 0)
}

// Named returns the living contacts among the ids, with neither fields, groups nor chats, by
// their ids, to show who somebody is. Unknown ids, and 0 for nobody, are left out.
func (s *Service) Named(ctx context.Context, workspaceID int64, ids []int64) (map[int64]Contact, error) {
	if len(ids) == 0 {
		return nil, nil
	}
	contacts, err := s.store.ContactsByID(ctx, workspaceID, ids)
	named := make(map[int64]Contact, len(contacts))
	for _, c := range contacts {
		named[c.ID] = c
	}
	return named, err
}
