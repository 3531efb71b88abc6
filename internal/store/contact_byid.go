package store

import (
	"context"

	"bellman/internal/contact"
)

// ContactsByID implements [contact.Store]. The sum in the condition keeps the
// planner from walking over the index of all living contacts instead of reading
// those that are named.
func (s Contacts) ContactsByID(ctx context.Context, workspaceID int64, ids []int64) ([]contact.Contact, error) {
	return s.contacts(ctx, `
		SELECT `+contactColumns+` FROM contacts
		WHERE workspace_id = $1 AND deleted_at + 0 = 0 AND id`+s.d.among(s.intsIn("$2"))+` ORDER BY id`, workspaceID, ints(ids))
}
