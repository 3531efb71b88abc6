package campaign

import (
	"time"

	"bellman/internal/fault"
	"bellman/internal/outcome"
)

// State is where a campaign stands.
type State string

// The states of a campaign.
const (
	// Draft can still be changed; nothing is sent.
	Draft State = "draft"
	// Scheduled will launch by itself at its time.
	Scheduled State = "scheduled"
	// Launching is accepted; its first recipients are being laid out.
	Launching State = "launching"
	// Sending has recipients; they are sent to, and more may be laid out.
	Sending State = "sending"
	// Paused sends nothing until it is resumed; what was on the wire is settled.
	Paused State = "paused"
	// Finished has an outcome for every recipient.
	Finished State = "finished"
	// Cancelled will never send again; who was queued is skipped.
	Cancelled State = "cancelled"
)

// The reasons of a pause that the system makes by itself. A pause by a person
// has no reason.
const (
	// ReasonBot means that Telegram refuses the bot; a new token resumes.
	ReasonBot = string(outcome.BotRefused)
	// ReasonContent means that Telegram refuses the content for everybody.
	ReasonContent = string(outcome.ContentRefused)
	// ReasonMassNotFound means that this bot knows almost none of the first
	// recipients: most likely it is the wrong bot, or a freshly moved server.
	ReasonMassNotFound = string(outcome.MassChatNotFound)
	// ReasonBudget means that the Stars budget is spent; raise it to go on.
	ReasonBudget = string(outcome.BudgetSpent)
)

// Ended tells that the campaign will never send again.
func (c *Campaign) Ended() bool { return c.State == Finished || c.State == Cancelled }

func (c *Campaign) launch(now time.Time, at time.Time) error {
	if c.State != Draft && c.State != Scheduled {
		return c.refuse("launch", "it was launched before")
	}
	c.UpdatedAt = now
	if at.After(now) {
		c.State, c.ScheduledAt = Scheduled, at
		return nil
	}
	c.State, c.LaunchedAt = Launching, now
	return nil
}

func (c *Campaign) pause(now time.Time) error {
	switch c.State {
	case Paused:
		return nil
	case Launching, Sending:
		c.State, c.StateReason, c.StateDetail, c.UpdatedAt = Paused, "", "", now
		return nil
	}
	return c.refuse("pause", "only a campaign that is going out can be paused")
}

func (c *Campaign) resume(now time.Time) error {
	switch {
	case c.State == Sending || c.State == Launching:
		return nil
	case c.State != Paused:
		return c.refuse("resume", "only a paused campaign can be resumed")
	}
	c.State = Sending
	if c.LaidSeq == 0 && !c.Laid {
		c.State = Launching
	}
	c.StateReason, c.StateDetail, c.UpdatedAt = "", "", now
	return nil
}

func (c *Campaign) cancel(now time.Time) error {
	switch c.State {
	case Cancelled:
		return nil
	case Finished:
		return c.refuse("cancel", "it is finished")
	}
	c.State, c.StateReason, c.StateDetail = Cancelled, "", ""
	c.UpdatedAt, c.FinishedAt = now, now
	return nil
}

func (c *Campaign) refuse(verb, why string) error {
	return fault.New(fault.Conflict, "campaign_state", "cannot %s a campaign that is %s: %s", verb, c.State, why)
}
