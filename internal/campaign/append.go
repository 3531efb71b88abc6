package campaign

import (
	"context"
	"encoding/json"
	"time"

	"bellman/internal/access"
	"bellman/internal/outcome"
)

// Append is what one send adds to the open campaign of its bot and message.
type Append struct {
	WorkspaceID int64
	BotID       int64
	MessageID   int64
	// Test keeps the messages in a campaign of their own.
	Test bool
	// Name and Content are those of a campaign that has to be opened. An open
	// campaign with other content takes no more messages.
	Name    string
	Content string
	// Writer is who had changed the message last.
	Writer access.Author
	// Period is the month; a campaign of an earlier month takes no more messages.
	Period string
	Now    time.Time
	// Messages are added in this order.
	Messages []Appended
	// Accepted are the requests of addressees with a label, in the order of the
	// keys, each key once.
	Accepted []Accepted
	// Settled is called in the transaction, with the requests that were made earlier
	// under the keys of Accepted.
	Settled func(ctx context.Context, earlier []Accepted) error
}

// Accepted is a request that was made for an addressee with a label.
type Accepted struct {
	// Key stands for the message, the addressee, the label, and what was sent.
	Key       string
	RequestID string
	ChatID    int64
}

func (a Accepted) receipt() Receipt { return Receipt{RequestID: a.RequestID, ChatID: a.ChatID} }

// Appended is one message to one chat.
type Appended struct {
	Chat
	RequestID string
	Data      json.RawMessage
	// Language is the one that the sender asks for; empty for the contact's.
	Language string
	// Label is the sender's own name for the request; empty for none.
	Label string
}

// Opened returns the campaign that the append opens. It takes over a pause of the
// campaign that it replaces, nil for none, unless the pause was because of content
// that has changed now. Test sends go out regardless.
func (a Append) Opened(before *Campaign) Campaign {
	c := Campaign{
		WorkspaceID: a.WorkspaceID, BotID: a.BotID, MessageID: a.MessageID, Name: a.Name, Kind: Triggered,
		State: Sending, Test: a.Test, Content: a.Content, Writer: a.Writer, LaunchedAt: a.Now, CreatedAt: a.Now, UpdatedAt: a.Now,
	}
	if before != nil && before.State == Paused && !a.Test && (before.StateReason != outcome.ContentRefused || before.Content == a.Content) {
		c.State, c.StateReason, c.StateDetail = Paused, before.StateReason, before.StateDetail
	}
	return c
}
