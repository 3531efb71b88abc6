package dispatch

import (
	"time"

	"bellman/internal/outcome"
)

const (
	// sameMoment is how close two 429s for different chats must be to speak of
	// the bot and not of a chat.
	sameMoment = time.Second
	// longestFreeze bounds how long the whole bot waits before one message tries
	// whether it may go on.
	longestFreeze = time.Minute
)

// freeze decides whether a 429 is meant for a chat or for the whole bot; the
// answer does not say. It is meant for the bot when two different chats get
// one at about the same time.
type freeze struct {
	until time.Time
	// reason is why nothing may leave until then.
	reason outcome.Reason
	// lastChat and lastAt are the latest 429's.
	lastChat int64
	lastAt   time.Time
	// probing tells that the bot was frozen and has not sent since.
	probing bool
}

// tooMany counts a 429 for a chat, which is to wait until the given time, and
// tells whether the whole bot has to wait.
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

// clean counts a message that went through.
func (f *freeze) clean() { f.probing = false }
