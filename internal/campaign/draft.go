package campaign

import (
	"context"
	"strings"

	"bellman/internal/access"
	"bellman/internal/message"
)

// Changes are changes of a campaign; nil leaves a part alone. All but Paid can be
// changed of a draft only.
type Changes struct {
	Name      *string
	BotID     *int64
	MessageID *int64
	Audience  *Audience
	Paid
	// Unless gets the campaign as it is, under the lock under which it is changed. When it
	// returns an error, nothing is changed. Nil never refuses.
	Unless func(Campaign) error
}

// ofDraft tells that something is changed that only a draft lets be changed.
func (ch Changes) ofDraft() bool {
	return ch.Name != nil || ch.BotID != nil || ch.MessageID != nil || ch.Audience != nil
}

// Update changes a campaign: a draft whole, and how it may spend Stars as long as
// it has not ended, also while it goes out. A campaign that had stopped because
// its budget was spent waits to be resumed. A bot, message or group that the
// workspace does not have is NotFound.
func (s *Service) Update(ctx context.Context, workspaceID, id int64, changes Changes) (Report, error) {
	now := s.now()
	return s.change(ctx, workspaceID, id, func(c *Campaign) error {
		if changes.Unless != nil {
			if err := changes.Unless(*c); err != nil {
				return err
			}
		}
		switch {
		case c.Action.Changes():
			return c.refuse("change", "it changes what another one has sent, which costs nothing")
		case c.State.Ended():
			return c.refuse("change", "it has ended")
		case c.State != Draft && changes.ofDraft():
			return c.refuse("change", "only a draft can be changed, but for what it may spend; unschedule makes a scheduled campaign a draft again")
		}
		c.UpdatedAt = now
		if c.State == Draft {
			c.Author = access.AuthorOf(ctx, now)
		}
		return c.apply(changes)
	})
}

func (c *Campaign) apply(changes Changes) error {
	if changes.Name != nil {
		c.Name = strings.TrimSpace(*changes.Name)
		if err := message.CheckName(c.Name); err != nil {
			return err
		}
	}
	if changes.Audience != nil {
		c.Audience = *changes.Audience
		if err := c.Audience.Check(); err != nil {
			return err
		}
	}
	for _, f := range []struct{ to, from *int64 }{
		{&c.BotID, changes.BotID}, {&c.MessageID, changes.MessageID}, {&c.StarsBudget, changes.StarsBudget},
	} {
		if f.from != nil {
			*f.to = *f.from
		}
	}
	if changes.Allow != nil {
		c.AllowPaid = *changes.Allow
	}
	return c.checkBudget()
}

// Unschedule makes a scheduled campaign a draft again: it is not launched by
// itself, and what was fixed of its message is forgotten. A draft stays as it is.
func (s *Service) Unschedule(ctx context.Context, workspaceID, id int64) (Report, error) {
	now := s.now()
	return s.change(ctx, workspaceID, id, func(c *Campaign) error { return c.unschedule(now) })
}

// Delete removes a draft for good. A campaign that was launched, or is scheduled,
// is a Conflict: what was sent is kept.
func (s *Service) Delete(ctx context.Context, workspaceID, id int64) error {
	return s.DeleteUnless(ctx, workspaceID, id, nil)
}

// DeleteUnless is [Service.Delete], unless the campaign as it is, which unless gets under
// the lock of the deletion, is refused.
func (s *Service) DeleteUnless(ctx context.Context, workspaceID, id int64, unless func(Campaign) error) error {
	return s.store.Delete(ctx, workspaceID, id, func(c Campaign) error {
		if unless != nil {
			if err := unless(c); err != nil {
				return err
			}
		}
		if c.State != Draft {
			return c.refuse("delete", "only a draft can be deleted")
		}
		return nil
	})
}
