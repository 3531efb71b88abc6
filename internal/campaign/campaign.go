package campaign

import (
	"context"
	"strings"
	"time"

	"bellman/internal/access"
	"bellman/internal/fault"
	"bellman/internal/idempotency"
	"bellman/internal/message"
	"bellman/internal/outcome"
)

// Kind is the way in which a campaign gets its recipients.
type Kind string

// The kinds of campaigns.
const (
	// Broadcast goes to an audience, once.
	Broadcast Kind = "broadcast"
	// Triggered goes out one by one, as systems ask for it.
	Triggered Kind = "triggered"
)

// Audience is who a broadcast goes to: every chat of the bot, or those whose
// contacts are in a group. Membership counts at the moment at which the layout
// reaches the chat.
type Audience struct {
	// All means every chat of the bot.
	All bool `json:"all"`
	// Groups means the chats of contacts that are in one of these. A chat gets one
	// message, however many of the groups its contact is in.
	Groups []int64 `json:"groups,omitempty"`
	// ExcludedGroups means that contacts in one of these are left out.
	ExcludedGroups []int64 `json:"excludedGroups,omitempty"`
	// Statuses, of a campaign that goes to the recipients of another one, means those whose
	// status is one of these.
	Statuses []Status `json:"statuses,omitempty"`
}

// MaxGroups is how many groups an audience may name, and how many it may
// exclude.
const MaxGroups = 100

// Everybody reports whether an audience is every chat of the bot, without exception.
func (a Audience) Everybody() bool { return a.All && len(a.ExcludedGroups) == 0 }

// Check returns Invalid for an audience that names nobody, or that contradicts
// itself. The store checks whether the groups exist.
func (a Audience) Check() error {
	switch {
	case !a.All && len(a.Groups) == 0:
		return fault.New(fault.Invalid, "audience_missing", `say who it goes to: {"all": true} or {"groups": [1]}`).In("audience")
	case a.All && len(a.Groups) > 0:
		return fault.New(fault.Invalid, "audience_ambiguous", "it goes to all or to groups: write one of the two").In("audience.groups")
	case len(a.Groups) > MaxGroups:
		return errTooManyGroups.In("audience.groups")
	case len(a.ExcludedGroups) > MaxGroups:
		return errTooManyGroups.In("audience.excludedGroups")
	}
	return nil
}

var errTooManyGroups = fault.New(fault.Invalid, "too_many_groups",
	"an audience has at most %d groups: put their contacts into one", MaxGroups)

// Campaign is a message going out.
type Campaign struct {
	ID          int64
	WorkspaceID int64
	BotID       int64
	MessageID   int64
	Name        string
	// BotUsername and MessageName are what its bot and its message are called, the message
	// as it was at launch. They are read with it.
	BotUsername, MessageName string
	Kind                     Kind
	State                    State
	// StateReason is why the system paused the campaign by itself, in one word;
	// StateDetail is that in Telegram's words. Both are empty otherwise.
	StateReason outcome.Reason
	StateDetail string
	Audience    Audience
	// AllowPaid is true when the campaign may be sent above the bot's free limit,
	// for Telegram Stars, provided that the bot's setting is on too. StarsBudget
	// limits what it may cost, in Stars; zero means no limit.
	AllowPaid   bool
	StarsBudget int64
	// Test is true when a triggered campaign holds test sends, which count in no
	// other campaign.
	Test bool
	// Action is what it does in the chats of its recipients; empty is [Send].
	Action Action
	// Of is the campaign to whose recipients it goes: the one that it sends again, edits or
	// deletes; zero for none.
	Of int64
	// Content is the message as it was at launch; empty before.
	Content string
	// Author is who changed the campaign last, while it was a draft. Writer is who had
	// changed the message last when its content was fixed, nobody before. Approver is who
	// agreed to more recipients than the workspace lets an author reach, nobody as long as
	// that was not needed.
	Author, Writer, Approver access.Author
	// LaidSeq is the number of recipients laid out so far; Laid is true when there
	// will be no more.
	LaidSeq int64
	Laid    bool
	// A time is zero until it is reached.
	ScheduledAt time.Time
	LaunchedAt  time.Time
	FinishedAt  time.Time
	// ForgottenAt is since when the recipients, and what happened to them, are not kept
	// any more. Counts stay.
	ForgottenAt time.Time
	CreatedAt   time.Time
	UpdatedAt   time.Time
}

