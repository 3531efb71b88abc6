package dispatch

import (
	"context"
	"time"
)

// Store is what dispatch needs to be kept. Every write is checked against the
// epoch of the bot's lease.
type Store interface {
	// HoldLeases announces the process, renews its leases and, when take is set
	// and it has fewer bots than its share, takes free ones, all for ttl. It
	// returns every lease that the process holds, and by how many it exceeds its
	// share.
	HoldLeases(ctx context.Context, owner string, ttl time.Duration, take bool) (held []Lease, surplus int, err error)
	// RenewLeases prolongs the leases that the process holds by ttl and takes no
	// others.
	RenewLeases(ctx context.Context, owner string, ttl time.Duration) error
	// ReleaseLeases gives leases back, so that others can take them at once. One
	// whose epoch has passed is left alone.
	ReleaseLeases(ctx context.Context, owner string, leases []Lease) error
	// LeaveSenders withdraws the process's announcement.
	LeaveSenders(ctx context.Context, owner string) error
	// Work returns the campaigns that go out, of the bots that the owner leases.
	Work(ctx context.Context, owner string) ([]Work, error)
	// Adopt takes the ledgers of a bot that are below the epoch over and writes
	// unknown for every recipient that an earlier sender had on the wire. It
	// returns how many those were.
	Adopt(ctx context.Context, botID, epoch int64, now time.Time) (unknown int64, err error)
	// Step applies a step and returns what was claimed, in the order of
	// step.Campaigns.
	Step(ctx context.Context, step Step) ([]Claimed, error)
}
