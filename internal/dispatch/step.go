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
	// Removals are chats of earlier outcomes whose removal had to wait.
	Removals []Removal
	// Personal asks for who the claimed recipients are. Pressable tells that
	// presses of buttons have to find their delivery.
	Personal  bool
	Pressable bool
}

// Removal is a chat that takes no messages any more, and the delivery that showed
// it.
type Removal struct{ ChatID, Seq int64 }

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
