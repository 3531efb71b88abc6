package sandbox

import (
	"io"
	"log/slog"
	"net/http"
	"time"
)

// Rates are the limits and the delays of a sandbox. A zero limit means Telegram's own (the default named beside it),
// a negative one means none. Windows slide: no span of that length ever contains more than the limit.
type Rates struct {
	RatePerSecond     int           // messages per second of one bot; 30. Negative lifts the pace of uploads too
	PaidRatePerSecond int           // the same with allow_paid_broadcast; 1000
	ChatPerSecond     int           // messages per second to one private chat; 1
	ChatBurst         int           // seconds over which ChatPerSecond is counted, see the package comment; 1
	GroupPerMinute    int           // messages per minute to one group; 20
	Latency           time.Duration // how long every answer of the Bot API is held back; 0
	Jitter            time.Duration // up to how much longer, at random; 0
}

// Keep is how much of the accepted messages a sandbox remembers.
type Keep int

const (
	// KeepMessages remembers every message: about 150 bytes each, and its content once, however often it was sent. It
	// also keeps the bytes of uploaded files, each once, whichever bots uploaded them.
	KeepMessages Keep = iota
	// KeepCounts remembers how many messages each recipient got and how many of them were repeated. Messages cannot
	// be read, edited or deleted.
	KeepCounts
	// KeepTotals remembers totals only.
	KeepTotals
)

// Options configure a Sandbox. The zero value is a strict sandbox in which everyone is a subscriber of every bot.
type Options struct {
	Rates

	KnownOnly      bool      // people exist only once they are registered; all others are "chat not found"
	Keep           Keep      // what is remembered of the accepted messages
	KeepParameters bool      // remember the parameters of each message too (with KeepMessages)
	Log            io.Writer // gets one line of JSON for each accepted message before it is answered; nil for none

	// Local lifts the limits that the Bot API server's --local mode lifts: webhooks may be plain HTTP and on any
	// port, uploads need no pace, getFile has no limit.
	Local bool
	// WebhookClient makes the webhook calls; nil for a client with a timeout of 60 s that follows no redirects.
	WebhookClient *http.Client
	// WebhookBackoff is the wait before the first retry of a webhook call; it doubles up to 60 of it. 0 means 1 s.
	WebhookBackoff time.Duration

	Now    func() time.Time // the clock of windows and dates; nil for time.Now
	Seed   uint64           // of the jitter
	Logger *slog.Logger     // of what goes wrong inside the sandbox; nil for slog.Default
}

// withDefaults sets the absent limits; a negative limit stays negative.
func (r Rates) withDefaults() Rates {
	for _, limit := range []struct {
		value    *int
		standard int
	}{
		{&r.RatePerSecond, 30}, {&r.PaidRatePerSecond, 1000}, {&r.ChatPerSecond, 1}, {&r.ChatBurst, 1},
		{&r.GroupPerMinute, 20},
	} {
		if *limit.value == 0 {
			*limit.value = limit.standard
		}
	}
	r.ChatBurst = max(r.ChatBurst, 1)
	return r
}

// Lifted are Rates without any limit or delay, for measuring how fast a sender is.
func Lifted() Rates {
	return Rates{RatePerSecond: -1, PaidRatePerSecond: -1, ChatPerSecond: -1, GroupPerMinute: -1}
}

func (o Options) withDefaults() Options {
	o.Rates = o.Rates.withDefaults()
	if o.WebhookClient == nil {
		o.WebhookClient = &http.Client{
			Timeout:       time.Minute,
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		}
	}
	if o.WebhookBackoff <= 0 {
		o.WebhookBackoff = time.Second
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Logger == nil {
		o.Logger = slog.Default()
	}
	return o
}
