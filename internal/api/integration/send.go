package integration

import (
	"fmt"
	"net/http"
	"strconv"

	"bellman/internal/access"
	"bellman/internal/api/body"
	"bellman/internal/api/loose"
	"bellman/internal/campaign"
	"bellman/internal/contact"
	"bellman/internal/message"
)

func (a *API) sendCalls() []call {
	return []call{
		{method: http.MethodPost, path: "/message/{id}/smartsend", area: access.AreaMessages, handle: a.smartSend},
		{method: http.MethodPost, path: "/message/{id}/send", area: access.AreaMessages, handle: a.sendOld},
		{method: http.MethodGet, path: "/message/status", area: access.AreaMessages, handle: a.sendStatuses},
	}
}

// The sentences of the calls that send.
var (
	errRecipientsMissing = sentence(http.StatusBadRequest, "recipients_missing", "Recipients must be specified")
	errTooManyRecipients = sentence(http.StatusBadRequest, "too_many_recipients",
		fmt.Sprintf("At most %d recipients per request", campaign.MaxAddressees))
	errSendToGroup = sentence(http.StatusBadRequest, "group_not_supported",
		"This call sends to recipients one by one: send to a group with POST /v1/broadcast")
)

// sending is a send in a request.
type sending struct {
	appUUID    string
	recipients []recipient
	// requestID is the sender's own name for the whole request.
	requestID string
}

// sendAnswer is the answer to a send. Results is a list, or a single result.
type sendAnswer struct {
	ID      int64 `json:"id"`
	Results any   `json:"results"`
}

type sendResult struct {
	ID        int64  `json:"id"`
	Locator   string `json:"locator"`
	Status    string `json:"status"`
	RequestID string `json:"requestId,omitempty"`
	Message   string `json:"message,omitempty"`
}

// smartSend serves POST /message/{id}/smartsend.
func (a *API) smartSend(w http.ResponseWriter, r *http.Request, workspaceID int64) (any, error) {
	return a.send(w, r, workspaceID, decodeSmartSend)
}

// sendOld serves POST /message/{id}/send.
func (a *API) sendOld(w http.ResponseWriter, r *http.Request, workspaceID int64) (any, error) {
	return a.send(w, r, workspaceID, decodeOldSend)
}

func (a *API) send(w http.ResponseWriter, r *http.Request, workspaceID int64, decode func(loose.Value) (sending, error)) (any, error) {
	messageID, err := pathID(r, errMessageID)
	if err != nil {
		return nil, err
	}
	s, err := body.Decode(w, r, decode)
	if err != nil {
		return nil, err
	}
	s.nameRequests()
	b, err := a.sender(r.Context(), workspaceID, s.appUUID)
	if err != nil {
		return nil, err
	}
	if err := a.locate(r.Context(), workspaceID, s.recipients); err != nil {
		return nil, err
	}
	receipts, err := a.Triggers.Send(r.Context(), workspaceID, messageID, campaign.Trigger{
		BotID: b.ID, Addressees: s.addressees(), Once: true,
	})
	if err != nil {
		return nil, messageFault(err)
	}
	results := make([]sendResult, len(receipts))
	for i, receipt := range receipts {
		results[i] = showReceipt(receipt, s.recipients[i])
	}
	return sendAnswer{Results: loneOr(results)}, nil
}

// nameRequests gives each recipient without a name of its own the request's.
//
// spec: send-request-id
func (s *sending) nameRequests() {
	for i := range s.recipients {
		if to := &s.recipients[i]; to.Label == "" {
			to.Label = s.requestID
		}
	}
}

func (s *sending) addressees() []campaign.Addressee {
	all := make([]campaign.Addressee, len(s.recipients))
	for i, to := range s.recipients {
		all[i] = to.Addressee
	}
	return all
}

// rejections are the reasons to reject a recipient, in the words of this API.
var rejections = map[string]string{
	"recipient_invalid": "name the recipient by contactId, by externalCustomerId, or by locator: " +
		"the id of a Telegram chat, an email, or a phone with + and its country code",
	"token_unknown": "this bot has no chat with this locator",
	"data_invalid":  fmt.Sprintf("jsonParam is a JSON object of at most %d bytes, or a string that holds one", message.MaxData),
}

// spec: send-rejected
func showReceipt(receipt campaign.Receipt, to recipient) sendResult {
	if !receipt.Accepted() {
		return sendResult{Locator: to.locator, Status: "ERROR", Message: rejection(receipt, to)}
	}
	if to.locator == "" {
		to.locator = strconv.FormatInt(receipt.ChatID, 10)
	}
	return sendResult{Locator: to.locator, Status: "OK", RequestID: receipt.RequestID}
}

// rejection says why nothing is sent to the recipient. Nobody was found for one who
// is named and yet has no id.
func rejection(receipt campaign.Receipt, to recipient) string {
	nobody := receipt.Code == "recipient_invalid" && to.named != (contact.Identity{})
	if nobody || receipt.Code == "contact_unreachable" {
		return fmt.Sprintf("there is no contact with this %s that has a chat with this bot", to.by())
	}
	if sentence, ok := rejections[receipt.Code]; ok {
		return sentence
	}
	return receipt.Message
}
