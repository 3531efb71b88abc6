package campaign

import (
	"context"
	"math"
	"time"
)

// Reach is whom a campaign reaches, written out as a sum.
type Reach struct {
	// Audience is how many chats there are: all of the bot, or those of the members of the
	// groups.
	Audience int64
	// Excluded are those of them that an excluded group leaves out.
	Excluded int64
	// Inactive are those of the rest that take no messages, and Muted those that are
	// active and silent for now. They are recipients, and skipped.
	Inactive, Muted int64
}

// Laid is how many would be laid out as recipients.
func (r Reach) Laid() int64 { return r.Audience - r.Excluded }

// Reached is to how many a message would go.
func (r Reach) Reached() int64 { return r.Laid() - r.Inactive - r.Muted }

// Overlap is another broadcast that goes to some of the same people at about the same time.
type Overlap struct {
	CampaignID int64
	Name       string
	State      State
	// At is when it was launched, or will be.
	At time.Time
	// Recipients is how many of the campaign's recipients have got it or are to get it.
	Recipients int64
}

// Overlaps are the broadcasts of the workspace that go to the recipients of a campaign in
// the 24 hours before it, or are scheduled up to 24 hours behind it.
type Overlaps struct {
	// Recipients is how many get one of them or several.
	Recipients int64
	// About is true when the numbers are reckoned from a sample of the recipients.
	About bool
	// Campaigns are those that somebody gets, the newest ones first, up to [MostOverlaps].
	Campaigns []Overlap
}

// MostOverlaps is how many other broadcasts are looked into.
const MostOverlaps = 10

// overlapSpan is how far other broadcasts may be away.
const overlapSpan = 24 * time.Hour

// Nearby says which other broadcasts are looked for.
type Nearby struct {
	// Launched wants those that were launched at this time or later, Scheduled those that are
	// scheduled to go out before this time.
	Launched, Scheduled time.Time
	// Now is the present moment.
	Now time.Time
}

// overlaps looks for other broadcasts to those whom a campaign reaches.
func (s *Service) overlaps(ctx context.Context, c Campaign, r Reach) (Overlaps, error) {
	if r.Reached() == 0 {
		return Overlaps{}, nil
	}
	now := s.now()
	at := now
	if c.ScheduledAt.After(now) {
		at = c.ScheduledAt
	}
	return s.store.Overlaps(ctx, c, r, Nearby{Launched: at.Add(-overlapSpan), Scheduled: at.Add(overlapSpan), Now: now})
}

const (
	// freeRate is how many messages a second cost nothing, and paidRate how many a bot
	// sends that pays (tg-paid-rate).
	freeRate, paidRate = 30, 1000
	// starsEach is what each message above the free rate costs, in Stars.
	starsEach = 0.1
)

// AtRate tells the service how many messages a second a bot sends that has no rate of its
// own; zero for as many as it can. It returns the service.
func (s *Service) AtRate(perSecond float64) *Service {
	s.rate = perSecond
	return s
}

// Cost is what a campaign takes that goes to so many, if nothing else goes out.
type Cost struct {
	// Takes is how long it goes out at the bot's pace, in whole seconds; zero when the
	// bot has no limit.
	Takes time.Duration
	// Stars is what it costs at most, rounded up to a Star, with its budget as the bound;
	// zero when it does not pay.
	Stars int64
}

// costOf reckons what a campaign takes.
func (s *Service) costOf(c Campaign, l Ledger, reached int64) (cost Cost) {
	rate := s.rate
	if l.BotRate > 0 {
		rate = l.BotRate
	}
	pays := c.AllowPaid && l.BotPays && rate > 0
	if pays {
		rate = max(rate, paidRate)
	}
	if rate <= 0 {
		return cost
	}
	seconds := math.Ceil(float64(reached) / rate)
	cost.Takes = time.Duration(seconds) * time.Second
	if pays {
		cost.Stars = int64(math.Ceil(max(0, float64(reached)-freeRate*seconds) * starsEach))
		if c.StarsBudget > 0 {
			cost.Stars = min(cost.Stars, c.StarsBudget)
		}
	}
	return cost
}
