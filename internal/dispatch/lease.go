package dispatch

import "time"

// Lease is the right to send for one bot, until it expires.
type Lease struct {
	BotID int64
	// Epoch grows with every change of the holder.
	Epoch int64
	// SealedToken, TelegramID and APIURL are the bot's.
	SealedToken []byte
	TelegramID  int64
	APIURL      string
	// Active is true when Telegram accepts the bot's token, as far as is known.
	Active bool
	// FrozenUntil is when the bot may send again after a 429; zero when it may.
	FrozenUntil time.Time
	// Rate is the bot's own limit in messages a second; zero means the
	// installation's.
	Rate float64
	// PaidBroadcast is the bot's switch; PaidRefusedUntil ends a refusal of
	// Telegram's.
	PaidBroadcast    bool
	PaidRefusedUntil time.Time
	// ClockBack is by how much the clock was found to be set back, and the bot's
	// deadlines moved; zero when it was not.
	ClockBack time.Duration
}
