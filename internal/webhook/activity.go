package webhook

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"

	"bellman/internal/outcome"
	"bellman/internal/summary"
)

// Activity is something that happened to a recipient, with whom and what it is
// about as of now.
type Activity struct {
	ID     int64
	Status outcome.Activity
	At     time.Time
	// CampaignID and Seq name the delivery; Seq is zero when a chat was removed
	// some time after its delivery.
	CampaignID int64
	Seq        int64
	// ContactID is zero when it is not known. What follows it is empty for a
	// contact that is deleted.
	ContactID          int64
	ExternalCustomerID string
	Email              string
	Phone              string
	// Language is the one that the sender asked for, or the contact's.
	Language string
	ChatID   int64
	// Reason, Detail and TelegramMessageID are the outcome's.
	Reason            outcome.Reason
	Detail            string
	TelegramMessageID int64
	// Click is what was clicked; nil for what is no click.
	Click *Click
}

// Click is a link that was followed, or a button that was pressed. Target and
// Data, which may be personal, are empty for a contact that is deleted.
type Click struct {
	// Link is its place among the links of the message; Target is set for a link
	// that is not the same for everybody.
	Link   int
	Target string
	// Pressed tells that it was a button that sends Data.
	Pressed bool
	Data    string
}

// Campaign is what an activity tells of its campaign.
type Campaign struct {
	ID          int64
	AppUUID     string
	MessageID   int64
	MessageName string
	// Broadcast campaigns went to an audience; others are triggered.
	Broadcast bool
}

// object is an activity as it is posted. Names, and which are lists with commas,
// are eSputnik's; activityId and what is in statusData are Bellman's own. What
// is not known is left out.
type object struct {
	ActivityID          int64            `json:"activityId"`
	ActivityDateTime    string           `json:"activityDateTime"`
	ActivityStatus      outcome.Activity `json:"activityStatus"`
	BroadcastID         int64            `json:"broadcastId,omitempty"`
	ClickEventLink      string           `json:"clickEventLink,omitempty"`
	ContactID           int64            `json:"contactId,omitempty"`
	Email               string           `json:"email,omitempty"`
	ExternalCustomerID  string           `json:"externalCustomerId,omitempty"`
	HardBounce          bool             `json:"hardBounce"`
	IID                 string           `json:"iid"`
	MediaType           string           `json:"mediaType"`
	MessageID           int64            `json:"messageId,omitempty"`
	MessageInstanceID   int64            `json:"messageInstanceId"`
	MessageLanguageCode string           `json:"messageLanguageCode,omitempty"`
	MessageName         string           `json:"messageName,omitempty"`
	MessageTag          string           `json:"messageTag,omitempty"`
	SMS                 string           `json:"sms,omitempty"`
	StatusData          statusData       `json:"statusData"`
	StatusDescription   string           `json:"statusDescription,omitempty"`
}

type statusData struct {
	AppUUID           string         `json:"appUuid,omitempty"`
	Token             string         `json:"token,omitempty"`
	TelegramMessageID int64          `json:"telegramMessageId,omitempty"`
	Reason            outcome.Reason `json:"reason,omitempty"`
	CallbackData      string         `json:"callbackData,omitempty"`
}

// dateTime is how moments are written: RFC 3339, in UTC, with milliseconds.
const dateTime = "2006-01-02T15:04:05.000Z"

// subject is the campaign of an activity, and what it sends. A campaign that is
// gone is an empty one.
type subject struct {
	Campaign
	sent *summary.Campaign
}

// objectOf returns an activity as it is posted.
func objectOf(a *Activity, c subject) object {
	o := object{
		ActivityID:         a.ID,
		ActivityDateTime:   a.At.UTC().Format(dateTime),
		ActivityStatus:     a.Status,
		ContactID:          a.ContactID,
		Email:              a.Email,
		ExternalCustomerID: a.ExternalCustomerID,
		HardBounce:         a.Status.HardBounce(a.Reason),
		// The delivery that it is about: the same for its DELIVERED and CLICKED.
		IID:                 fmt.Sprintf("%d-%d", a.CampaignID, a.Seq),
		MediaType:           "telegrambot",
		MessageID:           c.MessageID,
		MessageInstanceID:   a.CampaignID,
		MessageLanguageCode: c.sent.Languages.Of(a.Language),
		MessageName:         c.MessageName,
		MessageTag:          strings.Join(c.sent.Tags, ","),
		SMS:                 a.Phone,
		StatusData:          statusData{AppUUID: c.AppUUID, TelegramMessageID: a.TelegramMessageID},
	}
	if a.ChatID != 0 {
		o.StatusData.Token = strconv.FormatInt(a.ChatID, 10)
	}
	if c.Broadcast {
		o.BroadcastID = a.CampaignID
	}
	if a.Click != nil {
		o.StatusData.CallbackData = a.Click.Data
		if !a.Click.Pressed {
			o.ClickEventLink = c.sent.Target(a.Click.Link, a.Click.Target)
		}
		return o
	}
	o.StatusData.Reason, o.StatusDescription = a.Reason, a.Status.Description(a.Reason, a.Detail)
	return o
}

// encode returns the array that is posted.
func encode(activities []Activity, campaigns map[int64]subject) ([]byte, error) {
	objects := make([]object, len(activities))
	for i := range activities {
		objects[i] = objectOf(&activities[i], campaigns[activities[i].CampaignID])
	}
	return json.Marshal(objects)
}
