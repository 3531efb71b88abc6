package webhook

import (
	"encoding/json"
	"strconv"
	"strings"

	"bellman/internal/campaign"
	"bellman/internal/outcome"
)

// PostedActivity is an activity as it is posted. The names, and which values are lists
// with commas, are eSputnik's; activityId, sequence, requestId and the members of
// statusData are Bellman's own. Unknown values are left out. Its tags describe it in the
// document of the management API.
type PostedActivity struct {
	ActivityID          string           `json:"activityId" doc:"Names the activity for good: the same in every webhook and repetition." example:"7-312-outcome"`
	ActivityDateTime    string           `json:"activityDateTime" format:"date-time" doc:"When it happened." example:"2026-05-31T09:00:00.125Z"`
	ActivityStatus      outcome.Activity `json:"activityStatus" enum:"DELIVERED,UNDELIVERED,SENT,CLICKED,UNSUBSCRIBED"`
	BroadcastID         int64            `json:"broadcastId,omitempty" doc:"The campaign, when it is a broadcast." example:"7"`
	ClickEventLink      string           `json:"clickEventLink,omitempty" doc:"The address of the link that was followed." example:"https://shop.example/sale"`
	ContactID           int64            `json:"contactId,omitempty" example:"42"`
	Email               string           `json:"email,omitempty" example:"anna@shop.example"`
	ExternalCustomerID  string           `json:"externalCustomerId,omitempty" example:"C-42"`
	ExternalRequestID   string           `json:"externalRequestId,omitempty" doc:"Your own name for the send." example:"order-4711"`
	HardBounce          bool             `json:"hardBounce" doc:"Whether the chat takes no messages any more."`
	IID                 string           `json:"iid" doc:"The delivery." example:"7-312"`
	MediaType           string           `json:"mediaType" example:"telegrambot"`
	MessageID           int64            `json:"messageId,omitempty" example:"3"`
	MessageInstanceID   int64            `json:"messageInstanceId" doc:"The campaign." example:"7"`
	MessageLanguageCode string           `json:"messageLanguageCode,omitempty" example:"uk"`
	MessageName         string           `json:"messageName,omitempty" example:"Sale"`
	MessageTag          string           `json:"messageTag,omitempty" doc:"Its tags, with commas." example:"sale,may"`
	RequestID           string           `json:"requestId,omitempty" doc:"The triggered send." example:"0198c1b0-3c55-7d9e-8f4e-0e6f6e1a2b3c"`
	Sequence            int64            `json:"sequence" doc:"Grows along the activities of a webhook." example:"90125"`
	SMS                 string           `json:"sms,omitempty" doc:"The phone." example:"+380501234567"`
	StatusData          StatusData       `json:"statusData"`
	StatusDescription   string           `json:"statusDescription,omitempty" doc:"Why, in words."`
	_                   struct{}         `json:"-" additionalProperties:"true"`
}

// StatusData is what is known of an activity beside eSputnik's values.
type StatusData struct {
	AppUUID           string         `json:"appUuid,omitempty" doc:"The bot." example:"0198c1b0-3c55-7d9e-8f4e-0e6f6e1a2b3c"`
	Token             string         `json:"token,omitempty" doc:"The chat." example:"123456789"`
	TelegramMessageID int64          `json:"telegramMessageId,omitempty" example:"1001"`
	Reason            outcome.Reason `json:"reason,omitempty" doc:"A word out of a closed set." example:"bot_blocked"`
	CallbackData      string         `json:"callbackData,omitempty" doc:"What the pressed button sends." example:"yes"`
	_                 struct{}       `json:"-" additionalProperties:"true"`
}

// dateTime is the format of times: RFC 3339, in UTC, with milliseconds.
const dateTime = "2006-01-02T15:04:05.000Z"

// objectOf returns an entry as it is posted.
func objectOf(e *Entry) PostedActivity {
	p, c := e.Person, e.Campaign
	o := PostedActivity{
		ActivityID:          e.ID(),
		ActivityDateTime:    e.At.UTC().Format(dateTime),
		ActivityStatus:      e.Status,
		ClickEventLink:      e.Link,
		ContactID:           p.ContactID,
		Email:               p.Email,
		ExternalCustomerID:  p.ExternalCustomerID,
		ExternalRequestID:   e.Label,
		HardBounce:          e.Status.HardBounce(e.Reason),
		IID:                 e.Delivery(),
		MediaType:           "telegrambot",
		MessageID:           c.MessageID,
		MessageInstanceID:   c.ID,
		MessageLanguageCode: e.Language,
		MessageName:         c.MessageName,
		MessageTag:          strings.Join(c.Tags, ","),
		RequestID:           e.RequestID,
		Sequence:            e.Sequence,
		SMS:                 p.Phone,
		StatusData:          StatusData{AppUUID: e.AppUUID, TelegramMessageID: e.TelegramMessageID, Reason: e.Reason},
		StatusDescription:   e.Status.Description(e.Reason, e.Detail),
	}
	if p.ChatID != 0 {
		o.StatusData.Token = strconv.FormatInt(p.ChatID, 10)
	}
	if c.Kind == campaign.Broadcast {
		o.BroadcastID = c.ID
	}
	if e.Click != nil {
		o.StatusData.CallbackData = e.Click.Data
	}
	return o
}

// encode returns the array that is posted.
func encode(entries []Entry) ([]byte, error) {
	objects := make([]PostedActivity, len(entries))
	for i := range entries {
		objects[i] = objectOf(&entries[i])
	}
	return json.Marshal(objects)
}
