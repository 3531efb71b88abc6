package dispatch

// Work is a campaign that goes out, with its place in the ledger.
type Work struct {
	CampaignID  int64
	WorkspaceID int64
	BotID       int64
	// Epoch is the ledger's; the campaign has to be adopted when it is not the
	// lease's.
	Epoch int64
	Kind  string
	// Edits and Deletes tell that it does so to what another campaign has sent.
	Edits, Deletes bool
	Content        string
	LaidSeq        int64
	Laid           bool
	ClaimedSeq     int64
	SettledSeq     int64
	// Waiting is the number of deferred recipients.
	Waiting int64
	// Done is the number of recipients that have an outcome.
	Done int64
	// AllowPaid and StarsBudget are the campaign's; Paid is the number of
	// messages that Telegram has charged for.
	AllowPaid   bool
	StarsBudget int64
	Paid        int64
}

// changes reports whether the campaign edits or deletes messages. Such a call can be made
// again: the second one changes nothing.
func (w Work) changes() bool { return w.Edits || w.Deletes }
