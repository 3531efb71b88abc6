package webhook

import (
	"context"
	"time"

	"bellman/internal/fault"
)

const (
	// MaxWaiting is how many activities may wait for a webhook. What happens beyond
	// is not recorded for it, but found again among outcomes and clicks once they are
	// posted: see [SenderStore.Refill].
	MaxWaiting = 1_000_000
	// MaxReplays is how many replays of a webhook may wait.
	MaxReplays = 10
	// Overlap is by how much a replay of what was not recorded begins earlier: an
	// outcome or a click is written later than it happened.
	Overlap = time.Hour
)

// Replay selects activities to be posted once more: those of an attempt that was
// accepted, or those that happened from Since until before Until.
type Replay struct {
	Attempt      int64
	Since, Until time.Time
}

var errAttempt = fault.New(fault.NotFound, "webhook_attempt_not_found",
	"there is no such attempt that was taken: the last %d attempts are kept, and what was not taken is posted again anyway", MaxAttempts,
).In("attempt")

// Replay posts activities of a webhook once more, with their ids, after those that wait:
// those of a time by campaign and recipient, and only such as the webhook wants now. An
// UNSUBSCRIBED is left out when the chat is there again. Until may be zero, which means
// now. It returns NotFound for an unknown webhook or attempt, Invalid for a time that is
// none, and Conflict while [MaxReplays] wait.
func (s *Service) Replay(ctx context.Context, workspaceID, id int64, r Replay) error {
	if _, err := s.store.Webhook(ctx, workspaceID, id); err != nil {
		return err
	}
	now := s.now()
	switch {
	case (r.Attempt != 0) == !r.Since.IsZero():
		return fault.New(fault.Invalid, "webhook_replay_invalid", "write either attempt or since").In("since")
	case r.Attempt != 0:
		found, err := s.store.ReplayAttempt(ctx, id, r.Attempt)
		if err == nil && !found {
			return errAttempt
		}
		return err
	case r.Until.IsZero():
		r.Until = now
	}
	if !r.Since.Before(r.Until) || r.Until.After(now) {
		return fault.New(fault.Invalid, "webhook_replay_invalid", "write times that have passed, since before until").In("since")
	}
	added, err := s.store.AddReplay(ctx, id, r, now, MaxReplays)
	if err == nil && !added {
		return fault.New(fault.Conflict, "webhook_replays_full", "%d replays wait already: let them be posted first", MaxReplays)
	}
	return err
}
