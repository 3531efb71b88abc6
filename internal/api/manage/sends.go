package manage

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"bellman/internal/api/loose"
	"bellman/internal/campaign"
	"bellman/internal/contact"
)

type sendInput struct {
	ByID
	Body struct {
		BotID      int64       `json:"botId" minimum:"1" maximum:"9007199254740991" doc:"The bot that sends." example:"1"`
		Recipients []addressee `json:"recipients" nullable:"false" minItems:"1" maxItems:"1000" doc:"Who gets the message, in this order."`
	}
}

// addressee is one recipient of a send in a request.
type addressee struct {
	ContactID int64     `json:"contactId,omitempty" minimum:"1" maximum:"9007199254740991" doc:"A contact: the message goes to all of its chats with the bot." example:"1"`
	Token     chatToken `json:"token,omitempty" doc:"A chat instead: its id, as the tokens call got it."`
	Data      object    `json:"data,omitempty" doc:"Values for this recipient's text, up to 20 KiB: {{ data.order.total }}."`

	LanguageCode string `json:"languageCode,omitempty" maxLength:"35" doc:"The version to send; without it, the contact's." example:"uk"`
}

// chatToken is a chat id, written as a number or in a string, as in the integration
// API.
type chatToken int64

// Schema implements [huma.SchemaProvider].
func (chatToken) Schema(huma.Registry) *huma.Schema {
	least, most := float64(-contact.MaxID), float64(contact.MaxID)
	return &huma.Schema{
		OneOf: []*huma.Schema{
			{Type: huma.TypeInteger, Format: "int64", Minimum: &least, Maximum: &most},
			{Type: huma.TypeString, Pattern: `^-?[1-9][0-9]{0,15}$`},
		},
		Examples: []any{"501234567"},
	}
}

// UnmarshalJSON implements [json.Unmarshaler]; null is none.
func (t *chatToken) UnmarshalJSON(raw []byte) error {
	id, err := loose.Parse(raw).Whole()
	if err != nil {
		return errToken
	}
	*t = chatToken(id)
	return nil
}

// errToken is for forms that a schema accepts as a whole number, such as 5e2.
var errToken = errors.New("write tokens in digits, as a number or in a string")

func isNull(raw []byte) bool { return string(raw) == "null" }

// object is a JSON object that is passed on unchanged.
type object json.RawMessage

// Schema implements [huma.SchemaProvider].
func (object) Schema(huma.Registry) *huma.Schema {
	return &huma.Schema{Type: huma.TypeObject, AdditionalProperties: true, Examples: []any{map[string]any{"name": "Olena"}}}
}

// UnmarshalJSON implements [json.Unmarshaler]; null is none.
func (o *object) UnmarshalJSON(raw []byte) error {
	if !isNull(raw) {
		*o = bytes.Clone(raw)
	}
	return nil
}

type receiptsView struct {
	Results []receiptView `json:"results" nullable:"false" doc:"One for each recipient, in the order sent."`
}

type receiptView struct {
	Status    string   `json:"status" enum:"accepted,rejected" doc:"Accepted recipients are queued; rejected ones get nothing, and hold up nobody else."`
	RequestID string   `json:"requestId,omitempty" doc:"Leads to what became of the message: GET /deliveries/{requestId}. Absent when rejected." example:"0198f2a4-5e1c-7c3f-9f63-0d2b1f3f9a10"`
	Missing   []string `json:"missing,omitempty" nullable:"false" doc:"The values that the text writes out without a default and that data does not have; in any version, when no languageCode was sent. The message is sent, with gaps." example:"[\"data.order.total\"]"`
	Code      string   `json:"code,omitempty" doc:"Why it was rejected, to branch on: contact_unreachable, token_unknown, recipient_invalid or data_invalid."`
	Message   string   `json:"message,omitempty" doc:"Why it was rejected, in a sentence for people."`
}

func viewReceipt(r campaign.Receipt) receiptView {
	v := receiptView{Status: "rejected", RequestID: r.RequestID, Missing: r.Missing, Code: r.Code, Message: r.Message}
	if r.Accepted() {
		v.Status = "accepted"
	}
	return v
}

type requestView struct {
	RequestID  string         `json:"requestId" example:"0198f2a4-5e1c-7c3f-9f63-0d2b1f3f9a10"`
	MessageID  int64          `json:"messageId" example:"1"`
	BotID      int64          `json:"botId" example:"1"`
	CampaignID int64          `json:"campaignId" doc:"The triggered campaign that it is part of." example:"1"`
	Deliveries []DeliveryView `json:"deliveries" nullable:"false" doc:"One for each chat."`
}

type requestInput struct {
	RequestID string `path:"requestId" maxLength:"100" doc:"As the send returned it." example:"0198f2a4-5e1c-7c3f-9f63-0d2b1f3f9a10"`
}

func (a *API) sends() {
	register(a, huma.Operation{
		OperationID: "send-message", Method: http.MethodPost, Path: "/messages/{id}/send", Tags: []string{"messages"},
		Summary: "Send a message now",
		Description: "To some people, as something happens to them: it goes before every broadcast. " +
			"What one bot sends of one message in a month, as long as the message stays the same, is counted as one triggered campaign. " +
			"Pausing that campaign holds its messages back, those of later sends too; " +
			"cancelling it skips the ones that are queued, and the next send opens another.",
	}, a.sendMessage)
	register(a, huma.Operation{
		OperationID: "get-request", Method: http.MethodGet, Path: "/deliveries/{requestId}", Tags: []string{"messages"},
		Summary: "Get what became of a sent message", Description: "For one recipient of a send.",
	}, a.getRequest)
}

func (a *API) sendMessage(ctx context.Context, workspaceID int64, in *sendInput) (*answer[receiptsView], error) {
	return receipted(a.Triggers.Send(ctx, workspaceID, in.ID, triggerOf(in.Body.BotID, in.Body.Recipients)))
}

func triggerOf(botID int64, recipients []addressee) campaign.Trigger {
	t := campaign.Trigger{BotID: botID}
	for _, to := range recipients {
		t.Addressees = append(t.Addressees, campaign.Addressee{
			ContactID: to.ContactID, ChatID: int64(to.Token), Data: json.RawMessage(to.Data), Language: to.LanguageCode,
		})
	}
	return t
}

func receipted(receipts []campaign.Receipt, err error) (*answer[receiptsView], error) {
	if err != nil {
		return nil, err
	}
	out := receiptsView{Results: make([]receiptView, len(receipts))}
	for i, r := range receipts {
		out.Results[i] = viewReceipt(r)
	}
	return &answer[receiptsView]{out}, nil
}

func (a *API) getRequest(ctx context.Context, workspaceID int64, in *requestInput) (*answer[requestView], error) {
	r, err := a.Triggers.Request(ctx, workspaceID, in.RequestID)
	if err != nil {
		return nil, err
	}
	out := requestView{RequestID: r.ID, MessageID: r.MessageID, BotID: r.BotID, CampaignID: r.CampaignID,
		Deliveries: make([]DeliveryView, len(r.Deliveries))}
	for i, d := range r.Deliveries {
		out.Deliveries[i] = viewDelivery(d)
	}
	return &answer[requestView]{out}, nil
}
