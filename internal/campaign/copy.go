package campaign

import (
	"context"
	"strings"

	"bellman/internal/idempotency"
	"bellman/internal/message"
)

// Duplicate stores a draft with the bot, the message, the audience and the budget of a
// broadcast, whatever became of that. Without a name, empty, it gets one by
// [message.CopyName]. A triggered campaign and a resend have no audience that could be
// copied, and are a Conflict. A message or group that is gone is NotFound.
func (s *Service) Duplicate(ctx context.Context, workspaceID, id int64, name string) (Report, error) {
	if made, ok := idempotency.EarlierID(ctx); ok {
		return s.Get(ctx, workspaceID, made)
	}
	c, _, err := s.store.Find(ctx, workspaceID, id)
	if err != nil {
		return Report{}, err
	}
	switch {
	case c.Kind != Broadcast:
		return Report{}, c.refuse("copy", "it has no audience: it goes out as systems ask for it")
	case c.Of != 0:
		return Report{}, c.refuse("copy", "it goes to recipients of another one, once: copy that one")
	}
	if name = strings.TrimSpace(name); name == "" {
		taken, err := s.store.Names(ctx, workspaceID, message.CopiedName(c.Name))
		if err != nil {
			return Report{}, err
		}
		name = message.CopyName(c.Name, taken)
	}
	return s.Create(ctx, Campaign{
		WorkspaceID: workspaceID, Name: name, BotID: c.BotID, MessageID: c.MessageID, Audience: c.Audience,
		AllowPaid: c.AllowPaid, StarsBudget: c.StarsBudget,
	})
}
