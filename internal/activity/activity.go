package activity

import (
	"time"

	"bellman/internal/campaign"
)

// Status is what an activity tells.
type Status string

// The statuses.
const (
	// Delivered means that Telegram took the message.
	Delivered Status = "delivered"
	// Undelivered means that the recipient does not get the message.
	Undelivered Status = "undelivered"
	// Lost means that the message may have arrived: the answer was lost.
	Lost Status = "lost"
	// Clicked means that the recipient followed a link or pressed a button.
	Clicked Status = "clicked"
)

// statuses are those of the outcomes of deliveries.
var statuses = map[campaign.Status]Status{
	campaign.Sent: Delivered, campaign.Failed: Undelivered, campaign.Skipped: Undelivered, campaign.Unknown: Lost,
}

// Activity is one thing that happened to one message to one person.
type Activity struct {
	// Offset is the place in the list, for [Query].
	Offset Offset
	At     time.Time
	Status Status
	// Reason is one word out of the closed set of deliveries' reasons, Detail is
	// Telegram's description; both empty when there is nothing to explain.
	Reason string
	Detail string
	// Gone tells that the chat takes no messages any more.
	Gone bool
	// Link is the address that was followed; empty for a button that sends data.
	Link     string
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
	// Language is that of the content when there is no other; else empty.
	Language string
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
}

// Window is a stretch of time, from From on until before To.
type Window struct{ From, To time.Time }

// Place is a recipient of a campaign.
type Place struct{ CampaignID, Seq int64 }

// goneReasons are those of outcomes after which a chat is removed.
var goneReasons = map[string]bool{
	"bot_blocked": true, "user_deactivated": true, "bot_not_started": true, "recipient_is_bot": true, "bot_kicked": true,
	"bot_not_member": true, "group_deleted": true, "forbidden": true, "chat_not_found": true,
}