// Ledger is how far dispatch has come with a campaign.
type Ledger struct {
	ClaimedSeq int64
	// Waiting recipients were claimed and given back, to be tried later.
	Waiting int64
	Sent    int64
	Failed  int64
	Skipped int64
	Unknown int64
	// Clicked is the number of recipients that have clicked.
	Clicked int64
	// Paid is the number of messages that Telegram charges for.
	Paid int64
	// PaceFrom is a moment at most 2 [PaceSpan] before the latest step, and
	// PaceDone the number of recipients that had an outcome then. It is zero
	// before the first step.
	PaceFrom time.Time
	PaceDone int64
	// BotWaitsUntil is until when the campaign's bot sends nothing, and BotReason why;
	// zero when it has never waited.
	BotWaitsUntil time.Time
	BotReason     outcome.Reason
	// BotRate is how many messages a second the bot may send, zero for the installation's
	// rate; BotPays tells that it may go faster for Telegram Stars.
	BotRate float64
	BotPays bool
}

// Done is the number of recipients that have an outcome.
func (l Ledger) Done() int64 { return l.Sent + l.Failed + l.Skipped + l.Unknown }

// Counts are the numbers of recipients by where they stand. Recipients is the sum
// of the others, except Clicked.
type Counts struct {
	Recipients int64
	Queued     int64
	Sending    int64
	Sent       int64
	Failed     int64
	Skipped    int64
	// Unknown recipients may or may not have the message: the answer was lost.
	Unknown int64
	// Clicked recipients have clicked a link or pressed a button, whatever their
	// status.
	Clicked int64
}

// CountsOf adds up where a campaign's recipients stand. Recipients that a cancelled
// campaign will not reach count as skipped.
func CountsOf(c Campaign, l Ledger) Counts {
	n := Counts{
		Recipients: c.LaidSeq,
		Queued:     c.LaidSeq - l.ClaimedSeq + l.Waiting,
		Sent:       l.Sent,
		Failed:     l.Failed,
		Skipped:    l.Skipped,
		Unknown:    l.Unknown,
		Clicked:    l.Clicked,
	}
	n.Sending = n.Recipients - n.Queued - n.Sent - n.Failed - n.Skipped - n.Unknown
	if c.State == Cancelled {
		n.Skipped, n.Queued = n.Skipped+n.Queued, 0
	}
	return n
}

// Report is a campaign with its counts.
type Report struct {
	Campaign
	Counts   Counts
	Progress Progress
	// StarsSpent is what the campaign's messages above the free limit cost, in
	// Stars: a tenth of a Star each, by Telegram's price.
	StarsSpent float64
	// Warnings are those of the launch that this reports on.
	Warnings []Warning
}

func (s *Service) report(c Campaign, l Ledger) Report {
	return Report{Campaign: c, Counts: CountsOf(c, l), Progress: ProgressOf(c, l, s.now()), StarsSpent: float64(l.Paid) / 10}
}

