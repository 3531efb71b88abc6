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
	"bellman/internal/campaign"
	"bellman/internal/contact"
	"bellman/internal/outcome"
)

func (a *API) activityCalls() []call {
	return []call{
		{method: http.MethodGet, path: "/contacts/activity", area: access.AreaAll, handle: a.listActivity},
		{method: http.MethodGet, path: "/contactActivity", area: access.AreaAll, handle: a.listActivity},
		{method: http.MethodGet, path: "/contacts/messages", area: access.AreaAll, handle: a.listHistory, pace: paceHistory},
	}
}

// The sentences of the calls about activity.
var (
	errFromMissing   = sentence(http.StatusBadRequest, "date_from_missing", "dateFrom must be specified")
	errDate          = sentence(http.StatusBadRequest, "date_invalid", "dateFrom and dateTo are written as 2026-03-01 or 2026-03-01T15:04")
	errWindow        = sentence(http.StatusBadRequest, "window_invalid", "dateTo must not be before dateFrom")
	errWindowLong    = sentence(http.StatusBadRequest, "window_too_long", fmt.Sprintf("Between dateFrom and dateTo there may be at most %d months", activity.MaxMonths))
	errStatusUnknown = sentence(http.StatusBadRequest, "status_unknown", "status is one of "+strings.Join(activityStatuses, ", "))
	errPersonMissing = sentence(http.StatusBadRequest, "contact_missing", "contactId, externalCustomerId, email or phone must be specified")
)

// activityStatuses are the vendor's words, those that Telegram gives no cause
// for included.
var activityStatuses = []string{
	"DELIVERED", "UNDELIVERED", "SENT", "CLICKED", "READ", "UNSUBSCRIBED", "SPAM", "SUBSCRIPTION_CHANGED",
}

// activityObject is an activity as this API shows it.
type activityObject struct {
	Offset              string           `json:"offset"`
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

// broadcastOf returns the id of the broadcast that the campaign is; zero when it
// is none.
func broadcastOf(c activity.Campaign) int64 {
	if c.Kind == campaign.Broadcast {
		return c.ID
	}
	return 0
}

func showActivity(a activity.Activity) activityObject {
	c, p := a.Campaign, a.Person
	return activityObject{
		Offset: a.Offset.String(), ActivityDateTime: showMoment(a.At), ActivityStatus: a.Status,
		StatusDescription: a.Status.Description(a.Reason, a.Detail), HardBounce: a.Status.HardBounce(a.Reason), ClickEventLink: a.Link,
		MediaType: mediaTelegram, BroadcastID: broadcastOf(c), MessageID: c.MessageID, MessageInstanceID: c.ID, MessageName: c.MessageName,
		MessageLanguageCode: c.Language, MessageTag: strings.Join(c.Tags, ","),
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

// activityQuery reads what is asked for; none tells that there is nothing of it,
// as with the statuses that Telegram gives no cause for.
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
	rows, err := numberIn(query, "maxrows", activity.MaxPage, activity.MaxPage)
	q.Limit = int(rows)
	return q, none, err
}

// window reads dateFrom and dateTo. A day that is the end counts whole; without
// an end it is now.
func (a *API) window(query url.Values) (w activity.Window, err error) {
	from, to := query.Get("dateFrom"), query.Get("dateTo")
	if strings.TrimSpace(from) == "" {
		return w, errFromMissing
	}
	var unit time.Duration
	if w.From, _, err = parseMoment(from); err != nil {
		return w, errDate
	}
	if w.To = a.Now().UTC(); strings.TrimSpace(to) != "" {
		if w.To, unit, err = parseMoment(to); err != nil {
			return w, errDate
		}
	}
	switch {
	case w.To.Before(w.From):
		return w, errWindow
	case w.To.After(w.From.AddDate(0, activity.MaxMonths, 0)):
		return w, errWindowLong
	}
	w.To = w.To.Add(max(unit, time.Second))
	return w, nil
}

// statusesIn reads the statuses asked for, with commas between them or one by
// one; no status is all.
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

// contactsOf returns the ids of the contacts that pass the filter, those of one
// page at most.
func (a *API) contactsOf(r *http.Request, workspaceID int64, f contact.Filter) ([]int64, error) {
	workspace, err := a.Access.Workspace(r.Context(), workspaceID)
	if err != nil {
		return nil, err
	}
	page, err := a.Contacts.List(r.Context(), workspace, f, 0, contact.MaxPage)
	ids := make([]int64, len(page.Contacts))
	for i, c := range page.Contacts {
		ids[i] = c.ID
	}
	return ids, err
}

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
	// SentDateTime is absent for what Telegram did not take, StatusDateTime for
	// what is under way.
	SentDateTime   string `json:"sentDateTime,omitempty"`
	StatusDateTime string `json:"statusDateTime,omitempty"`
	ClickDateTime  string `json:"clickDateTime,omitempty"`
}

// historySending is the vendor's word for a message that is under way.
const historySending outcome.Activity = "SENDING"

// historyStatus is where a delivery stands, in the vendor's words.
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
		BroadcastID: broadcastOf(c), MessageName: c.MessageName, MessageLanguageCode: c.Language, MessageTags: listOr(c.Tags),
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
	offset, limit, err := historyRows(query)
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
	found, total, err := a.Activity.History(r.Context(), workspaceID, contacts, offset, limit)
	if err != nil {
		return nil, err
	}
	out := make([]historyObject, len(found))
	for i, m := range found {
		out[i] = showHistory(m)
	}
	return listOf(out, total), nil
}

// historyRows reads which rows are asked for. The vendor has an offset here, from
// 0, where other lists have a startindex, which will do as well.
func historyRows(query url.Values) (offset int64, limit int, err error) {
	offset, limit, err = rowsOr(query, fewRows)
	if err == nil && query.Get("offset") != "" {
		offset, err = numberIn(query, "offset", 0, contact.MaxID)
	}
	return offset, limit, err
}

// contactsAsked returns the contacts that a query names: by the first of
// contactId, externalCustomerId, email and phone that it has. It is NotFound when
// there is none.
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
