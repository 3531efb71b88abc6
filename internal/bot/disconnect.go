package bot

import (
	"context"

	"bellman/internal/fault"
)

// MostUses is how many campaigns of a kind are named.
const MostUses = 100

// Use is a campaign of a bot.
type Use struct {
	CampaignID int64
	Name       string
	State      string
}

// Uses is what a bot is used for.
type Uses struct {
	// Subscribers are the chats that would get nothing any more.
	Subscribers int64
	// Pending are broadcasts that are scheduled, go out or are paused, the first hundred: they
	// are in the way of disconnecting.
	Pending []Use
	// Drafts are those that could not be launched any more, the first hundred.
	Drafts []Use
	// Triggered is how many messages are sent by this bot as things happen.
	Triggered int64
}

// Uses returns what is in the way of disconnecting a bot of the workspace, and what would
// happen to whom; NotFound when it has no such bot.
func (s *Service) Uses(ctx context.Context, workspaceID, id int64) (Uses, error) {
	return s.store.Uses(ctx, workspaceID, id)
}

// Disconnect disconnects a bot of the workspace: its token is removed, nothing is sent any
// more, and no call finds it but those for its past. Subscribers, reports and names stay.
// When it is connected again, it has all of them, and what was sent as things happen goes on.
// While broadcasts are scheduled, go out or are paused, it is a Conflict.
//
// What has been handed to the bot's sender leaves, for a few seconds at most.
func (s *Service) Disconnect(ctx context.Context, workspaceID, id int64) error {
	return s.store.Disconnect(ctx, workspaceID, id, s.now(), func(u Uses) error {
		if len(u.Pending) == 0 {
			return nil
		}
		return fault.New(fault.Conflict, "bot_in_use",
			"campaign %d (%s) is not over: let it go out or cancel it first", u.Pending[0].CampaignID, u.Pending[0].Name)
	})
}
