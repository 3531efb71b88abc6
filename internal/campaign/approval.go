package campaign

import (
	"context"
	"encoding/json"
	"fmt"

	"bellman/internal/access"
	"bellman/internal/audit"
	"bellman/internal/fault"
	"bellman/internal/idempotency"
	"bellman/internal/outcome"
)

// Approval is what a workspace asks for before something goes to many: that a person
// launches it who did not write it. The layout holds campaigns to it, too: whoever comes
// into an audience after the launch counts.
type Approval struct {
	// Above is above how many recipients it is asked for; zero for never.
	Above int64
	// Recipients is to how many it goes at this moment.
	Recipients int64
	// Campaign and Message are who changed them last.
	Campaign, Message access.Author
}

// Needed reports whether it is asked for.
func (a Approval) Needed() bool { return a.Above > 0 && a.Recipients > a.Above }

// Refusal returns why it is not for the caller to give, a Forbidden fault; nil when it is.
// deed is what the caller wants to do, such as "launch".
func (a Approval) Refusal(by access.Author, deed string) error {
	part := ""
	switch {
	case by.IsPerson() && by.Is(a.Campaign):
		part = "the campaign"
	case by.IsPerson() && by.Is(a.Message):
		part = "its message"
	case by.IsPerson():
		return nil
	default:
		return fault.New(fault.Forbidden, "approval_needed",
			"this goes to %d recipients, and above %d a person who did not write it%s has to %s it: "+
				"ask somebody who may send, an API key is nobody else",
			a.Recipients, a.Above, a.written(), deed)
	}
	return fault.New(fault.Forbidden, "approval_needed",
		"this goes to %d recipients, and above %d somebody else than its author has to %s it; you, %s, changed %s last: "+
			"ask somebody else who may send", a.Recipients, a.Above, deed, by.Name, part)
}

// give returns the caller as the one who approves; Forbidden for whom it is not to give.
func (a Approval) give(by access.Author, deed string) (access.Author, error) {
	if err := a.Refusal(by, deed); err != nil {
		return access.Author{}, err
	}
	return by, nil
}

// written says who wrote it, as far as that is known.
func (a Approval) written() string {
	switch {
	case a.Campaign.Known() && a.Message.Known() && !a.Campaign.Is(a.Message):
		return fmt.Sprintf(" (the campaign is %s's, the message %s's)", a.Campaign.Name, a.Message.Name)
	case a.Campaign.Known():
		return fmt.Sprintf(" (%s did)", a.Campaign.Name)
	case a.Message.Known():
		return fmt.Sprintf(" (%s did)", a.Message.Name)
	}
	return ""
}

// tell has the audit log tell who wrote what is launched, and what was asked.
func (a Approval) tell(ctx context.Context) {
	f := audit.Facts{}
	if a.Campaign.Known() {
		f["campaignBy"] = a.Campaign.Name
	}
	if a.Message.Known() {
		f["messageBy"] = a.Message.Name
	}
	if a.Needed() {
		f["approvalAbove"], f["recipients"] = a.Above, a.Recipients
	}
	if len(f) > 0 {
		audit.Was(ctx, f)
	}
}

var (
	errVersionMissing = fault.New(fault.Invalid, "version_missing",
		"say what you have looked at: the check of the campaign answers a version, which you send along here").In("version")
	errChanged = fault.New(fault.Conflict, "campaign_changed",
		"the campaign or its message was changed in the meantime: look at it again, then repeat this").In("version")
)

// version stands for what a campaign sends, to whom and at what cost: who approves says by it what was looked at.
func (c Campaign) version(content string) (string, error) {
	audience, err := json.Marshal(c.Audience)
	if err != nil {
		return "", fmt.Errorf("campaign: encode audience: %w", err)
	}
	parts := fmt.Sprint(c.BotID, " ", c.MessageID, " ", c.AllowPaid, " ", c.StarsBudget)
	return idempotency.Fingerprint([]byte(parts), audience, []byte(content))[:16], nil
}

// approval returns what is asked for before the campaign goes out with a message of the
// author. Where nothing is asked, nothing is counted.
func (s *Service) approval(ctx context.Context, c Campaign, writer access.Author) (Approval, error) {
	a := Approval{Campaign: c.Author, Message: writer}
	var err error
	if a.Above, err = s.store.ApprovalAbove(ctx, c.WorkspaceID); err != nil || a.Above == 0 {
		return a, err
	}
	if c.Of == 0 {
		a.Recipients, err = s.store.CountAudience(ctx, c)
		return a, err
	}
	_, parent, err := s.store.Find(ctx, c.WorkspaceID, c.Of)
	for _, status := range c.Audience.Statuses {
		switch status {
		case Sent:
			a.Recipients += parent.Sent
		case Failed:
			a.Recipients += parent.Failed
		case Unknown:
			a.Recipients += parent.Unknown
		}
	}
	return a, err
}

// allowAlone returns a Forbidden fault when a campaign, which the caller makes and launches
// at once, needs somebody else.
func (s *Service) allowAlone(ctx context.Context, c Campaign, deed string) error {
	asked, err := s.approval(ctx, c, c.Writer)
	if err != nil || !asked.Needed() {
		return err
	}
	return asked.Refusal(access.AuthorOf(ctx, s.now()), deed)
}

// awaitsApproval reports whether the layout has paused the campaign for somebody to agree.
func (c Campaign) awaitsApproval() bool {
	return c.State == Paused && c.StateReason == outcome.ApprovalNeeded
}
