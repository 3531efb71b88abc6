package dispatch

import (
	"time"

	"bellman/internal/message"
)

// Status is the final state of a recipient.
type Status string

// The final states.
const (
	// Sent means that Telegram took the message.
	Sent Status = "sent"
	// Failed means that the recipient cannot get the message.
	Failed Status = "failed"
	// Skipped means that the message was not tried.
	Skipped Status = "skipped"
	// Unknown means that the answer was lost.
	Unknown Status = "unknown"
)

// Why a chat gets nothing.
const (
	// ChatRemoved: it has left since the layout.
	ChatRemoved = "chat_removed"
	// ChatInactive: it was switched off.
	ChatInactive = "chat_inactive"
	// ChatMuted: broadcasts are kept from it for a while; triggered messages are
	// not.
	ChatMuted = "chat_muted"
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
	Barred string
	// Lost tells that an answer was lost once before.
	Lost bool
}

// Outcome is what became of a recipient.
type Outcome struct {
	Recipient
	Status            Status
	Reason            string
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
	Reason string
	Detail string
	// MigrateTo is the chat's new id; zero when it has kept its own.
	MigrateTo int64
}
