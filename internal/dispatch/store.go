package dispatch

import (
	"context"
	"errors"
	"time"

	"bellman/internal/outcome"
)

// ErrUnwritable is the error of a step that the database refuses for what it says.
var ErrUnwritable = errors.New("dispatch: the database refuses this step")

// Abandonment is what a sender leaves behind: its messages on the wire.
type Abandonment struct {
	BotID int64
	Epoch int64
	// CampaignID limits it to one campaign, which is paused; zero means all of the
	// bot's.
	CampaignID int64
	// Reason is why, and Detail the words for it.
	Reason outcome.Reason
	Detail string
	Now    time.Time
}

// Store is what dispatch needs of the database. Every write is checked against the
// epoch of the bot's lease.
type Store interface {
	// HoldLeases announces the process and renews its leases. When take is set and
	// the process has fewer bots than its share, it takes free ones. All leases
	// last for ttl. It returns every lease that the process holds, and by how many
	// they exceed its share. Where now is earlier than what the lease's holder said
	// last, the bot's deadlines are moved back by the difference.
	HoldLeases(ctx context.Context, owner string, now time.Time, ttl time.Duration, take bool) (held []Lease, surplus int, err error)
	// RenewLeases renews the leases that the process holds, for ttl, and takes no
	// others.
	RenewLeases(ctx context.Context, owner string, now time.Time, ttl time.Duration) error
	// ReleaseLeases gives leases back, so that others can take them at once. A
	// lease whose epoch has passed is left alone.
	ReleaseLeases(ctx context.Context, owner string, leases []Lease) error
	// LeaveSenders withdraws the process's announcement.
	LeaveSenders(ctx context.Context, owner string) error
	// Work returns the campaigns that go out, of the bots that the owner leases.
	Work(ctx context.Context, owner string) ([]Work, error)
	// NextDue returns the time of the campaign's earliest deferral; zero when there is
	// none.
	NextDue(ctx context.Context, campaignID int64) (time.Time, error)
	// Adopt takes over the ledgers of a bot that are below the epoch and writes
	// unknown for every recipient that an earlier sender had on the wire. It
	// returns how many there were.
	Adopt(ctx context.Context, botID, epoch int64, now time.Time) (unknown int64, err error)
	// PauseBot pauses a bot, with its campaigns, unless another process has taken its
	// lease.
	PauseBot(ctx context.Context, owner string, l Lease, reason outcome.Reason, now time.Time) error
	// Abandon writes an outcome, unknown, for every recipient that the sender with the
	// epoch has claimed and not settled, and returns how many there were. Triggered
	// messages are deferred instead, to be sent once more. Nothing that the sender
	// writes afterwards counts.
	Abandon(ctx context.Context, a Abandonment) (unknown int64, err error)
	// Step applies a step and returns what was claimed, in the order of
	// step.Campaigns. The error is [ErrUnwritable] when the database refuses what is to
	// be written, and will again.
	Step(ctx context.Context, step Step) ([]Claimed, error)
}
