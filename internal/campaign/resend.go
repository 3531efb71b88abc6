package campaign

import (
	"context"
	"slices"

	"bellman/internal/access"
	"bellman/internal/fault"
	"bellman/internal/idempotency"
)

// Resend sends a campaign that has ended once more, to those of its recipients
// whose status is one of the given ones: failed, unknown, or both. It returns the
// new campaign. Each status can be resent once: a second resend would go to people
// who have the message by now; resend the new campaign instead. It is [ErrNotKept] when
// nobody knows any more who they are, and Forbidden for its author when they are more than
// the workspace lets an author reach: whoever else resends it agrees.
func (s *Service) Resend(ctx context.Context, workspaceID, id int64, statuses []Status) (Report, error) {
	if made, ok := idempotency.EarlierID(ctx); ok {
		return s.Get(ctx, workspaceID, made)
	}
	statuses = slices.Compact(slices.Sorted(slices.Values(statuses)))
	if len(statuses) == 0 || slices.ContainsFunc(statuses, func(s Status) bool { return s != Failed && s != Unknown }) {
		return Report{}, fault.New(fault.Invalid, "statuses_invalid", `write "failed", "unknown", or both`).In("statuses")
	}
	parent, _, err := s.store.Find(ctx, workspaceID, id)
	if err != nil {
		return Report{}, err
	}
	switch {
	case parent.Action.Changes():
		return Report{}, parent.refuse("resend", "it has sent nothing: it changes what another one has sent; make that change again")
	case !parent.State.Ended():
		return Report{}, parent.refuse("resend", "it is still going out; wait for its end, or cancel it")
	}
	now := s.now()
	pass := Campaign{
		WorkspaceID: workspaceID, BotID: parent.BotID, MessageID: parent.MessageID, Name: parent.Name, Kind: Broadcast,
		State: Launching, Audience: Audience{Statuses: statuses}, AllowPaid: parent.AllowPaid, StarsBudget: parent.StarsBudget,
		BotUsername: parent.BotUsername, MessageName: parent.MessageName, Of: parent.ID, Content: parent.Content,
		Author: parent.Author, Writer: parent.Writer,
		LaunchedAt: now, CreatedAt: now, UpdatedAt: now,
	}
	return s.goThrough(ctx, pass, "resend", s.store.CreateResend)
}

// goThrough launches a campaign that goes to recipients of another one: create writes it, and
// deed is what the caller wants to do.
func (s *Service) goThrough(
	ctx context.Context, c Campaign, deed string, create func(context.Context, Campaign) (int64, error),
) (Report, error) {
	asked, err := s.approval(ctx, c, c.Writer)
	if err != nil {
		return Report{}, err
	}
	asked.tell(ctx)
	if asked.Needed() {
		if c.Approver, err = asked.give(access.AuthorOf(ctx, c.CreatedAt), deed); err != nil {
			return Report{}, err
		}
	}
	if c.ID, err = create(ctx, c); err != nil {
		return Report{}, err
	}
	s.wake()
	return Report{Campaign: c}, nil
}