// Store is what campaign needs of the database.
type Store interface {
	// Create writes a campaign as it is and returns its id. A bot, message
	// or group that the workspace does not have is NotFound.
	Create(ctx context.Context, c Campaign) (int64, error)
	// Find returns a campaign and its ledger, both as of one moment, or
	// NotFound.
	Find(ctx context.Context, workspaceID, id int64) (Campaign, Ledger, error)
	// List returns the campaigns that the filter names, in its order, and when it asks for
	// that how many there are on all pages.
	List(ctx context.Context, workspaceID int64, f Filter) (all []Campaign, ledgers []Ledger, total int64, err error)
	// Names returns the names of campaigns that begin with the prefix.
	Names(ctx context.Context, workspaceID int64, prefix string) ([]string, error)
	// Active returns the campaigns that are scheduled, launching or sending, without content
	// and audience, newest first.
	Active(ctx context.Context, workspaceID int64) ([]Campaign, []Ledger, error)
	// Change lets change edit the campaign under its row lock and writes it;
	// nothing is written when change fails. A bot, message or group of a draft
	// that the workspace does not have is NotFound. When it launches or schedules,
	// a group of the audience that is not there any more is NotFound, and the
	// others stay until the campaign is laid out.
	Change(ctx context.Context, workspaceID, id int64, change func(*Campaign) error) (Campaign, Ledger, error)
	// Delete removes a campaign that was never launched, unless allow returns an
	// error; NotFound when there is none.
	Delete(ctx context.Context, workspaceID, id int64, allow func(Campaign) error) error
	// CreateResend writes a launched campaign that goes to recipients of the one
	// it resends, and returns its id. It is a Conflict when one of the statuses
	// was resent before, and [ErrNotKept] when there are no recipients any more.
	CreateResend(ctx context.Context, c Campaign) (int64, error)
	// CreateChange writes a launched campaign that edits or deletes what another one has
	// sent, and returns its id. It is a Conflict while another change of it is under way, and
	// [ErrNotKept] when there are no recipients any more.
	CreateChange(ctx context.Context, c Campaign) (int64, error)
	// Deliveries returns up to limit deliveries with sequence numbers above
	// after, in order, that stand at one of the statuses; none of these means all.
	Deliveries(ctx context.Context, c Campaign, statuses []Status, after int64, limit int) ([]Delivery, error)
	// Clickers returns up to limit deliveries with sequence numbers above after, in order,
	// whose recipients clicked; with links, who followed one of these.
	Clickers(ctx context.Context, campaignID int64, links []int, after int64, limit int) ([]Delivery, error)
	// DeliveriesAt returns the deliveries with these sequence numbers, in order.
	DeliveriesAt(ctx context.Context, campaignID int64, seqs []int64) ([]Delivery, error)
	// LanguagesOf returns the languages of those living contacts of whom one is known.
	LanguagesOf(ctx context.Context, workspaceID int64, contactIDs []int64) (map[int64]string, error)
	// MembersAmong returns those of the contacts who are in one of the groups at present.
	MembersAmong(ctx context.Context, workspaceID int64, groupIDs, contactIDs []int64) ([]int64, error)
	// SumByGroup adds up tallies by the groups in which their contacts are at present. A tally
	// counts in each of these.
	SumByGroup(ctx context.Context, workspaceID int64, tallies []Tally) ([]Part, error)
	// CountCauses counts the first outcomes of a campaign in the order of sending, of each
	// status that is not [Sent] at most as many as most has, by status and reason.
	CountCauses(ctx context.Context, campaignID int64, most map[Status]int64) ([]Cause, error)
	// CountMissing returns, for each of the values of a contact, for how many of the chats
	// in the campaign's audience it is not there at present. A missing group is NotFound.
	CountMissing(ctx context.Context, c Campaign, values []Value) (missing map[Value]int64, err error)
	// CountReach returns whom the campaign reaches at a moment. A missing group is NotFound.
	CountReach(ctx context.Context, c Campaign, now time.Time) (Reach, error)
	// Overlaps returns the other broadcasts nearby that go to those whom the campaign
	// reaches, of whom there is at least one.
	Overlaps(ctx context.Context, c Campaign, r Reach, n Nearby) (Overlaps, error)
	// CountAudience returns the present number of chats in the campaign's audience, at
	// least as many as would be laid out now. A bot or group that the workspace does not
	// have is NotFound.
	CountAudience(ctx context.Context, c Campaign) (int64, error)
	// ApprovalAbove returns above how many recipients the workspace wants somebody else than
	// the author to launch; zero for never.
	ApprovalAbove(ctx context.Context, workspaceID int64) (int64, error)
}

// Messages is where a campaign's content comes from.
type Messages interface {
	// Checked returns a message that Telegram would accept, as it is now; NotFound,
	// or Invalid with the first thing that Telegram would refuse.
	Checked(ctx context.Context, workspaceID, id int64) (message.Message, error)
}

// Service manages campaigns.
type Service struct {
	store    Store
	messages Messages
	now      func() time.Time
	// wake shortens the wait of layout and dispatch; it carries no data.
	wake    func()
	watches watches
	// untracked is true when the installation counts no clicks.
	untracked bool
	// rate is how many messages a second a bot sends; zero for no limit.
	rate float64
}

