package message

import "context"

// Filter says which messages to find.
type Filter struct {
	// Search is a part of the names wanted, or a tag, in any case; empty for all.
	Search string
	// Offset is how many to pass over, Limit how many to return at most.
	Offset int64
	Limit  int
}

// Find returns the messages that the filter names, newest first, and how many
// there are on all pages.
func (s *Service) Find(ctx context.Context, workspaceID int64, f Filter) (messages []Message, total int64, err error) {
	return s.store.FindMessages(ctx, workspaceID, f)
}
