package campaign

import (
	"context"
	"slices"
	"strings"
	"time"

	"bellman/internal/fault"
	"bellman/internal/outcome"
)

// Status is where one recipient stands: its final status, or one of the two below.
//
// spec: status-tracked
type Status = outcome.Status

// The statuses of a delivery. The first two may change; the others are final.
const (
	// Queued recipients wait for their turn.
	Queued Status = "queued"
	// InFlight recipients are on the wire, or about to be.
	InFlight Status = "sending"
	Sent            = outcome.Sent
	Failed          = outcome.Failed
	Skipped         = outcome.Skipped
	Unknown         = outcome.Unknown
)

// Statuses lists every status in the order of a delivery's life.
var Statuses = []Status{Queued, InFlight, Sent, Failed, Skipped, Unknown}

// Delivery is one message to one chat.
type Delivery struct {
	Seq       int64
	ChatID    int64
	ContactID int64
	Status    Status
	// Reason is empty when there is nothing to explain.
	Reason outcome.Reason
	// Detail is Telegram's description, where there is one.
	Detail string
	// TelegramMessageID is the message's id in its chat; zero unless sent.
	TelegramMessageID int64
	// SettledAt is zero until the status is final.
	SettledAt time.Time
	// ClickedAt is when the recipient first clicked a link or pressed a button;
	// zero until then.
	ClickedAt time.Time
}

// Deliveries returns up to limit deliveries of a campaign with sequence numbers
// above after, in order, with the given status; empty means all. It is [ErrNotKept] when
// they are not kept any more.
func (s *Service) Deliveries(ctx context.Context, workspaceID, id int64, status Status, after int64, limit int) ([]Delivery, error) {
	if status != "" && !slices.Contains(Statuses, status) {
		return nil, fault.New(fault.Invalid, "status_unknown", "status is one of %s", listed(Statuses)).In("status")
	}
	c, _, err := s.store.Find(ctx, workspaceID, id)
	if err != nil {
		return nil, err
	}
	if !c.ForgottenAt.IsZero() {
		return nil, ErrNotKept
	}
	deliveries, err := s.store.Deliveries(ctx, c, status, after, limit)
	markCancelled(c.State, deliveries)
	return deliveries, err
}

// In returns the delivery as it is in a campaign in that state: recipients that a
// cancelled campaign will not reach are skipped.
func (d Delivery) In(state State) Delivery {
	if state == Cancelled && d.Status == Queued {
		d.Status, d.Reason = Skipped, outcome.Cancelled
	}
	return d
}

func markCancelled(state State, deliveries []Delivery) {
	for i := range deliveries {
		deliveries[i] = deliveries[i].In(state)
	}
}

func listed(statuses []Status) string {
	names := make([]string, len(statuses))
	for i, s := range statuses {
		names[i] = string(s)
	}
	return strings.Join(names, ", ")
}
