package bot

import (
	"context"
	"slices"
)

// All returns the workspace's bots, oldest first.
func (s *Service) All(ctx context.Context, workspaceID int64) (all []Bot, err error) {
	const page = 100
	for last := int64(0); ; last = all[len(all)-1].ID {
		bots, err := s.List(ctx, workspaceID, Filter{After: last, Limit: page})
		all = append(all, bots...)
		if err != nil || len(bots) < page {
			return all, err
		}
	}
}

// Default returns the bot that sends when a call names none: the oldest that is
// active, or the oldest of all when none is. NotFound when there is no bot.
func (s *Service) Default(ctx context.Context, workspaceID int64) (Bot, error) {
	bots, err := s.All(ctx, workspaceID)
	if err != nil {
		return Bot{}, err
	}
	if len(bots) == 0 {
		return Bot{}, ErrNotFound
	}
	i := slices.IndexFunc(bots, func(b Bot) bool { return b.State == Active })
	return bots[max(i, 0)], nil
}
