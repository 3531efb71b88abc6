// Package audit keeps the audit log: who did what to which thing, from where, when, and
// how that ended.
//
// A line is written by the transaction that does what it tells of: the API puts a [Draft]
// into the context, and the store appends its line before the commit. Lines are chained by
// their hashes, and their ids have no gaps, so that one that was changed, or is missing,
// shows.
package audit

import (
	"encoding/json"
	"time"
)

// ActorKind says what an actor is.
type ActorKind string

// The kinds of actors.
const (
	// Nobody has not signed in, or sent a wrong key.
	Nobody ActorKind = "nobody"
	// User is a person, Key a system with an API key.
	User ActorKind = "user"
	Key  ActorKind = "key"
	// Command is who ran the program on its machine.
	Command ActorKind = "command"
)

// Actor is who did something.
type Actor struct {
	Kind ActorKind
	// ID is that of a user or a key; zero for others.
	ID int64
	// Name is the email of a user, or of who would be one; the name of a key; the name that
	// the operating system has for who ran a command.
	Name string
}

// The outcomes, beside the codes of faults.
const (
	// Done is said in the transaction that did it.
	Done = "done"
	// Begun is said by the first of several transactions: how it ended, a later line tells.
	// Without one, it was cut off.
	Begun = "begun"
)

// Entry is a line of the log.
type Entry struct {
	// ID has no gaps: that of the next line is greater by one.
	ID int64
	// WorkspaceID is zero for what is of the installation.
	WorkspaceID int64
	// At is when it was asked for, to the millisecond.
	At      time.Time
	Actor   Actor
	Address string
	// Act is the operation as the API names it, such as create-key.
	Act string
	// Subject is what it was done to, such as keys/7.
	Subject string
	// Outcome is [Done], [Begun], or the code of a refusal or failure.
	Outcome string
	// Before and After are JSON objects with what was changed; empty for nothing. They hold
	// no secrets.
	Before, After string
	// Previous is the hash of the line before, Hash that of this one; see [Entry.Sum].
	Previous, Hash string
}

// Facts are a few of the properties of something, without secrets.
type Facts map[string]any

// text returns the facts as JSON; empty for none.
func (f Facts) text() string {
	if len(f) == 0 {
		return ""
	}
	// Facts are texts, numbers, truths and lists of them, which Marshal does not refuse.
	text, _ := json.Marshal(f)
	return string(text)
}
