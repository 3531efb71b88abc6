package campaign

import (
	"cmp"
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
	// Language is the one that was asked for when it was sent; empty for the contact's own.
	Language string
	// TelegramMessageID is the message's id in its chat; zero unless sent.
	TelegramMessageID int64
	// SettledAt is zero until the status is final.
	SettledAt time.Time
	// ClickedAt is when the recipient first clicked a link or pressed a button;
	// zero until then.
	ClickedAt time.Time
}

// DeliveryFilter names deliveries; what is zero does not narrow them.
type DeliveryFilter struct {
	// Statuses are those where a recipient may stand.
	Statuses []Status
	// Reasons are those that a delivery may have.
	Reasons []outcome.Reason
	// Clicked wants those who clicked a link or pressed a button, Links those who followed a
	// link with one of these places among those of the message, from 0.
	Clicked bool
	Links   []int
	// Languages wants those with one of these: the one that was asked for when it was sent,
	// else the contact's at present; an empty one wants those of whom none is known.
	Languages []string
	// GroupIDs wants those whose contacts are in one of these groups at present.
	GroupIDs []int64
}

// narrows reports whether not all of what is walked over is wanted.
func (f DeliveryFilter) narrows() bool {
	return len(f.Reasons)+len(f.Languages)+len(f.GroupIDs) > 0 || f.ofClickers() && len(f.Statuses) > 0
}

// ofClickers reports whether those who clicked are walked over.
func (f DeliveryFilter) ofClickers() bool { return f.Clicked || len(f.Links) > 0 }

// walked returns the statuses that are walked over, none for all; it is false where nobody
// can have both one of the statuses and one of the reasons.
func (f DeliveryFilter) walked() (all []Status, some bool) {
	if len(f.Reasons) == 0 {
		return f.Statuses, true
	}
	for _, r := range f.Reasons {
		for _, status := range r.Statuses() {
			if status == "" {
				all = append(all, Queued, InFlight)
			} else {
				all = append(all, status)
			}
		}
	}
	slices.Sort(all)
	all = slices.DeleteFunc(slices.Compact(all), func(s Status) bool { return len(f.Statuses) > 0 && !slices.Contains(f.Statuses, s) })
	return all, len(all) > 0
}

// looked is through how many deliveries one call looks for those that are wanted.
const looked = 10_000

// Deliveries returns up to limit deliveries of a campaign with sequence numbers
// above after, in order, that the filter names. The list goes on behind next; it is zero at
// the end. A call looks through [looked] deliveries at most, so that it may return fewer, or
// none, and a next all the same. It is [ErrNotKept] when they are not kept any more.
func (s *Service) Deliveries(
	ctx context.Context, workspaceID, id int64, f DeliveryFilter, after int64, limit int,
) (found []Delivery, next int64, err error) {
	for _, status := range f.Statuses {
		if !slices.Contains(Statuses, status) {
			return nil, 0, fault.New(fault.Invalid, "status_unknown", "status is one of %s", listed(Statuses)).In("status")
		}
	}
	c, _, err := s.kept(ctx, workspaceID, id)
	if err != nil {
		return nil, 0, err
	}
	left := limit + 1
	if f.narrows() {
		left = looked
	}
	for n := min(limit+1, left); n > 0; n = min(4*n, left) {
		span, err := s.span(ctx, c, f, after, n)
		if err != nil {
			return nil, 0, err
		}
		passed, err := s.passing(ctx, c, f, span)
		if err != nil {
			return nil, 0, err
		}
		if found = append(found, passed...); len(found) > limit {
			return found[:limit], found[limit-1].Seq, nil
		}
		if len(span) < n {
			return found, 0, nil
		}
		after, left = span[len(span)-1].Seq, left-n
	}
	return found, after, nil
}

// span returns the next deliveries among which those that are wanted are.
func (s *Service) span(ctx context.Context, c Campaign, f DeliveryFilter, after int64, n int) (span []Delivery, err error) {
	statuses, some := f.walked()
	switch {
	case !some:
		return nil, nil
	case f.ofClickers():
		span, err = s.store.Clickers(ctx, c.ID, f.Links, after, n)
	default:
		span, err = s.store.Deliveries(ctx, c, statuses, after, n)
	}
	markCancelled(c.State, span)
	return span, err
}

// passing returns those of the deliveries that are wanted.
func (s *Service) passing(ctx context.Context, c Campaign, f DeliveryFilter, all []Delivery) ([]Delivery, error) {
	if !f.narrows() {
		return all, nil
	}
	all = slices.DeleteFunc(slices.Clone(all), func(d Delivery) bool {
		return f.ofClickers() && len(f.Statuses) > 0 && !slices.Contains(f.Statuses, d.Status) ||
			len(f.Reasons) > 0 && !slices.Contains(f.Reasons, d.Reason)
	})
	if len(f.Languages) > 0 && len(all) > 0 {
		languages, err := s.store.LanguagesOf(ctx, c.WorkspaceID, contactsOf(all))
		if err != nil {
			return nil, err
		}
		all = slices.DeleteFunc(all, func(d Delivery) bool { return !slices.Contains(f.Languages, d.spoken(languages)) })
	}
	if len(f.GroupIDs) > 0 && len(all) > 0 {
		members, err := s.store.MembersAmong(ctx, c.WorkspaceID, f.GroupIDs, contactsOf(all))
		if err != nil {
			return nil, err
		}
		is := make(map[int64]bool, len(members))
		for _, id := range members {
			is[id] = true
		}
		all = slices.DeleteFunc(all, func(d Delivery) bool { return !is[d.ContactID] })
	}
	return all, nil
}

// spoken returns in which language a delivery was wanted: that which was asked for, else
// the contact's; empty when none is known.
func (d Delivery) spoken(languages map[int64]string) string {
	return cmp.Or(d.Language, languages[d.ContactID])
}

// contactsOf returns the contacts of deliveries, each once.
func contactsOf(all []Delivery) []int64 {
	ids := make([]int64, 0, len(all))
	for _, d := range all {
		if d.ContactID != 0 {
			ids = append(ids, d.ContactID)
		}
	}
	slices.Sort(ids)
	return slices.Compact(ids)
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
