package activity

import (
	"fmt"
	"time"

	"bellman/internal/campaign"
	"bellman/internal/outcome"
	"bellman/internal/summary"
)

// Activity is one thing that happened to one message to one person. Lists show
// it, and webhooks post it.
type Activity struct {
	// Offset is the position in the list, for [Query]: it names the delivery too.
	Offset Offset
	At     time.Time
	Status outcome.Activity
	// Reason is the delivery's, Detail is Telegram's description; both empty when
	// there is nothing to explain.
	Reason outcome.Reason
	Detail string
	// ClickID is the id of the click; empty for other activities.
	ClickID string
	// Click is the link or button that was clicked; nil for other activities.
	Click *Click
	// RequestID is that of the triggered send, Label the sender's own name for it;
	// both are empty for broadcasts.
	RequestID, Label string
	Campaign         Campaign
	Person           Person
	// Link is the address that was followed, without UTM parameters; empty for a
	// button that sends data. Language is that of the message's version that the
	// person gets. Both are set by Describe.
	Link     string
	Language string
}

// ID names the activity for good: it is the same in every webhook, in each
// repetition, and in lists. It follows from what is stored, so that nothing has to be
// written for it: a delivery has one outcome, and its chat is removed once.
func (a *Activity) ID() string {
	switch a.Status {
	case outcome.Clicked:
		return a.ClickID
	case outcome.Unsubscribed:
		return a.Delivery() + "-unsubscribed"
	}
	return a.Delivery() + "-outcome"
}

// Delivery names the delivery that the activity is about: the same for its DELIVERED
// and CLICKED.
func (a *Activity) Delivery() string { return fmt.Sprintf("%d-%d", a.Offset.CampaignID, a.Offset.Seq) }

// Click is a link that was followed, or a button that was pressed. Target and
// Data, which may be personal, are empty for a contact that is deleted.
type Click struct {
	// Link is the link's index in the message; Target is where it led, for links
	// whose targets differ between recipients.
	Link   int
	Target string
	// Pressed is true for a button that sends Data.
	Pressed bool
	Data    string
}

// Campaign is the campaign of an activity.
type Campaign struct {
	ID          int64
	Kind        campaign.Kind
	MessageID   int64
	MessageName string
	// Tags are those of its content. They are set by Describe.
	Tags []string
}

// Person is the recipient of a message. The identifiers are empty when they are not
// known, or the contact is deleted.
type Person struct {
	ChatID             int64
	ContactID          int64
	ExternalCustomerID string
	Phone              string
	Email              string
	// Language is the one that the sender asked for, or the contact's.
	Language string
}

// Describe adds what the content of the campaign provides.
func (a *Activity) Describe(content *summary.Campaign) {
	a.Campaign.Tags, a.Language = content.Tags, content.Languages.Of(a.Person.Language)
	if a.Click != nil && !a.Click.Pressed {
		a.Link = content.Target(a.Click.Link, a.Click.Target)
	}
}

// Window is a span of time, from From until before To.
type Window struct{ From, To time.Time }

// Place is a recipient of a campaign.
type Place struct{ CampaignID, Seq int64 }
