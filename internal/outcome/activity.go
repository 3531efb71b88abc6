package outcome

// Activity is something that happened to a message, in the words of the vendor's
// API ("activityStatus").
type Activity string

// The activities. Of the vendor's words, READ and SPAM do not exist for Telegram,
// which does not report them to bots.
const (
	// Delivered means that Telegram accepted the message.
	Delivered Activity = "DELIVERED"
	// Undelivered means that the recipient cannot get the message, or was skipped.
	Undelivered Activity = "UNDELIVERED"
	// Lost means that the message left and may have arrived, but no answer came. It
	// is the vendor's word for a message whose delivery is not confirmed.
	Lost Activity = "SENT"
	// Clicked means that a link was followed or a button pressed; each time.
	Clicked Activity = "CLICKED"
	// Unsubscribed means that the chat was removed, because a message showed that
	// its owner has blocked the bot or is gone.
	Unsubscribed Activity = "UNSUBSCRIBED"
)

// Activities are all activities.
var Activities = []Activity{Delivered, Undelivered, Lost, Clicked, Unsubscribed}

// Activity returns the word by which the APIs report the status.
//
// spec: status-words
func (s Status) Activity() Activity {
	switch s {
	case Sent:
		return Delivered
	case Unknown:
		return Lost
	}
	return Undelivered
}

// OfSending reports whether the activity is what became of a message that was to be sent.
func (a Activity) OfSending() bool { return a == Delivered || a == Undelivered || a == Lost }

// HardBounce reports whether an activity with the reason is a hard bounce: no later
// message to this chat will arrive either.
func (a Activity) HardBounce(r Reason) bool { return a == Undelivered && r.Class() == Hard }

// Description explains an activity: the reason, with Telegram's own words where
// there are any. Only undelivered messages have one, as the vendor documents it
// ("statusDescription").
func (a Activity) Description(r Reason, detail string) string {
	switch {
	case a != Undelivered:
		return ""
	case r == ChatMuted:
		return channelMuted
	}
	return Explain(r, detail)
}

// channelMuted is the vendor's name for [ChatMuted], by which its clients know that
// the chat is to be written to again.
//
// spec: mute-name
const channelMuted = "CHANNEL_WAS_MUTED"

// Explain joins a reason and Telegram's words for it; either may be empty.
func Explain(r Reason, detail string) string {
	if r != "" && detail != "" {
		return string(r) + ": " + detail
	}
	return string(r) + detail
}
