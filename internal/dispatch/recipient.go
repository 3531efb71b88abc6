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
