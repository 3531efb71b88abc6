package webhook

import (
	"encoding/json"
	"strconv"
	"strings"

	"bellman/internal/campaign"
	"bellman/internal/outcome"
)

// object is an activity as it is posted. The names, and which values are lists with
// commas, are eSputnik's; activityId, sequence, requestId and the members of
// statusData are Bellman's own. Unknown values are left out.
type object struct {
	ActivityID          string           `json:"activityId"`
	ActivityDateTime    string           `json:"activityDateTime"`
	ActivityStatus      outcome.Activity `json:"activityStatus"`
	BroadcastID         int64            `json:"broadcastId,omitempty"`
	ClickEventLink      string           `json:"clickEventLink,omitempty"`
	ContactID           int64            `json:"contactId,omitempty"`
	Email               string           `json:"email,omitempty"`
	ExternalCustomerID  string           `json:"externalCustomerId,omitempty"`
	ExternalRequestID   string           `json:"externalRequestId,omitempty"`
	HardBounce          bool             `json:"hardBounce"`
	IID                 string           `json:"iid"`
	MediaType           string           `json:"mediaType"`
	MessageID           int64            `json:"messageId,omitempty"`
	MessageInstanceID   int64            `json:"messageInstanceId"`
	MessageLanguageCode string           `json:"messageLanguageCode,omitempty"`
	MessageName         string           `json:"messageName,omitempty"`
	MessageTag          string           `json:"messageTag,omitempty"`
	RequestID           string           `json:"requestId,omitempty"`
	Sequence            int64            `json:"sequence"`
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

// dateTime is the format of times: RFC 3339, in UTC, with milliseconds.
const dateTime = "2006-01-02T15:04:05.000Z"

// objectOf returns an entry as it is posted.
func objectOf(e *Entry) object {
	p, c := e.Person, e.Campaign
	o := object{
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
		StatusData:          statusData{AppUUID: e.AppUUID, TelegramMessageID: e.TelegramMessageID, Reason: e.Reason},
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
	objects := make([]object, len(entries))
	for i := range entries {
		objects[i] = objectOf(&entries[i])
	}
	return json.Marshal(objects)
}
