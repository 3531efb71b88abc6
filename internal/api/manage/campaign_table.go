package manage

import (
	"context"
	"net/http"
	"strconv"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"bellman/internal/campaign"
	"bellman/internal/contact"
	"bellman/internal/outcome"
	"bellman/internal/track"
	"bellman/internal/workspace"
)

// TableZone is the input of tables with times; it is exported for the reason given at [ByID].
type TableZone struct {
	TimeZone string `query:"timeZone" default:"UTC" maxLength:"100" doc:"Of the times in the file: a name from the IANA time zone database." example:"Europe/Kyiv"`
}

type exportDeliveriesInput struct {
	ByID
	DeliveryFilter
	TableZone
}

type exportReportInput struct {
	ByID
	TableZone
}

func (a *API) deliveryTables() {
	register(a, huma.Operation{
		OperationID: "export-deliveries", Method: http.MethodGet, Path: "/campaigns/{id}/deliveries.csv", Tags: []string{"campaigns"},
		Summary: "Get a campaign's deliveries as a file",
		Description: "A CSV file in UTF-8 with a row for each recipient, in the order of sending, that the filters name: who it is, where " +
			"it stands and why, when that was settled, and when it first clicked. Spreadsheets open it as it is: a cell that one could take " +
			"for a formula, such as a phone in E.164, has an apostrophe before it. The audit log tells of it. " +
			"A 409, recipients_not_kept, when they are not kept any more.",
		Responses: tableResponse("The deliveries."),
	}, a.exportDeliveries)
	register(a, huma.Operation{
		OperationID: "export-report", Method: http.MethodGet, Path: "/campaigns/{id}/report.csv", Tags: []string{"campaigns"},
		Summary: "Get the report of a campaign as a file",
		Description: "A CSV file in UTF-8 with the figures of the campaign: its counts, the reasons, its links, clicks by hour, and the means " +
			"of the broadcasts before it. Shares are from 0 to 1. A 409, recipients_not_kept, when its recipients are not kept any more.",
		Responses: tableResponse("The figures."),
	}, a.exportReport)
}

// tableTime is how times are written in tables: as spreadsheets read them.
const tableTime = "2006-01-02 15:04:05"

// timeCell returns a moment in the zone; empty for one that is not reached.
func timeCell(t time.Time, zone *time.Location) string {
	if t.IsZero() {
		return ""
	}
	return t.In(zone).Format(tableTime)
}

func (a *API) exportDeliveries(ctx context.Context, workspaceID int64, in *exportDeliveriesInput) (*huma.StreamResponse, error) {
	zone, err := workspace.Zone(in.TimeZone)
	if err != nil {
		return nil, err
	}
	c, err := a.Campaigns.Get(ctx, workspaceID, in.ID)
	if err == nil {
		err = a.Campaigns.CheckKept(ctx, workspaceID, in.ID)
	}
	if err == nil {
		err = a.Audit.Tell(ctx)
	}
	if err != nil {
		return nil, err
	}
	f, zoned := in.filter(), " ("+in.TimeZone+")"
	return a.table(ctx, c.Name, func(t *table) error {
		err := t.row("firstName", "lastName", "phone", "email", "externalCustomerId", "contactId", "chatId", "status", "reason", "why", "detail",
			"settledAt"+zoned, "clickedAt"+zoned)
		if err != nil {
			return err
		}
		return a.eachDelivery(ctx, workspaceID, c.ID, f, func(d campaign.Delivery, who contact.Contact) error {
			return t.row(who.FirstName, who.LastName, who.Phone, who.Email, who.ExternalCustomerID, idCell(d.ContactID), idCell(d.ChatID),
				string(d.Status), string(d.Reason), means(d.Status, d.Reason), d.Detail, timeCell(d.SettledAt, zone), timeCell(d.ClickedAt, zone))
		})
	}), nil
}

// idCell returns an id; empty for nobody's.
func idCell(id int64) string {
	if id == 0 {
		return ""
	}
	return strconv.FormatInt(id, 10)
}

// means explains a reason in words.
func means(status campaign.Status, reason outcome.Reason) string {
	if status == campaign.Queued || status == campaign.InFlight {
		status = ""
	}
	return reason.Means(status)
}

// tablePage is how many deliveries are read at a time for a table.
const tablePage = 500

