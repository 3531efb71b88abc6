package integration

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"bellman/internal/access"
	"bellman/internal/activity"
	"bellman/internal/api/loose"
	"bellman/internal/campaign"
	"bellman/internal/contact"
	"bellman/internal/outcome"
)

func (a *API) activityCalls() []call {
	return []call{
		{method: http.MethodGet, path: "/contacts/activity", area: access.AreaAll, handle: a.listActivity},
		{method: http.MethodGet, path: "/contactActivity", area: access.AreaAll, handle: a.listActivity},
	}
}

// The sentences of the calls about activity.
var (
	errFromMissing = sentence(http.StatusBadRequest, "date_from_missing", "dateFrom must be specified")
	errDate        = sentence(http.StatusBadRequest, "date_invalid", "dateFrom and dateTo are written as 2026-03-01 or 2026-03-01T15:04")
	errWindow      = sentence(http.StatusBadRequest, "window_invalid", "dateTo must not be before dateFrom")
	errWindowLong  = sentence(http.StatusBadRequest, "window_too_long",
		fmt.Sprintf("Between dateFrom and dateTo there may be at most %d months", activity.MaxMonths))
	errStatusUnknown = sentence(http.StatusBadRequest, "status_unknown", "status is one of "+strings.Join(activityStatuses, ", "))
)

// activityStatuses are the vendor's words, including those that never occur with
// Telegram.
var activityStatuses = []string{
	"DELIVERED", "UNDELIVERED", "SENT", "CLICKED", "READ", "UNSUBSCRIBED", "SPAM", "SUBSCRIPTION_CHANGED",
}

// activityObject is an activity as this API shows it.
type activityObject struct {
	Offset              string           `json:"offset"`
	ActivityID          string           `json:"activityId"`
	IID                 string           `json:"iid"`
	RequestID           string           `json:"requestId,omitempty"`
	ExternalRequestID   string           `json:"externalRequestId,omitempty"`
	ActivityDateTime    string           `json:"activityDateTime"`
	ActivityStatus      outcome.Activity `json:"activityStatus"`
	StatusDescription   string           `json:"statusDescription,omitempty"`
	HardBounce          bool             `json:"hardBounce,omitempty"`
	ClickEventLink      string           `json:"clickEventLink,omitempty"`
	MediaType           string           `json:"mediaType"`
	BroadcastID         int64            `json:"broadcastId,omitempty"`
	MessageID           int64            `json:"messageId"`
	MessageInstanceID   int64            `json:"messageInstanceId"`
	MessageName         string           `json:"messageName"`
	MessageLanguageCode string           `json:"messageLanguageCode,omitempty"`
	MessageTag          string           `json:"messageTag,omitempty"`
	ContactID           int64            `json:"contactId"`
	ExternalCustomerID  string           `json:"externalCustomerId,omitempty"`
	Email               string           `json:"email,omitempty"`
	SMS                 string           `json:"sms,omitempty"`
	// Telegram is the chat.
	Telegram string `json:"telegram"`
}

// mediaTelegram is the vendor's word for the channel.
const mediaTelegram = "telegrambot"

// broadcastOf returns the campaign's id when it is a broadcast; zero when it is
// none.
func broadcastOf(c activity.Campaign) int64 {
	if c.Kind == campaign.Broadcast {
		return c.ID
	}
	return 0
}

func showActivity(a activity.Activity) activityObject {
	c, p := a.Campaign, a.Person
	return activityObject{
		Offset: a.Offset.String(), ActivityID: a.ID(), IID: a.Delivery(), RequestID: a.RequestID, ExternalRequestID: a.Label,
		ActivityDateTime: showMoment(a.At), ActivityStatus: a.Status,
		StatusDescription: a.Status.Description(a.Reason, a.Detail), HardBounce: a.Status.HardBounce(a.Reason), ClickEventLink: a.Link,
		MediaType: mediaTelegram, BroadcastID: broadcastOf(c), MessageID: c.MessageID, MessageInstanceID: c.ID, MessageName: c.MessageName,
		MessageLanguageCode: a.Language, MessageTag: strings.Join(c.Tags, ","),
		ContactID: p.ContactID, ExternalCustomerID: p.ExternalCustomerID, Email: p.Email, SMS: p.Phone, Telegram: fmt.Sprint(p.ChatID),
	}
}

