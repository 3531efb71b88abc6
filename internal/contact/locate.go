package contact

import (
	"context"

	"bellman/internal/workspace"
)

// Locate returns the id of the living contact that each identity names, in their
// order: by its identifier of highest priority alone, as a token with
// [workspace.MatchFirst] does. It is zero where there is none. Identities are clean,
// as [Reader] returns them.
func (s *Service) Locate(ctx context.Context, workspaceID int64, who []Identity) ([]int64, error) {
	look := Lookup{WorkspaceID: workspaceID}
	for _, id := range who {
		look.add(0, id)
	}
	named, err := s.store.Named(ctx, look)
	if err != nil {
		return nil, err
	}
	known := newIndex(Snapshot{Contacts: named}, 0)
	first := resolver{match: workspace.MatchFirst}
	ids := make([]int64, len(who))
	for i, id := range who {
		if c := first.find(known, claim{Identity: id}); c != nil && c.living() {
			ids[i] = c.ID
		}
	}
	return ids, nil
}
