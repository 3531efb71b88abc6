package dispatch

import (
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

// The reasons why a chat gets no message. Muting bars broadcasts only.
const (
	ChatRemoved  = outcome.ChatRemoved
	ChatInactive = outcome.ChatInactive
	ChatMuted    = outcome.ChatMuted
	GroupTwice   = outcome.GroupTwice
)

// Recipient is one message to be sent.
type Recipient struct {
	Seq       int64
	ChatID    int64
	ContactID int64
	// Person is the recipient as a person, when the campaign's message is personal;
	// nil otherwise.
	Person *message.Person
	// Attempts is how often sending was tried; only a deferral carries it on.
	Attempts int64
	// Deferred is true when the recipient was deferred before.
	Deferred bool
	// Barred is why the chat gets no message now, one of the reasons above; empty
	// when it gets one.
	Barred outcome.Reason
	// Moved is true when the chat is a group that got a new id since it was laid out;
	// ChatID is the new one.
	Moved bool
	// Lost is true when an answer was lost before.
	Lost bool
	// Target is the message in the chat that is edited or deleted; zero for a new one.
	Target int64
}

// Outcome is the final result for a recipient.
type Outcome struct {
	Recipient
	Status            Status
	Reason            outcome.Reason
	Detail            string
	TelegramMessageID int64
	SettledAt         time.Time
	// Paid is the number of messages that Telegram charges for; an album counts as
	// one message per item.
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
