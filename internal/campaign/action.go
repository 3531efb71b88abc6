package campaign

// Action is what a campaign does in the chats of its recipients.
type Action string

// The actions.
const (
	// Send sends them a message.
	Send Action = "send"
	// Edit puts another message in the place of the one that another campaign has sent.
	Edit Action = "edit"
	// Delete removes the message that another campaign has sent.
	Delete Action = "delete"
)

// Actions are all of them.
var Actions = []Action{Send, Edit, Delete}

// Changes reports whether what was sent before is changed, and nothing sent.
func (a Action) Changes() bool { return a == Edit || a == Delete }
