package campaign

import (
	"slices"
	"time"

	"bellman/internal/access"
	"bellman/internal/fault"
)

// State is where a campaign stands.
type State string

// The states of a campaign.
const (
	// Draft can still be changed; nothing is sent.
	Draft State = "draft"
	// Scheduled will launch by itself at its time.
	Scheduled State = "scheduled"
	// Launching was accepted; its first recipients are being laid out.
	Launching State = "launching"
	// Sending has recipients; they are sent to, and more may be laid out.
	Sending State = "sending"
	// Paused sends nothing until it is resumed; messages on the wire are settled.
	Paused State = "paused"
	// Finished has an outcome for every recipient.
	Finished State = "finished"
	// Cancelled will never send again; queued recipients are skipped.
	Cancelled State = "cancelled"
)

// States are all of them, in the order of a campaign's life.
var States = []State{Draft, Scheduled, Launching, Sending, Paused, Finished, Cancelled}

// GoesOut reports whether recipients are laid out and sent to.
func (s State) GoesOut() bool { return s == Launching || s == Sending }

// Pending reports whether the campaign was launched or scheduled, and has not ended:
// it needs its message, its groups and its files.
func (s State) Pending() bool { return s == Scheduled || s == Paused || s.GoesOut() }

// Ended reports whether the campaign will never send again.
func (s State) Ended() bool { return s == Finished || s == Cancelled }

// Actor is a party that changes the state of a campaign.
type Actor string

// The actors.
const (
	// Person is a person, by the API.
	Person Actor = "person"
	// Clock starts scheduled campaigns.
	Clock Actor = "clock"
	// Layouter has laid out recipients, or met more than may be reached without approval.
	Layouter Actor = "layout"
	// Dispatcher is dispatch: every recipient has an outcome, or Telegram refuses
	// the content or the bot.
	Dispatcher Actor = "dispatch"
	// Token is a new token of a bot whose token was refused.
	Token Actor = "token"
	// Tidier ends triggered campaigns whose month is over or whose content has
	// changed.
	Tidier Actor = "tidier"
)

// Transition is a change of state, and the actor who makes it.
type Transition struct {
	From, To State
	By       Actor
}

// Transitions are all possible changes of state. A broadcast begins as a draft, a
// resend, an edit and a deletion as launching, and a triggered campaign as sending, or as paused when the
// one before it is.
var Transitions = []Transition{
	{Draft, Scheduled, Person},
	{Draft, Launching, Person},
	{Scheduled, Scheduled, Person},
	{Scheduled, Draft, Person},
	{Scheduled, Launching, Person},
	{Scheduled, Launching, Clock},
	{Launching, Sending, Layouter},
	{Launching, Paused, Layouter},
	{Sending, Paused, Layouter},
	{Launching, Paused, Person},
	{Launching, Paused, Dispatcher},
	{Sending, Paused, Person},
	{Sending, Paused, Dispatcher},
	{Paused, Launching, Person},
	{Paused, Launching, Token},
	{Paused, Sending, Person},
	{Paused, Sending, Token},
	{Sending, Finished, Dispatcher},
	{Sending, Finished, Tidier},
	{Draft, Cancelled, Person},
	{Scheduled, Cancelled, Person},
	{Launching, Cancelled, Person},
	{Sending, Cancelled, Person},
	{Paused, Cancelled, Person},
}

// move changes the state as a person asks. why is the reason for the error when the
// change is not possible.
func (c *Campaign) move(to State, now time.Time, verb, why string) error {
	if !slices.Contains(Transitions, Transition{c.State, to, Person}) {
		return c.refuse(verb, why)
	}
	c.State, c.StateReason, c.StateDetail, c.UpdatedAt = to, "", "", now
	return nil
}

// launchGrace is how long ago the time of a launch may have been: clocks differ,
// and calls take their time.
const launchGrace = 2 * time.Minute

var errLaunchPast = fault.New(fault.Invalid, "launch_time_past",
	"this time has passed: choose one to come, or leave it out to launch now").In("at")

// launch launches a campaign at the time, or now when that is zero.
func (c *Campaign) launch(now time.Time, at time.Time) error {
	const verb, why = "launch", "it was launched before"
	if !at.IsZero() && at.Before(now.Add(-launchGrace)) {
		return errLaunchPast
	}
	if c.State == Paused {
		// Only Resume goes from paused to launching: it keeps the content.
		return c.refuse(verb, why)
	}
	to := Launching
	if at.After(now) {
		to = Scheduled
	}
	if err := c.move(to, now, verb, why); err != nil {
		return err
	}
	if to == Scheduled {
		c.ScheduledAt = at
	} else {
		c.LaunchedAt, c.ScheduledAt = now, time.Time{}
	}
	return nil
}

func (c *Campaign) unschedule(now time.Time) error {
	if c.State == Draft {
		return nil
	}
	err := c.move(Draft, now, "unschedule", "only a scheduled campaign can become a draft again")
	if err == nil {
		c.ScheduledAt, c.Content, c.Writer, c.Approver = time.Time{}, "", access.Author{}, access.Author{}
	}
	return err
}

func (c *Campaign) pause(now time.Time) error {
	if c.State == Paused {
		return nil
	}
	return c.move(Paused, now, "pause", "only a campaign that is going out can be paused")
}

func (c *Campaign) resume(now time.Time) error {
	const verb, why = "resume", "only a paused campaign can be resumed"
	switch {
	case c.State.GoesOut():
		return nil
	case c.State != Paused:
		return c.refuse(verb, why)
	case c.LaidSeq == 0 && !c.Laid:
		return c.move(Launching, now, verb, why)
	}
	return c.move(Sending, now, verb, why)
}

func (c *Campaign) cancel(now time.Time) error {
	if c.State == Cancelled {
		return nil
	}
	err := c.move(Cancelled, now, "cancel", "it is finished")
	if err == nil {
		c.FinishedAt = now
	}
	return err
}

func (c *Campaign) refuse(verb, why string) error {
	return fault.New(fault.Conflict, "campaign_state", "cannot %s a campaign that is %s: %s", verb, c.State, why)
}
