package imports

import "context"

// ListFilter says which imports of a workspace are listed.
type ListFilter struct {
	// States are those that are wanted; none for all.
	States []State
	// Before is an id that theirs are below.
	Before int64
	Limit  int
}

// maxCounted is how far imports are counted.
const maxCounted = 10_000

// ListStore is what lists of imports need of the database.
type ListStore interface {
	// Imports returns the imports that pass the filter, newest first.
	Imports(ctx context.Context, workspaceID int64, f ListFilter) ([]Import, error)
	// CountImports returns how many are in the states, counted up to most.
	CountImports(ctx context.Context, workspaceID int64, states []State, most int) (int64, error)
}

// List returns the imports of the workspace that pass the filter, newest first.
func (s *Service) List(ctx context.Context, workspaceID int64, f ListFilter) ([]Import, error) {
	return s.Store.Imports(ctx, workspaceID, f)
}

// CountAll returns how many imports of the workspace are in the states; more is true when
// there are more than were counted.
func (s *Service) CountAll(ctx context.Context, workspaceID int64, states []State) (n int64, more bool, err error) {
	n, err = s.Store.CountImports(ctx, workspaceID, states, maxCounted+1)
	return min(n, maxCounted), n > maxCounted, err
}
