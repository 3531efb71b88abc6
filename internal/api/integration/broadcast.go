package integration

import (
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"bellman/internal/access"
	"bellman/internal/api/body"
	"bellman/internal/api/loose"
	"bellman/internal/campaign"
	"bellman/internal/fault"
)

func (a *API) broadcastCalls() []call {
	return []call{
		{method: http.MethodPost, path: "/broadcast", area: access.AreaMessages, handle: a.startBroadcast, act: "launch-campaign"},
		{method: http.MethodGet, path: "/broadcast/{id}", area: access.AreaMessages, handle: a.getBroadcast},
		{method: http.MethodDelete, path: "/broadcast/{id}", area: access.AreaMessages, handle: a.cancelBroadcast, act: "cancel-campaign"},
		{method: http.MethodGet, path: "/broadcasts", area: access.AreaMessages, handle: a.listBroadcasts},
	}
}

// The sentences of the calls about broadcasts.
var (
	errBroadcastID      = sentence(http.StatusBadRequest, "broadcast_id_invalid", "A broadcast id is a whole number")
	errBroadcastMissing = sentence(http.StatusBadRequest, "broadcast_missing", "Broadcast must be specified")
	errMessageIDMissing = sentence(http.StatusBadRequest, "message_id_missing", "messageId must be specified")
	errGroupsMissing    = sentence(http.StatusBadRequest, "groups_missing", "groups must be specified")
	errNoBroadcast      = sentence(http.StatusNotFound, "broadcast_not_found", "Not found: there is no broadcast with this id")
)

// broadcastObject is a broadcast as this API shows it. The vendor writes its ids as
// strings. The counts are of recipients.
type broadcastObject struct {
	BroadcastID int64  `json:"broadcastId,string"`
	Title       string `json:"title"`
	MessageID   int64  `json:"messageId,string"`
	// GroupID is the only group; Groups are all.
	GroupID        string  `json:"groupId,omitempty"`
	Groups         []int64 `json:"groups"`
	ExcludedGroups []int64 `json:"excludedGroups"`
	AppUUID        string  `json:"appUuid,omitempty"`
	// Status is the campaign's state in capitals.
	Status      string `json:"status"`
	CreateDate  string `json:"createDate"`
	StartDate   string `json:"startDate,omitempty"`
	FinishDate  string `json:"finishDate,omitempty"`
	Recipients  int64  `json:"recipients"`
	Delivered   int64  `json:"delivered"`
	Undelivered int64  `json:"undelivered"`
	Clicked     int64  `json:"clicked"`
}

func showBroadcast(c campaign.Report, apps map[int64]string) broadcastObject {
	start := c.LaunchedAt
	if start.IsZero() {
		start = c.ScheduledAt
	}
	out := broadcastObject{
		BroadcastID: c.ID, Title: c.Name, MessageID: c.MessageID, Groups: listOr(c.Audience.Groups),
		ExcludedGroups: listOr(c.Audience.ExcludedGroups), AppUUID: apps[c.BotID], Status: strings.ToUpper(string(c.State)),
		CreateDate: showMoment(c.CreatedAt), StartDate: showMoment(start), FinishDate: showMoment(c.FinishedAt),
		Recipients: c.Counts.Recipients, Delivered: c.Counts.Sent, Undelivered: c.Counts.Failed + c.Counts.Skipped, Clicked: c.Counts.Clicked,
	}
	if len(out.Groups) == 1 {
		out.GroupID = strconv.FormatInt(out.Groups[0], 10)
	}
	return out
}

// showMoment writes a time as this API does, in UTC; empty for a time that has not
// come.
func showMoment(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.RFC3339)
}

// broadcast is a broadcast in a request.
type broadcast struct {
	campaign campaign.Campaign
	appUUID  string
	start    time.Time
}

