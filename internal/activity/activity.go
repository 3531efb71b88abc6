package activity

import (
	"time"

	"bellman/internal/campaign"
	"bellman/internal/outcome"
)

// Activity is one thing that happened to one message to one person.
type Activity struct {
	// Offset is the place in the list, for [Query].
	Offset Offset
	At     time.Time
	Status outcome.Activity
	// Reason is the delivery's, Detail is Telegram's description; both empty when
	// there is nothing to explain.
	Reason outcome.Reason
	Detail string
	// Link is the address that was followed, without UTM parameters; empty for a
	// button that sends data.
	Link string
	// Language is that of the message's version that the person gets.
	Language string
	Campaign Campaign
	Person   Person
}

// Campaign is what an activity is part of.
type Campaign struct {
	ID          int64
	Kind        campaign.Kind
	MessageID   int64
	MessageName string
	// Tags are those of its content.
	Tags []string
	// Sending and Clicking tell that there may be outcomes, and clicks, in the
	// window that was asked for.
	Sending  bool
	Clicking bool
}

// Person is whom a message was for. The identifiers are empty when they are not
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

// Window is a stretch of time, from From on until before To.
type Window struct{ From, To time.Time }

// Place is a recipient of a campaign.
type Place struct{ CampaignID, Seq int64 }
