package campaign

import (
	"cmp"
	"context"
	"slices"

	"bellman/internal/outcome"
)

// Cause is how many recipients of a campaign have a status for a reason.
type Cause struct {
	// Status is Failed, Skipped or Unknown.
	Status Status
	Reason outcome.Reason
	N      int64
}

// Left reports whether the chats of these recipients are gone.
func (c Cause) Left() bool { return c.Status == Failed && c.Reason.RemovesChat() }

// mostReviewed is of how many recipients of each status the causes are counted: reading
// them is what a review costs.
const mostReviewed = 10_000

// mostPast is how many earlier broadcasts a campaign is compared with.
const mostPast = 5

// Past is how earlier broadcasts of a bot went: the means of their shares, from 0 to 1.
type Past struct {
	// Broadcasts is how many there were, five at most; the shares are zero without any.
	Broadcasts int
	// Sent and Failed are shares of the recipients, Clicked of those to whom it was sent.
	Sent, Failed, Clicked float64
}

// Review is what became of a campaign, beside its counts.
type Review struct {
	// Causes are why recipients did not get it, or may not have, the most frequent ones
	// first. They add up to the counts of the campaign.
	Causes []Cause
	// About tells that the causes were reckoned from the first recipients of a status.
	About bool
	// Left is how many recipients failed because their chats are gone.
	Left int64
	// Past is how the broadcasts before it went; none for a triggered campaign and for
	// one that changes what was sent.
	Past Past
}

// Review returns what became of a campaign, so far if it still goes out. It is
// [ErrNotKept] when its recipients are not kept any more, and NotFound when the workspace
// has no such campaign.
func (s *Service) Review(ctx context.Context, workspaceID, id int64) (r Review, err error) {
	c, l, err := s.kept(ctx, workspaceID, id)
	if err != nil {
		return r, err
	}
	if r.Causes, r.About, err = s.causes(ctx, c, l); err != nil {
		return r, err
	}
	for _, cause := range r.Causes {
		if cause.Left() {
			r.Left += cause.N
		}
	}
	if c.Kind == Broadcast && !c.Action.Changes() {
		r.Past, err = s.past(ctx, c)
	}
	return r, err
}

// causes counts why recipients did not get a campaign.
func (s *Service) causes(ctx context.Context, c Campaign, l Ledger) (all []Cause, about bool, err error) {
	done := map[Status]int64{Failed: l.Failed, Skipped: l.Skipped, Unknown: l.Unknown}
	most := map[Status]int64{}
	for status, n := range done {
		// What was settled since the ledger was read does not count.
		most[status] = min(n, mostReviewed)
	}
	counted, err := s.store.CountCauses(ctx, c.ID, most)
	if err != nil {
		return nil, false, err
	}
	for status, total := range done {
		of := slices.DeleteFunc(slices.Clone(counted), func(c Cause) bool { return c.Status != status })
		about = scale(of, total) || about
		all = append(all, of...)
	}
	// Those whom a cancelled campaign will not reach have no outcomes.
	if n := CountsOf(c, l).Skipped - l.Skipped; n > 0 {
		all = append(all, Cause{Skipped, outcome.Cancelled, n})
	}
	slices.SortFunc(all, func(a, b Cause) int {
		return cmp.Or(cmp.Compare(b.N, a.N), cmp.Compare(a.Status, b.Status), cmp.Compare(a.Reason, b.Reason))
	})
	return all, about, nil
}

// scale makes causes that were counted of a part add up to the total, each at most one off
// its share, and reports whether it had to.
func scale(causes []Cause, total int64) bool {
	var counted, seen, given int64
	for _, c := range causes {
		counted += c.N
	}
	if counted == total {
		return false
	}
	for i := range causes {
		seen += causes[i].N
		causes[i].N = total*seen/counted - given
		given += causes[i].N
	}
	return true
}

// past returns how the broadcasts of the bot went that had been launched before the
// campaign, and are finished.
func (s *Service) past(ctx context.Context, c Campaign) (p Past, err error) {
	f := Filter{States: []State{Finished}, Kind: Broadcast, Actions: []Action{Send}, BotID: c.BotID, Order: ByLaunch.Back(), Limit: mostPast}
	if !c.LaunchedAt.IsZero() {
		f.After = &Place{At: c.LaunchedAt.UnixMilli(), ID: c.ID}
	}
	campaigns, ledgers, _, err := s.store.List(ctx, c.WorkspaceID, f)
	for i := range campaigns {
		n := CountsOf(campaigns[i], ledgers[i])
		if n.Recipients == 0 {
			continue
		}
		p.Broadcasts++
		p.Sent += share(n.Sent, n.Recipients)
		p.Failed += share(n.Failed, n.Recipients)
		p.Clicked += share(n.Clicked, n.Sent)
	}
	if n := float64(p.Broadcasts); n > 0 {
		p.Sent, p.Failed, p.Clicked = p.Sent/n, p.Failed/n, p.Clicked/n
	}
	return p, err
}

func share(part, whole int64) float64 {
	if whole == 0 {
		return 0
	}
	return float64(part) / float64(whole)
}
