package dispatch

import (
	"time"

	"bellman/internal/outcome"
)

const (
	// sameMoment is how close in time two 429s for different chats must be to be
	// meant for the bot and not for a chat.
	sameMoment = time.Second
	// longestFreeze limits how long the whole bot waits before it sends one message
	// as a probe.
	longestFreeze = time.Minute
)

// freeze decides whether a 429 is meant for a chat or for the whole bot; the answer
// does not say which. It is meant for the bot when two different chats get one at
// about the same time.
type freeze struct {
	until time.Time
	// reason is why nothing may leave until then.
	reason outcome.Reason
	// lastChat and lastAt are those of the latest 429.
	lastChat int64
	lastAt   time.Time
	// probing is true when the bot was frozen and has not sent since.
	probing bool
}

// tooMany records a 429 for a chat, which has to wait until the given time, and
// reports whether the whole bot has to wait.
//
// spec: tg-retry-after-scope
func (f *freeze) tooMany(chatID int64, until, now time.Time) bool {
	other := f.lastChat != chatID && !f.lastAt.IsZero() && now.Sub(f.lastAt) <= sameMoment
	f.lastChat, f.lastAt = chatID, now
	if !other && !f.probing {
		return false
	}
	if limit := now.Add(longestFreeze); until.After(limit) {
		until = limit
	}
	f.until = later(f.until, until)
	f.probing = true
	return true
}

// clean records a message that was sent.
func (f *freeze) clean() { f.probing = false }
