package integration

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"bellman/internal/access"
	"bellman/internal/activity"
	"bellman/internal/campaign"
	"bellman/internal/contact"
	"bellman/internal/outcome"
)

func (a *API) historyCalls() []call {
	return []call{
		{method: http.MethodGet, path: "/contacts/messages", area: access.AreaAll, handle: a.listHistory, pace: paceHistory},
	}
}

var errPersonMissing = sentence(http.StatusBadRequest, "contact_missing",
	"contactId, externalCustomerId, email or phone must be specified")

// historyObject is a message to a contact as this API shows it.
type historyObject struct {
	ContactID   int64  `json:"contactId"`
	ChannelType string `json:"channelType"`
	// Telegram is the chat.
	Telegram            string           `json:"telegram"`
	MessageID           int64            `json:"messageId"`
	MessageInstanceID   int64            `json:"messageInstanceId"`
	BroadcastID         int64            `json:"broadcastId,omitempty"`
	MessageName         string           `json:"messageName"`
	MessageLanguageCode string           `json:"messageLanguageCode,omitempty"`
	MessageTags         []string         `json:"messageTags"`
	ActivityStatus      outcome.Activity `json:"activityStatus"`
	StatusDescription   string           `json:"statusDescription,omitempty"`
	// SentDateTime is absent for a message that Telegram did not accept,
	// StatusDateTime for one that is under way.
	SentDateTime   string `json:"sentDateTime,omitempty"`
	StatusDateTime string `json:"statusDateTime,omitempty"`
	ClickDateTime  string `json:"clickDateTime,omitempty"`
}

// historySending is the vendor's word for a message that is under way.
const historySending outcome.Activity = "SENDING"

// historyStatus returns the status of a delivery in the vendor's words.
func historyStatus(s campaign.Status) outcome.Activity {
	if s == campaign.Queued || s == campaign.InFlight {
		return historySending
	}
	return s.Activity()
}

func showHistory(m activity.Sent) historyObject {
	c, d := m.Campaign, m.Delivery
	status := historyStatus(d.Status)
	out := historyObject{
		ContactID: d.ContactID, ChannelType: mediaTelegram, Telegram: fmt.Sprint(d.ChatID), MessageID: c.MessageID, MessageInstanceID: c.ID,
		BroadcastID: broadcastOf(c), MessageName: c.MessageName, MessageLanguageCode: m.Language, MessageTags: listOr(c.Tags),
		ActivityStatus: status, StatusDescription: status.Description(d.Reason, d.Detail),
		StatusDateTime: showMoment(d.SettledAt), ClickDateTime: showMoment(d.ClickedAt),
	}
	if d.Status == campaign.Sent {
		out.SentDateTime = out.StatusDateTime
	}
	if out.ClickDateTime != "" {
		out.ActivityStatus = outcome.Clicked
	}
	return out
}

// listHistory serves GET /contacts/messages.
func (a *API) listHistory(_ http.ResponseWriter, r *http.Request, workspaceID int64) (any, error) {
	query := r.URL.Query()
	past, err := a.pastAsked(query)
	if err != nil {
		return nil, err
	}
	contacts, err := a.contactsAsked(r, workspaceID, query)
	if err != nil {
		return nil, err
	}
	if channels := idsIn(query["channelTypes"]); len(channels) > 0 && !slices.Contains(channels, mediaTelegram) {
		return listOf([]historyObject{}, 0), nil
	}
	found, total, err := a.Activity.History(r.Context(), workspaceID, contacts, past)
	if err != nil {
		return nil, err
	}
	out := make([]historyObject, len(found))
	for i, m := range found {
		out[i] = showHistory(m)
	}
	return listOf(out, total), nil
}

// pastAsked reads which messages are wanted. The vendor has an offset here, from 0,
// where other lists have a startindex, which is accepted as well. It asks for both
// dates; without them a history is whole.
func (a *API) pastAsked(query url.Values) (past activity.Past, err error) {
	if past.Offset, past.Limit, err = rowsUpTo(query, fewRows, activity.MaxHistory); err != nil {
		return past, err
	}
	if query.Get("offset") != "" {
		if past.Offset, err = numberIn(query, "offset", 0, contact.MaxID); err != nil {
			return past, err
		}
	}
	past.Now = a.Now().UTC()
	if strings.TrimSpace(query.Get("dateFrom")+query.Get("dateTo")) == "" {
		return past, nil
	}
	w, unit, err := datesIn(query, past.Now)
	w.To = w.To.Add(unit)
	past.Window = w
	return past, err
}

// contactsAsked returns the contacts that a query names, by the first of contactId,
// externalCustomerId, email and phone that it contains. It is NotFound when there
// is none.
func (a *API) contactsAsked(r *http.Request, workspaceID int64, query url.Values) ([]int64, error) {
	if query.Get("contactId") != "" {
		id, err := numberIn(query, "contactId", contact.MaxID, contact.MaxID)
		if err != nil {
			return nil, err
		}
		_, _, err = a.Contacts.Get(r.Context(), workspaceID, id)
		return []int64{id}, err
	}
	f := contact.Filter{ExternalCustomerID: query.Get("externalCustomerId")}
	if f.ExternalCustomerID == "" {
		f.Email = strings.TrimSpace(query.Get("email"))
	}
	if f == (contact.Filter{}) {
		f.Phone = strings.TrimSpace(query.Get("phone"))
	}
	if f == (contact.Filter{}) {
		return nil, errPersonMissing
	}
	ids, err := a.contactsOf(r, workspaceID, f)
	if err == nil && len(ids) == 0 {
		err = contact.ErrNotFound
	}
	return ids, err
}
