package outcome

// Status is how the message to one recipient ended. It is written once.
type Status string

// The statuses.
const (
	// Sent means that Telegram accepted the message.
	Sent Status = "sent"
	// Failed means that this recipient cannot get the message.
	Failed Status = "failed"
	// Skipped means that the message was not tried: the chat was gone, or the
	// campaign was cancelled.
	Skipped Status = "skipped"
	// Unknown means that the answer was lost: the message may have arrived.
	Unknown Status = "unknown"
)

// Statuses are all statuses, in the order in which they are counted.
var Statuses = []Status{Sent, Failed, Skipped, Unknown}
