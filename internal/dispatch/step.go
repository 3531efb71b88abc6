package dispatch

import (
	"context"
	"time"

	"bellman/internal/message"
	"bellman/internal/outcome"
)

// Status is the final state of a recipient.
type Status = outcome.Status

// The final states.
const (
	Sent    = outcome.Sent
	Failed  = outcome.Failed
	Skipped = outcome.Skipped
	Unknown = outcome.Unknown
)

// Lease is the right to send for one bot, until it expires.
type Lease struct {
	BotID int64
	// Epoch grows with every change of the holder.
	Epoch int64
	// SealedToken, TelegramID and APIURL are the bot's.
	SealedToken []byte
	TelegramID  int64
	APIURL      string
	// Active tells that Telegram accepts the bot's token, as far as is known.
	Active bool
	// FrozenUntil is when the bot may send again after a 429; zero when it may.
	FrozenUntil time.Time
	// Rate is the bot's own limit in messages a second; zero means the
	// installation's.
	Rate float64
	// PaidBroadcast is the bot's switch; PaidRefusedUntil ends a refusal of
	// Telegram's.
	PaidBroadcast    bool
	PaidRefusedUntil time.Time
}

// Work is a campaign that goes out, with its place in the ledger.
type Work struct {
	CampaignID  int64
	WorkspaceID int64
	BotID       int64
	// Epoch is the ledger's; another one than the lease's has to be adopted.
	Epoch      int64
	Kind       string
	Content    string
	LaidSeq    int64
	Laid       bool
	ClaimedSeq int64
	SettledSeq int64
	// Waiting is the number of deferred recipients.
	Waiting int64
	// Done is the number of recipients that have an outcome.
	Done int64
	// NextDue is the time of the earliest deferral; zero when there is none.
	NextDue time.Time
	// AllowPaid and StarsBudget are the campaign's; Paid is the number of
	// messages that Telegram has charged for.
	AllowPaid   bool
	StarsBudget int64
	Paid        int64
}

// Why a chat gets nothing. What is muted is kept from broadcasts alone.
const (
	ChatRemoved  = outcome.ChatRemoved
	ChatInactive = outcome.ChatInactive
	ChatMuted    = outcome.ChatMuted
)

// Recipient is one message to be sent.
type Recipient struct {
	Seq       int64
	ChatID    int64
	ContactID int64
	// Person is who that is, when the campaign's message is personal; nil
	// otherwise.
	Person *message.Person
	// Attempts is how often it was tried; only a deferral carries it on.
	Attempts int64
	// Deferred tells that it comes out of a deferral.
	Deferred bool
	// Barred is why the chat does not get it now, one of the reasons below; empty
	// when it does.
	Barred outcome.Reason
	// Lost tells that an answer was lost once before.
	Lost bool
}

// Outcome is what became of a recipient.
type Outcome struct {
	Recipient
	Status            Status
	Reason            outcome.Reason
	Detail            string
	TelegramMessageID int64
	SettledAt         time.Time
	// RemoveChat tells that the chat will not take messages any more.
	RemoveChat bool
	// Paid is for how many messages Telegram charges; an album counts as many as
	// it has items.
	Paid int64
}

// Deferral is a recipient that has to wait.
type Deferral struct {
	Recipient
	DueAt  time.Time
	Reason outcome.Reason
	Detail string
	// MigrateTo is the chat's new id; zero when it has kept its own.
	MigrateTo int64
}

// CampaignStep is what one step does to one campaign.
type CampaignStep struct {
	CampaignID int64
	BotID      int64
	Epoch      int64
	Outcomes   []Outcome
	Deferrals  []Deferral
	// ClaimFrom and ClaimTo are the cursor before and after; equal when nothing
	// is claimed. ClaimDue is how many deferrals that are due are claimed.
	ClaimFrom int64
	ClaimTo   int64
	ClaimDue  int
	// SettledSeq is the number up to which every recipient is settled or
	// deferred.
	SettledSeq int64
	// Pause, when its reason is not empty, pauses the campaign.
	Pause Pause
	// Finish marks the campaign finished when every recipient has an outcome.
	Finish bool
	// RemoveChats are chats of earlier outcomes whose removal had to wait.
	RemoveChats []int64
	// Personal asks for who the claimed recipients are. Pressable tells that
	// presses of buttons have to find their delivery.
	Personal  bool
	Pressable bool
}

// Pause is why the system stops a campaign or bot by itself: a reason out of a
// closed set, and Telegram's words.
type Pause struct {
	Reason outcome.Reason
	Detail string
}

// BotStep is what one step does to one bot.
type BotStep struct {
	BotID int64
	Epoch int64
	// Pause, when its reason is not empty, pauses the bot and its campaigns.
	Pause Pause
	// FrozenUntil is when the bot may send again; FrozenReason says why not.
	FrozenUntil  time.Time
	FrozenReason outcome.Reason
	// PaidRefusedUntil, when it is not zero, ends Telegram's refusal to take
	// Stars.
	PaidRefusedUntil time.Time
}

// Step is one transaction of a process: what it learned, and what it wants.
type Step struct {
	Owner string
	// Number counts the owner's steps from 1. A step whose number was written
	// before has been applied: its commit was reported lost.
	Number    int64
	Now       time.Time
	Campaigns []CampaignStep
	Bots      []BotStep
}

// Claimed is what a step gave to one campaign.
type Claimed struct {
	CampaignID int64
	// Fenced tells that another process has the bot: nothing of this campaign's
	// step was written.
	Fenced bool
	// Stopped tells that the campaign does not go out any more: nothing was
	// claimed.
	Stopped bool
	// Recipients are the claimed ones, in order.
	Recipients []Recipient
	// NextDue is the time of the earliest deferral left; zero when there is none.
	NextDue time.Time
}

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
	// ReleaseLeases gives bots up, so that others can take them at once.
	ReleaseLeases(ctx context.Context, owner string, botIDs []int64) error
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
