package dispatch

import (
	"time"

	"bellman/internal/outcome"
)

// CampaignStep is what one step does to one campaign.
type CampaignStep struct {
	CampaignID int64
	BotID      int64
	Epoch      int64
	Outcomes   []Outcome
	Deferrals  []Deferral
	// ClaimFrom and ClaimTo are the cursor before and after; they are equal when
	// nothing is claimed. ClaimDue is how many due deferrals are claimed.
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
	// Removals are chats of these and of earlier outcomes that will not take messages
	// any more.
	Removals []Removal
	// Personal asks for the persons behind the claimed recipients, with their values of
	// the custom fields that Fields has the ids of. Pressable is true when presses of
	// buttons must be traced to their delivery. Changes asks for the messages that are edited
	// or deleted, whose presses are this campaign's from then on.
	Changes   bool
	Personal  bool
	Fields    []int64
	Pressable bool
}

// Removal is a chat that takes no messages any more, and the delivery that showed
// it.
type Removal struct{ ChatID, Seq int64 }

// Pause is why the system pauses a campaign or bot by itself: a reason out of a
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
	// PaidRefusedUntil, when it is not zero, is when Telegram's refusal to take
	// Stars ends.
	PaidRefusedUntil time.Time
}

// Step is one transaction of a process: what it has to write, and what it wants to
// claim.
type Step struct {
	Owner string
	// Number counts the owner's steps from 1. A step whose number is in the
	// database has been applied already: its commit was reported lost.
	Number    int64
	Now       time.Time
	Campaigns []CampaignStep
	Bots      []BotStep
}

// Claimed is the result of a step for one campaign.
type Claimed struct {
	CampaignID int64
	// Fenced is true when another process has the bot: nothing of this campaign's
	// step was written.
	Fenced bool
	// Abandoned is true when the database refused what was to be written of this
	// campaign, which is paused: nothing was.
	Abandoned bool
	// Stopped is true when the campaign does not go out any more: nothing was
	// claimed.
	Stopped bool
	// Recipients are the claimed recipients, in order.
	Recipients []Recipient
	// NextDue is the time of the earliest remaining deferral; zero when there is
	// none.
	NextDue time.Time
}