// listActivity serves GET /contacts/activity.
func (a *API) listActivity(_ http.ResponseWriter, r *http.Request, workspaceID int64) (any, error) {
	query := r.URL.Query()
	q, none, err := a.activityQuery(query)
	if err != nil {
		return nil, err
	}
	person := contact.Filter{Email: strings.TrimSpace(query.Get("email")), Phone: strings.TrimSpace(query.Get("sms"))}
	if person != (contact.Filter{}) {
		q.People = true
		if q.Contacts, err = a.contactsOf(r, workspaceID, person); err != nil {
			return nil, err
		}
	}
	out := []activityObject{}
	if none || q.People && len(q.Contacts) == 0 {
		return out, nil
	}
	found, err := a.Activity.List(r.Context(), workspaceID, q)
	if err != nil {
		return nil, err
	}
	for _, happened := range found {
		out = append(out, showActivity(happened))
	}
	return out, nil
}

// activityQuery reads the query; none is true when no activity can match, as with
// statuses that never occur with Telegram.
func (a *API) activityQuery(query url.Values) (q activity.Query, none bool, err error) {
	if q.Window, err = a.window(query); err != nil {
		return q, false, err
	}
	if q.Statuses, none, err = statusesIn(slices.Concat(query["activityStatus"], query["status"])); err != nil {
		return q, false, err
	}
	if q.Offset, err = activity.ParseOffset(strings.TrimSpace(query.Get("offset"))); err != nil {
		return q, false, err
	}
	q.Tag = strings.TrimSpace(query.Get("messageTag"))
	// Nothing that is sent through Telegram goes to a push token.
	none = none || query.Get("webPushToken") != "" || query.Get("mobPushToken") != ""
	rows, err := numberIn(query, "maxrows", activity.MaxPage, activity.MaxPage)
	q.Limit = int(rows)
	return q, none, err
}

// window reads the window of a list of activities, which has to begin somewhere.
//
// spec: activity-window
func (a *API) window(query url.Values) (activity.Window, error) {
	if strings.TrimSpace(query.Get("dateFrom")) == "" {
		return activity.Window{}, errFromMissing
	}
	w, unit, err := datesIn(query, a.Now().UTC())
	if err == nil && w.To.After(w.From.AddDate(0, activity.MaxMonths, 0)) {
		err = errWindowLong
	}
	w.To = w.To.Add(unit)
	return w, err
}

// datesIn reads dateFrom and dateTo, which is now when it is missing, and how long the
// unit is that dateTo names: it is included completely, be it a day or a second.
func datesIn(query url.Values, now time.Time) (w activity.Window, unit time.Duration, err error) {
	w.To = now
	if from := query.Get("dateFrom"); strings.TrimSpace(from) != "" {
		if w.From, _, err = loose.ParseTime(from); err != nil {
			return w, 0, errDate
		}
	}
	if to := query.Get("dateTo"); strings.TrimSpace(to) != "" {
		if w.To, unit, err = loose.ParseTime(to); err != nil {
			return w, 0, errDate
		}
	}
	if w.To.Before(w.From) {
		return w, 0, errWindow
	}
	return w, max(unit, time.Second), nil
}

// statusesIn reads the wanted statuses, with commas between them or one by one; no
// status means all.
func statusesIn(values []string) (wanted []outcome.Activity, none bool, err error) {
	asked := idsIn(values)
	for i, word := range asked {
		asked[i] = strings.ToUpper(word)
		if !slices.Contains(activityStatuses, asked[i]) {
			return nil, false, errStatusUnknown
		}
	}
	for _, status := range outcome.Activities {
		if slices.Contains(asked, string(status)) {
			wanted = append(wanted, status)
		}
	}
	return wanted, len(asked) > 0 && len(wanted) == 0, nil
}

// contactsOf returns the ids of the contacts that pass the filter, at most those of
// one page.
func (a *API) contactsOf(r *http.Request, workspaceID int64, f contact.Filter) ([]int64, error) {
	workspace, err := a.Workspaces.Find(r.Context(), workspaceID)
	if err != nil {
		return nil, err
	}
	page, err := a.Contacts.List(r.Context(), workspace, f, contact.Span{Limit: contact.MaxPage})
	ids := make([]int64, len(page.Contacts))
	for i, c := range page.Contacts {
		ids[i] = c.ID
	}
	return ids, err
}