// startBroadcast serves POST /broadcast. A broadcast without a title gets the name
// of its message.
func (a *API) startBroadcast(w http.ResponseWriter, r *http.Request, workspaceID int64) (any, error) {
	b, err := body.Decode(w, r, decodeBroadcast)
	if err != nil {
		return nil, err
	}
	by, err := a.sender(r.Context(), workspaceID, b.appUUID)
	if err != nil {
		return nil, err
	}
	if strings.TrimSpace(b.campaign.Name) == "" {
		m, err := a.Messages.Get(r.Context(), workspaceID, b.campaign.MessageID)
		if err != nil {
			return nil, err
		}
		b.campaign.Name = m.Name
	}
	b.campaign.WorkspaceID, b.campaign.BotID = workspaceID, by.ID
	report, err := a.Campaigns.Start(r.Context(), b.campaign, b.start)
	if err != nil {
		return nil, broadcastFault(err)
	}
	return showBroadcast(report, map[int64]string{by.ID: by.AppUUID}), nil
}

// broadcastFault gives the field at fault the name that this API has for it.
func broadcastFault(err error) error {
	if f, ok := errors.AsType[*fault.Error](err); ok {
		switch f.Field {
		case "name":
			return f.In("title")
		case "at":
			return f.In("startDate")
		}
	}
	return messageFault(err)
}

// decodeBroadcast reads a broadcast in a request.
func decodeBroadcast(v loose.Value) (b broadcast, err error) {
	if v.Empty() {
		return b, errBroadcastMissing
	}
	c := &b.campaign
	err = v.Members(func(name string, v loose.Value) (err error) {
		switch name {
		case "title":
			c.Name, err = v.Text()
		case "messageId":
			c.MessageID, err = v.ID()
		case "groups":
			c.Audience.Groups, err = v.IDs()
		case "excludedGroups":
			c.Audience.ExcludedGroups, err = v.IDs()
		case "appId", "appUuid", "app_uuid":
			b.appUUID, err = v.Text()
		case "startDate":
			b.start, _, err = v.Time()
		}
		return err
	})
	switch {
	case err != nil:
		return b, err
	case c.MessageID == 0:
		return b, errMessageIDMissing
	case len(c.Audience.Groups) == 0:
		return b, errGroupsMissing
	}
	return b, nil
}

// getBroadcast serves GET /broadcast/{id}.
func (a *API) getBroadcast(_ http.ResponseWriter, r *http.Request, workspaceID int64) (any, error) {
	report, err := a.broadcastInPath(r, workspaceID)
	if err != nil {
		return nil, err
	}
	apps, err := a.apps(r.Context(), workspaceID)
	if err != nil {
		return nil, err
	}
	return showBroadcast(report, apps), nil
}

// cancelBroadcast serves DELETE /broadcast/{id}.
//
// spec: broadcast-cancel
func (a *API) cancelBroadcast(_ http.ResponseWriter, r *http.Request, workspaceID int64) (any, error) {
	report, err := a.broadcastInPath(r, workspaceID)
	if err != nil {
		return nil, err
	}
	if _, err := a.Campaigns.Cancel(r.Context(), workspaceID, report.ID); err != nil {
		return nil, err
	}
	return sentenceOf(fmt.Sprintf("Broadcast with id='%d' has been cancelled", report.ID)), nil
}

// broadcastInPath returns the broadcast that the path names.
func (a *API) broadcastInPath(r *http.Request, workspaceID int64) (campaign.Report, error) {
	id, err := pathID(r, errBroadcastID)
	if err != nil {
		return campaign.Report{}, err
	}
	report, err := a.Campaigns.Get(r.Context(), workspaceID, id)
	if err == nil && (report.Kind != campaign.Broadcast || report.Action.Changes()) {
		err = campaign.ErrNotFound
	}
	if fault.KindOf(err) == fault.NotFound {
		err = errNoBroadcast
	}
	return report, err
}

// listBroadcasts serves GET /broadcasts.
func (a *API) listBroadcasts(_ http.ResponseWriter, r *http.Request, workspaceID int64) (any, error) {
	offset, limit, err := rowsOr(r.URL.Query(), fewRows)
	if err != nil {
		return nil, err
	}
	reports, total, err := a.Campaigns.List(r.Context(), workspaceID,
		campaign.Filter{Kind: campaign.Broadcast, Actions: []campaign.Action{campaign.Send}, Offset: offset, Limit: limit, Total: true})
	if err != nil {
		return nil, err
	}
	apps, err := a.apps(r.Context(), workspaceID)
	if err != nil {
		return nil, err
	}
	out := make([]broadcastObject, len(reports))
	for i, report := range reports {
		out[i] = showBroadcast(report, apps)
	}
	return listOf(out, total), nil
}
