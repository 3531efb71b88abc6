package activity

import (
	"context"
	"slices"
	"time"

	"bellman/internal/campaign"
	"bellman/internal/contact"
	"bellman/internal/fault"
	"bellman/internal/outcome"
	"bellman/internal/summary"
)

// Limits of a list.
const (
	// MaxPage is how many activities a page may have.
	MaxPage = 25_000
	// MaxMonths is how long a window may be.
	MaxMonths = 3
	// maxClicks is how many clicks of one recipient are listed.
	maxClicks = 15
)

// Query selects activities.
type Query struct {
	Window
	// Statuses are the wanted ones; empty for all.
	Statuses []outcome.Activity
	// People limits the list to messages to the contacts Contacts.
	People   bool
	Contacts []int64
	// Tag is one that the messages have, in any case; empty for all messages.
	Tag string
	// Offset is that of the activity after which the list continues; zero for the
	// first page.
	Offset Offset
	Limit  int
}

// wants reports whether the query selects activities of the status.
func (q Query) wants(s outcome.Activity) bool {
	return len(q.Statuses) == 0 || slices.Contains(q.Statuses, s)
}

// outcomes returns the selected statuses of outcomes.
func (q Query) outcomes() (wanted []outcome.Status) {
	for _, s := range outcome.Statuses {
		if q.wants(s.Activity()) {
			wanted = append(wanted, s)
		}
	}
	return wanted
}

func (q Query) check() error {
	switch {
	case q.Limit < 1 || q.Limit > MaxPage:
		return fault.New(fault.Invalid, "limit_invalid", "ask for 1 to %d activities at once", MaxPage).In("limit")
	case !q.To.After(q.From):
		return fault.New(fault.Invalid, "window_invalid", "the window has to end after it begins").In("to")
	case q.To.After(q.From.AddDate(0, MaxMonths, 1)):
		return fault.New(fault.Invalid, "window_too_long", "ask for at most %d months at once", MaxMonths).In("to")
	}
	return nil
}

// Active is a campaign that may have outcomes, if it is Sending, or clicks, if it
// is Clicking, in the window. One that Changes what another one has sent has outcomes that
// are no activities: nobody got a message.
type Active struct {
	Campaign
	Sending, Clicking, Changes bool
}

// Stretch is a part of a campaign's outcomes or clicks: those of a window, up to
// Limit of them, in order, after a position.
type Stretch struct {
	Window
	CampaignID int64
	// Requested is true for a campaign whose recipients have requests.
	Requested bool
	// AfterSeq is the last recipient of the page before; AfterNth the number of its
	// click that was listed last.
	AfterSeq, AfterNth int64
	// Seqs limits the stretch to these recipients, unless nil.
	Seqs  []int64
	Limit int
}

// Store is what activity needs of the database.
type Store interface {
	TimelineStore
	// ActiveCampaigns returns up to limit campaigns with ids of at least from that
	// may have outcomes or clicks in the window, in the order of their ids; test
	// sends are left out.
	ActiveCampaigns(ctx context.Context, workspaceID int64, w Window, from int64, limit int) ([]Active, error)
	// CampaignOutcomes returns a stretch of outcomes with one of the statuses, in
	// the order of their recipients. Their Campaign is not set.
	CampaignOutcomes(ctx context.Context, s Stretch, statuses []outcome.Status) ([]Activity, error)
	// CampaignClicks returns a stretch of clicks, up to most of each recipient, in
	// the order of recipients and of time; the clicks of each recipient in the
	// window are numbered from 1. Their Campaign is not set.
	CampaignClicks(ctx context.Context, s Stretch, most int) ([]Activity, error)
	// Places returns where the contacts are recipients, in the order of campaigns
	// and recipients. Broadcasts are found by the chats that the contacts have
	// now.
	Places(ctx context.Context, workspaceID int64, contactIDs []int64) ([]Place, error)
	// PlacesWithin returns those of the places whose messages had their outcome in
	// the window, or were cancelled in it; those that are under way have the time now.
	PlacesWithin(ctx context.Context, places []Place, w Window, now time.Time) ([]Place, error)
	// PlacedDeliveries returns the deliveries at those places.
	PlacedDeliveries(ctx context.Context, workspaceID int64, places []Place) ([]Sent, error)
}

// Service lists activities.
type Service struct {
	store     Store
	campaigns *summary.Cache
}

// New returns a service over the store. campaigns provides the content that was
// sent.
func New(store Store, campaigns *summary.Cache) *Service { return &Service{store, campaigns} }