// eachDelivery calls fn with each delivery, and whose it is.
func (a *API) eachDelivery(
	ctx context.Context, workspaceID int64, id int64, f campaign.DeliveryFilter, fn func(campaign.Delivery, contact.Contact) error,
) error {
	for after := int64(0); ; {
		page, next, err := a.Campaigns.Deliveries(ctx, workspaceID, id, f, after, tablePage)
		if err != nil {
			return err
		}
		people, err := a.peopleOf(ctx, workspaceID, page)
		if err != nil {
			return err
		}
		for _, d := range page {
			if err := fn(d, people[d.ContactID]); err != nil {
				return err
			}
		}
		if next == 0 {
			return nil
		}
		after = next
	}
}

func (a *API) exportReport(ctx context.Context, workspaceID int64, in *exportReportInput) (*huma.StreamResponse, error) {
	zone, err := workspace.Zone(in.TimeZone)
	if err != nil {
		return nil, err
	}
	c, err := a.Campaigns.Get(ctx, workspaceID, in.ID)
	if err != nil {
		return nil, err
	}
	review, err := a.Campaigns.Review(ctx, workspaceID, in.ID)
	if err != nil {
		return nil, err
	}
	links, err := a.Clicks.Links(ctx, workspaceID, in.ID)
	if err != nil {
		return nil, err
	}
	hours, err := a.Clicks.Hours(ctx, workspaceID, in.ID)
	if err != nil {
		return nil, err
	}
	return a.table(ctx, c.Name+" report", func(t *table) error {
		for _, row := range figures(c.Counts, review, links, hours, zone) {
			if err := t.row(row...); err != nil {
				return err
			}
		}
		return nil
	}), nil
}

// figures are the rows of a report: to which part of it a figure belongs, its name, what it
// means, how often it happened, to how many people, and which share of all these are.
func figures(n campaign.Counts, r campaign.Review, links []track.LinkReport, hours []track.Hour, zone *time.Location) [][]string {
	rows := [][]string{{"part", "name", "meaning", "count", "people", "share"}}
	add := func(part, name, meaning, count, people, share string) {
		rows = append(rows, []string{part, name, meaning, count, people, share})
	}
	add("recipients", "recipients", "", "", number(n.Recipients), "")
	for _, p := range []struct {
		name      string
		n, whole  int64
		explained string
	}{
		{"queued", n.Queued, n.Recipients, ""}, {"sending", n.Sending, n.Recipients, ""},
		{"sent", n.Sent, n.Recipients, "Telegram took it; whether it was read, Telegram does not tell"},
		{"failed", n.Failed, n.Recipients, ""}, {"skipped", n.Skipped, n.Recipients, ""},
		{"unknown", n.Unknown, n.Recipients, "it may have arrived"},
		{"clicked", n.Clicked, n.Sent, "the share is of those to whom it was sent"},
	} {
		add("recipients", p.name, p.explained, "", number(p.n), share(p.n, p.whole))
	}
	for _, c := range r.Causes {
		add(string(c.Status), string(c.Reason), means(c.Status, c.Reason), "", number(c.N), share(c.N, n.Recipients))
	}
	for _, l := range links {
		add("link", l.Target, l.Button, number(l.Clicks), number(l.People), share(l.People, n.Sent))
	}
	for _, h := range hours {
		add("hour ("+zone.String()+")", timeCell(h.From, zone), "people: who clicked for the first time", number(h.Clicks), number(h.People),
			share(h.People, n.Sent))
	}
	if p := r.Past; p.Broadcasts > 0 {
		meaning := "the mean of the " + strconv.Itoa(p.Broadcasts) + " broadcasts before it"
		add("before", "sent", meaning, "", "", fraction(p.Sent))
		add("before", "failed", meaning, "", "", fraction(p.Failed))
		add("before", "clicked", meaning, "", "", fraction(p.Clicked))
	}
	return rows
}

func number(n int64) string { return strconv.FormatInt(n, 10) }

// share returns a part of a whole, from 0 to 1; empty for a part of nothing.
func share(n, whole int64) string {
	if whole == 0 {
		return ""
	}
	return fraction(float64(n) / float64(whole))
}

func fraction(f float64) string { return strconv.FormatFloat(f, 'f', 4, 64) }
