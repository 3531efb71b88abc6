package dispatch

// Work is a campaign that goes out, with its place in the ledger.
type Work struct {
	CampaignID  int64
	WorkspaceID int64
	BotID       int64
	// Epoch is the ledger's; the campaign has to be adopted when it is not the
	// lease's.
	Epoch      int64
	Kind       string
	Content    string
	LaidSeq    int64
	Laid       bool
	ClaimedSeq int64
	SettledSeq int64
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
