package integration

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"

	"bellman/internal/access"
	"bellman/internal/api/body"
	"bellman/internal/api/loose"
	"bellman/internal/campaign"
	"bellman/internal/idempotency"
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
	addressees []campaign.Addressee
	// locators are the recipients' locators as they were sent, to be repeated in
	// the answer.
	locators []string
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
	once, places := s.distinct()
	receipts, err := a.Triggers.Send(r.Context(), workspaceID, messageID, campaign.Trigger{BotID: b.ID, Addressees: once})
	if err != nil {
		return nil, messageFault(err)
	}
	results := make([]sendResult, len(places))
	for i, place := range places {
		results[i] = showReceipt(receipts[place], s.locators[i])
	}
	return sendAnswer{Results: loneOr(results)}, nil
}

// nameRequests gives each recipient without a name of its own the request's.
//
// spec: send-request-id
func (s *sending) nameRequests() {
	for i := range s.addressees {
		if to := &s.addressees[i]; to.Label == "" {
			to.Label = s.requestID
		}
	}
}

// distinct returns the addressees without repetitions, and the place of each
// recipient among them: who is named twice for the same message gets it once.
func (s *sending) distinct() (once []campaign.Addressee, places []int) {
	known := map[string]int{}
	places = make([]int, len(s.addressees))
	for i, to := range s.addressees {
		key := fmt.Sprintf("%d %d %q %q %s", to.ContactID, to.ChatID, to.Label, to.Language, idempotency.Meaning(to.Data))
		place, there := known[key]
		if !there {
			place = len(once)
			known[key] = place
			once = append(once, to)
		}
		places[i] = place
	}
	return once, places
}

// rejections are the reasons to reject a recipient, in the words of this API.
var rejections = map[string]string{
	"recipient_invalid":   "name the recipient by contactId or by locator, which is the id of a Telegram chat",
	"contact_unreachable": "there is no contact with this id that has a chat with this bot",
	"token_unknown":       "this bot has no chat with this locator",
	"data_invalid":        fmt.Sprintf("jsonParam is a JSON object of at most %d bytes, or a string that holds one", message.MaxData),
}

// spec: send-rejected
func showReceipt(receipt campaign.Receipt, locator string) sendResult {
	if !receipt.Accepted() {
		sentence, ok := rejections[receipt.Code]
		if !ok {
			sentence = receipt.Message
		}
		return sendResult{Locator: locator, Status: "ERROR", Message: sentence}
	}
	if locator == "" {
		locator = strconv.FormatInt(receipt.ChatID, 10)
	}
	result := sendResult{Locator: locator, Status: "OK", RequestID: receipt.RequestID}
	if len(receipt.Missing) > 0 {
		result.Message = "The text has gaps: jsonParam has no value for " + strings.Join(receipt.Missing, ", ")
	}
	return result
}