// New returns a service. wake is called after every change that layout or
// dispatch may act on; it must not block.
func New(store Store, messages Messages, now func() time.Time, wake func()) *Service {
	return &Service{store: store, messages: messages, now: now, wake: wake}
}

// ErrNotFound is returned for a campaign that the workspace does not have.
var ErrNotFound = fault.New(fault.NotFound, "campaign_not_found", "there is no campaign with this id")

// Create stores a draft of a broadcast.
func (s *Service) Create(ctx context.Context, c Campaign) (Report, error) {
	if id, ok := idempotency.EarlierID(ctx); ok {
		return s.Get(ctx, c.WorkspaceID, id)
	}
	c, err := s.draft(ctx, c)
	if err != nil {
		return Report{}, err
	}
	id, err := s.store.Create(ctx, c)
	if err != nil {
		return Report{}, err
	}
	return s.Get(ctx, c.WorkspaceID, id)
}

// draft checks the campaign and returns it as a draft of a broadcast.
func (s *Service) draft(ctx context.Context, c Campaign) (Campaign, error) {
	c.Name = strings.TrimSpace(c.Name)
	if err := message.CheckName(c.Name); err != nil {
		return c, err
	}
	if err := c.Audience.Check(); err != nil {
		return c, err
	}
	c.Kind, c.State = Broadcast, Draft
	c.CreatedAt = s.now()
	c.UpdatedAt = c.CreatedAt
	c.Author = access.AuthorOf(ctx, c.CreatedAt)
	return c, c.checkBudget()
}

// Get returns a campaign with its counts; NotFound when the workspace has no
// such campaign.
func (s *Service) Get(ctx context.Context, workspaceID, id int64) (Report, error) {
	c, l, err := s.store.Find(ctx, workspaceID, id)
	return s.report(c, l), err
}

// Active returns the campaigns that are scheduled or go out, without content and audience,
// newest first.
func (s *Service) Active(ctx context.Context, workspaceID int64) ([]Report, error) {
	campaigns, ledgers, err := s.store.Active(ctx, workspaceID)
	return s.reports(campaigns, ledgers), err
}

// Pause stops a campaign that is going out. Messages on the wire are settled;
// nothing new leaves after Pause has returned, except what each bot had claimed for
// the next tenth of a second. A paused campaign stays unchanged.
func (s *Service) Pause(ctx context.Context, workspaceID, id int64) (Report, error) {
	now := s.now()
	return s.change(ctx, workspaceID, id, func(c *Campaign) error { return c.pause(now) })
}

// Resume continues a paused campaign. One that is going out stays unchanged. One that
// paused because its recipients became more than the workspace lets its author reach goes
// on when somebody else resumes it, who agrees to that; for its author that is Forbidden.
func (s *Service) Resume(ctx context.Context, workspaceID, id int64) (Report, error) {
	c, _, err := s.store.Find(ctx, workspaceID, id)
	if err != nil {
		return Report{}, err
	}
	var asked Approval
	if c.awaitsApproval() {
		if asked, err = s.approval(ctx, c, c.Writer); err != nil {
			return Report{}, err
		}
		asked.tell(ctx)
	}
	now := s.now()
	return s.change(ctx, workspaceID, id, func(c *Campaign) error {
		if c.awaitsApproval() && asked.Above > 0 {
			by := access.AuthorOf(ctx, now)
			// Whoever may agree does so by resuming: the layout has met more than were counted.
			if approver, err := asked.give(by, "resume"); err == nil {
				c.Approver = approver
			} else if asked.Needed() {
				return err
			}
		}
		return c.resume(now)
	})
}

// Cancel ends a campaign for good: recipients that are still queued are skipped. A
// cancelled campaign stays unchanged.
func (s *Service) Cancel(ctx context.Context, workspaceID, id int64) (Report, error) {
	now := s.now()
	return s.change(ctx, workspaceID, id, func(c *Campaign) error { return c.cancel(now) })
}

func (s *Service) change(ctx context.Context, workspaceID, id int64, change func(*Campaign) error) (Report, error) {
	c, l, err := s.store.Change(ctx, workspaceID, id, change)
	if err != nil {
		return Report{}, err
	}
	s.wake()
	return s.report(c, l), nil
}
