package campaign

import (
	"context"
	"time"

	"bellman/internal/access"
	"bellman/internal/idempotency"
)

// Start stores a broadcast that goes out now, or at the given time, all or
// nothing: what [Service.Create] and [Service.Launch] do in one. Where the workspace
// asks for somebody else than the author, that is Forbidden: who starts it wrote it.
func (s *Service) Start(ctx context.Context, c Campaign, at time.Time) (Report, error) {
	if id, ok := idempotency.EarlierID(ctx); ok {
		return s.Get(ctx, c.WorkspaceID, id)
	}
	c, err := s.draft(ctx, c)
	if err != nil {
		return Report{}, err
	}
	m, template, err := s.checked(ctx, c.WorkspaceID, c.MessageID)
	if err != nil {
		return Report{}, err
	}
	if c.Content, err = m.Content.Encode(); err != nil {
		return Report{}, err
	}
	if err := c.launch(c.CreatedAt, at); err != nil {
		return Report{}, err
	}
	c.Writer = m.Author
	if err := s.allowAlone(ctx, c, "launch"); err != nil {
		return Report{}, err
	}
	if c.ID, err = s.store.Create(ctx, c); err != nil {
		return Report{}, err
	}
	s.wake()
	return Report{Campaign: c, Warnings: s.warnings(template)}, nil
}

// Launch starts a draft or a scheduled campaign now, when at is zero, or schedules
// it. A time that passed more than two minutes ago is Invalid. The message is
// checked again and frozen as it is now.
//
// It is Forbidden where the workspace asks for somebody else than the author, and Invalid
// for somebody else who does not say what was looked at: see [Service.LaunchSeen].
func (s *Service) Launch(ctx context.Context, workspaceID, id int64, at time.Time) (Report, error) {
	return s.LaunchSeen(ctx, workspaceID, id, at, "")
}

// LaunchSeen is [Service.Launch] of a version that [Service.Preflight] has returned. When
// the campaign or its message was changed since, it is a Conflict. Without a version,
// empty, nobody agrees to more recipients than the workspace lets an author reach.
func (s *Service) LaunchSeen(ctx context.Context, workspaceID, id int64, at time.Time, version string) (Report, error) {
	c, _, err := s.store.Find(ctx, workspaceID, id)
	if err != nil {
		return Report{}, err
	}
	m, template, err := s.checked(ctx, workspaceID, c.MessageID)
	if err != nil {
		return Report{}, err
	}
	content, err := m.Content.Encode()
	if err != nil {
		return Report{}, err
	}
	asked, err := s.approval(ctx, c, m.Author)
	if err != nil {
		return Report{}, err
	}
	counted, err := c.version(content)
	if err != nil {
		return Report{}, err
	}
	asked.tell(ctx)
	now := s.now()
	report, err := s.change(ctx, workspaceID, id, func(c *Campaign) error {
		if err := c.launch(now, at); err != nil {
			return err
		}
		present, err := c.version(content)
		if err != nil {
			return err
		}
		// What was counted is what goes out, and what was looked at.
		if present != counted || version != "" && version != present {
			return errChanged
		}
		asked.Campaign = c.Author
		c.Content, c.Writer, c.Approver = content, m.Author, access.Author{}
		if !asked.Needed() {
			return nil
		}
		c.Approver, err = asked.give(access.AuthorOf(ctx, now), "launch")
		if err == nil && version == "" {
			return errVersionMissing
		}
		return err
	})
	report.Warnings = s.warnings(template)
	return report, err
}
