package integration

import (
	"fmt"
	"net/http"
	"slices"
	"strings"

	"bellman/internal/campaign"
	"bellman/internal/outcome"
)

// maxStatuses is how many requests one call may ask about.
const maxStatuses = 500

var (
	errIDsMissing = sentence(http.StatusBadRequest, "ids_missing", "ids must be specified")
	errTooManyIDs = sentence(http.StatusBadRequest, "too_many_ids", fmt.Sprintf("At most %d ids per request", maxStatuses))
)

// statusesAnswer is the answer about requests. Results is a list, or a single
// result.
type statusesAnswer struct {
	Results any `json:"results"`
}

// statusResult is the status of a request. The vendor writes its booleans as
// strings.
//
// spec: send-status
type statusResult struct {
	Status      string `json:"status"`
	RequestID   string `json:"requestId"`
	Failed      string `json:"failed"`
	Delivered   string `json:"delivered"`
	Description string `json:"statusDescription,omitempty"`
}

// sendStatuses serves GET /message/status.
func (a *API) sendStatuses(_ http.ResponseWriter, r *http.Request, workspaceID int64) (any, error) {
	asked := idsIn(r.URL.Query()["ids"])
	switch {
	case len(asked) == 0:
		return nil, errIDsMissing
	case len(asked) > maxStatuses:
		return nil, errTooManyIDs
	}
	lower := make([]string, len(asked))
	for i, id := range asked {
		lower[i] = strings.ToLower(id)
	}
	found, err := a.Triggers.Requests(r.Context(), workspaceID, lower)
	if err != nil {
		return nil, err
	}
	byID := map[string][]campaign.Delivery{}
	for _, q := range found {
		byID[q.ID] = q.Deliveries
	}
	results := make([]statusResult, len(asked))
	for i, id := range asked {
		results[i] = showRequest(id, byID[lower[i]])
	}
	return statusesAnswer{loneOr(results)}, nil
}

// idsIn returns the ids in a parameter that contains them with commas between them,
// or comes more than once.
func idsIn(values []string) (ids []string) {
	for _, value := range values {
		for id := range strings.SplitSeq(value, ",") {
			if id = strings.TrimSpace(strings.ToValidUTF8(id, "\ufffd")); id != "" {
				ids = append(ids, id)
			}
		}
	}
	return ids
}

// showRequest sums up the deliveries of a request, several when a contact has
// several chats: a clicked one counts first, then one that arrived, then one that
// still may arrive.
func showRequest(id string, deliveries []campaign.Delivery) statusResult {
	has := func(wanted ...campaign.Status) *campaign.Delivery {
		for i := range deliveries {
			if slices.Contains(wanted, deliveries[i].Status) {
				return &deliveries[i]
			}
		}
		return nil
	}
	result := statusResult{RequestID: id, Failed: "false", Delivered: "false"}
	clicked := func(d campaign.Delivery) bool { return !d.ClickedAt.IsZero() }
	if slices.ContainsFunc(deliveries, clicked) {
		result.Status, result.Delivered = "CLICKED", "true"
	} else if has(campaign.Sent) != nil {
		result.Status, result.Delivered = "DELIVERED", "true"
	} else if has(campaign.Queued, campaign.InFlight) != nil {
		result.Status = "SENDING"
	} else if lost := has(campaign.Unknown); lost != nil {
		result.Status, result.Description = "SENT", outcome.Explain(lost.Reason, lost.Detail)
	} else if failed := has(campaign.Failed); failed != nil {
		result.Status, result.Failed = "BOT_SEND_ERROR", "true"
		result.Description = outcome.Explain(failed.Reason, failed.Detail)
	} else if skipped := has(campaign.Skipped); skipped != nil {
		result.Status, result.Failed = "UNDELIVERED", "true"
		result.Description = outcome.Explain(skipped.Reason, skipped.Detail)
	} else {
		result.Status, result.Description = "UNKNOWN", "there is no request with this id"
	}
	return result
}
