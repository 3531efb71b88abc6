package webhook

import (
	"slices"
	"strings"

	"bellman/internal/fault"
)

// Status is what happened to a recipient, in the words of eSputnik's export.
type Status string

// The statuses. Of those that eSputnik has, READ and SPAM do not exist for
// Telegram, whose bots are not told, and SENT is for its mobile push alone.
const (
	// Delivered means that Telegram took the message.
	Delivered Status = "DELIVERED"
	// Undelivered means that the recipient cannot get it, or was skipped when its
	// turn came. Those whom a cancelled campaign never reached are not told of.
	Undelivered Status = "UNDELIVERED"
	// Unknown means that Telegram's answer was lost. eSputnik has no such status.
	Unknown Status = "UNKNOWN"
	// Clicked means that a link was followed or a button pressed; each time.
	Clicked Status = "CLICKED"
	// Unsubscribed means that the chat was removed, because a message showed that
	// its owner has blocked the bot or is gone.
	Unsubscribed Status = "UNSUBSCRIBED"
)

// Statuses are all statuses.
var Statuses = []Status{Delivered, Undelivered, Unknown, Clicked, Unsubscribed}

// OfOutcome returns the status of a recipient's outcome: sent, failed, skipped
// or unknown.
func OfOutcome(outcome string) Status {
	switch outcome {
	case "sent":
		return Delivered
	case "unknown":
		return Unknown
	}
	return Undelivered
}

// checkStatuses returns the chosen statuses, each once and in the order of
// [Statuses], or Invalid.
func checkStatuses(chosen []Status) ([]Status, error) {
	for _, s := range chosen {
		if !slices.Contains(Statuses, s) {
			names := make([]string, len(Statuses))
			for i, known := range Statuses {
				names[i] = string(known)
			}
			return nil, fault.New(fault.Invalid, "webhook_status_unknown",
				"choose among %s", strings.Join(names, ", ")).In("statuses")
		}
	}
	if len(chosen) == 0 {
		return nil, fault.New(fault.Invalid, "webhook_statuses_missing", "choose at least one status").In("statuses")
	}
	return slices.DeleteFunc(slices.Clone(Statuses), func(s Status) bool { return !slices.Contains(chosen, s) }), nil
}

// hard are the reasons that hold for every later message too: those for which
// the chat is removed (telegram.Gone and telegram.NotFound), and chat_removed,
// for which it had been.
var hard = []string{
	"bot_blocked", "user_deactivated", "bot_not_started", "recipient_is_bot", "bot_kicked", "bot_not_member",
	"group_deleted", "forbidden", "chat_not_found", "chat_removed",
}
