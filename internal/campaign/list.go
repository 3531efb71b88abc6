package campaign

import (
	"context"
	"strings"
	"time"
)

// Order is the order of a list of campaigns: by a value, or backwards with a minus before
// it. Campaigns whose values are the same are in the order of their ids. Those that have
// no time of a kind yet come before all that have one.
type Order string

// The orders of campaigns. The default, empty, is newest first.
const (
	NewestFirst Order = ""
	ByName      Order = "name"
	ByCreation  Order = "createdAt"
	ByLaunch    Order = "launchedAt"
	BySchedule  Order = "scheduledAt"
)

// Back returns the order backwards.
func (o Order) Back() Order { return "-" + o }

// Descends reports whether the order is backwards, and By what it is by.
func (o Order) Descends() bool { return o == NewestFirst || strings.HasPrefix(string(o), "-") }

// By is described at [Order.Descends].
func (o Order) By() Order { return Order(strings.TrimPrefix(string(o), "-")) }

// Place is where a campaign stands in an order.
type Place struct {
	// Text is its folded name in an order by name, At the milliseconds of its time in one
	// by time; zero for none.
	Text string
	At   int64
	ID   int64
}

// Place returns where a campaign stands in the order. fold returns the form in which
// names are compared.
func (o Order) Place(c Campaign, fold func(string) string) Place {
	p := Place{ID: c.ID}
	var at time.Time
	switch o.By() {
	case ByName:
		p.Text = fold(c.Name)
	case ByCreation:
		at = c.CreatedAt
	case ByLaunch:
		at = c.LaunchedAt
	case BySchedule:
		at = c.ScheduledAt
	}
	if !at.IsZero() {
		p.At = at.UnixMilli()
	}
	return p
}

// Filter says which campaigns to find, and in which order; what is zero wants all.
type Filter struct {
	States    []State
	Kind      Kind
	BotID     int64
	MessageID int64
	// Actions wants those that do one of these.
	Actions []Action
	// Of wants those that go to the recipients of this campaign.
	Of int64
	// Search is a part of the names wanted, in any case.
	Search string
	// Test wants campaigns of test sends, or none of these; nil wants both.
	Test *bool
	// LaunchedFrom and LaunchedTo want those that were launched from the one moment on and
	// before the other.
	LaunchedFrom, LaunchedTo time.Time
	// Order is that of the list, After the place behind which it begins; nil for its
	// beginning.
	Order Order
	After *Place
	// Offset is how many to pass over, Limit how many to return at most.
	Offset int64
	Limit  int
	// Total asks for how many there are on all pages.
	Total bool
}

// List returns the campaigns that the filter names, and how many there are on all pages if
// it asks for that.
func (s *Service) List(ctx context.Context, workspaceID int64, f Filter) (reports []Report, total int64, err error) {
	campaigns, ledgers, total, err := s.store.List(ctx, workspaceID, f)
	return s.reports(campaigns, ledgers), total, err
}

func (s *Service) reports(campaigns []Campaign, ledgers []Ledger) []Report {
	reports := make([]Report, len(campaigns))
	for i, c := range campaigns {
		reports[i] = s.report(c, ledgers[i])
	}
	return reports
}