// campaignsAtOnce is how many campaigns are looked up together.
const campaignsAtOnce = 100

// List returns a page of the activities in a window: up to Limit, by campaign and
// recipient, each recipient's in the order of time. A page with fewer is the last.
// Offsets are valid for one window; activities that happen in it while it is read
// may be missed. A window of more than [MaxMonths] months and a limit of other than
// 1 to [MaxPage] are Invalid.
func (s *Service) List(ctx context.Context, workspaceID int64, q Query) ([]Activity, error) {
	if err := q.check(); err != nil {
		return nil, err
	}
	r := reader{Service: s, query: q, after: q.Offset}
	if q.People {
		if err := r.narrow(ctx, workspaceID); err != nil {
			return nil, err
		}
	}
	from := r.after.CampaignID
	for len(r.found) < q.Limit {
		campaigns, err := s.store.ActiveCampaigns(ctx, workspaceID, q.Window, from, campaignsAtOnce)
		if err != nil {
			return nil, err
		}
		for _, c := range campaigns {
			if err := r.read(ctx, c); err != nil {
				return nil, err
			}
			from = c.ID + 1
		}
		if len(campaigns) < campaignsAtOnce {
			break
		}
	}
	return r.found, nil
}

// reader reads one page.
type reader struct {
	*Service
	query Query
	after Offset
	// seqs holds the wanted recipients of each campaign; nil for all.
	seqs  map[int64][]int64
	found []Activity
}

// narrow limits the page to the query's contacts.
func (r *reader) narrow(ctx context.Context, workspaceID int64) error {
	places, err := r.store.Places(ctx, workspaceID, r.query.Contacts)
	if err != nil {
		return err
	}
	// Links of messages that were edited are followed, too.
	changes, err := r.store.Changes(ctx, places)
	r.seqs = map[int64][]int64{}
	for _, p := range append(places, changes...) {
		r.seqs[p.CampaignID] = append(r.seqs[p.CampaignID], p.Seq)
	}
	return err
}

// tagged reports whether the campaign's content has the tag that the query wants.
//
// spec: activity-tag
func (r *reader) tagged(ctx context.Context, campaignID int64) (bool, error) {
	if r.query.Tag == "" {
		return true, nil
	}
	contents, err := r.campaigns.All(ctx, []int64{campaignID})
	if err != nil {
		return false, err
	}
	wanted := contact.Fold(r.query.Tag)
	return slices.ContainsFunc(contents[campaignID].Tags, func(tag string) bool { return contact.Fold(tag) == wanted }), nil
}

// read adds the activities of a campaign for which the page has room.
func (r *reader) read(ctx context.Context, c Active) error {
	after := r.after.in(c.ID)
	part := Stretch{
		Window: r.query.Window, CampaignID: c.ID, Requested: c.Kind == campaign.Triggered,
		AfterSeq: after.Seq, AfterNth: after.Nth, Seqs: r.seqs[c.ID], Limit: r.query.Limit - len(r.found),
	}
	if part.Limit == 0 || r.seqs != nil && part.Seqs == nil {
		return nil
	}
	if tagged, err := r.tagged(ctx, c.ID); !tagged || err != nil {
		return err
	}
	var outcomes, clicks []Activity
	var err error
	if wanted := r.query.outcomes(); c.Sending && !c.Changes && len(wanted) > 0 {
		if outcomes, err = r.store.CampaignOutcomes(ctx, part, wanted); err != nil {
			return err
		}
	}
	if c.Clicking && r.query.wants(outcome.Clicked) {
		if clicks, err = r.store.CampaignClicks(ctx, part, maxClicks); err != nil {
			return err
		}
	}
	if len(outcomes)+len(clicks) == 0 {
		return nil
	}
	contents, err := r.campaigns.All(ctx, []int64{c.ID})
	if err != nil {
		return err
	}
	fresh := outcomes // in order, as clicks are
	if len(clicks) > 0 {
		fresh = append(fresh, clicks...)
		slices.SortFunc(fresh, func(a, b Activity) int { return a.Offset.Compare(b.Offset) })
	}
	fresh = fresh[:min(part.Limit, len(fresh))]
	for i := range fresh {
		fresh[i].Campaign = c.Campaign
		fresh[i].Describe(contents[c.ID])
	}
	if len(r.found) == 0 {
		r.found = fresh // of a long campaign that is the whole page
	} else {
		r.found = append(r.found, fresh...)
	}
	return nil
}
