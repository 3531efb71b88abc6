package manage

import (
	"cmp"
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"bellman/internal/report"
	"bellman/internal/workspace"
)

type statView struct {
	From       instant          `json:"from" doc:"When the interval begins."`
	To         instant          `json:"to" doc:"When it ends: the beginning of the next one."`
	BotID      int64            `json:"botId,omitempty" doc:"The bot, in a report by bot." example:"1"`
	MessageID  int64            `json:"messageId,omitempty" doc:"The message, in a report by message; absent for chats." example:"1"`
	Kind       string           `json:"kind,omitempty" enum:"broadcast,triggered" doc:"The kind of campaign, in a report by kind; absent for chats."`
	Sent       int64            `json:"sent" doc:"Messages that Telegram accepted." example:"980"`
	Failed     int64            `json:"failed" doc:"Messages that could not be sent." example:"17"`
	Skipped    int64            `json:"skipped" doc:"Recipients to whom nothing was sent." example:"2"`
	Unknown    int64            `json:"unknown" doc:"Messages that may have arrived." example:"1"`
	Clicked    int64            `json:"clicked" doc:"Recipients who clicked, at their first click." example:"120"`
	Subscribed int64            `json:"subscribed" doc:"Chats that came on record." example:"40"`
	Left       int64            `json:"left" doc:"Chats that are no longer on record: their owners blocked the bot, their contacts were deleted." example:"9"`
	Reasons    []statReasonView `json:"reasons" nullable:"false" doc:"Why messages were not sent, or may not have been; the most frequent reasons first."`
}

type statReasonView struct {
	Status string `json:"status" enum:"failed,skipped,unknown"`
	Reason string `json:"reason" example:"bot_blocked"`
	Count  int64  `json:"count" example:"9"`
}

func viewStat(r report.Row) statView {
	v := statView{
		From: utc(r.From), To: utc(r.To), BotID: r.BotID, MessageID: r.MessageID, Kind: r.Kind,
		Sent: r.Counts[report.Sent], Failed: r.Counts[report.Failed], Skipped: r.Counts[report.Skipped], Unknown: r.Counts[report.Unknown],
		Clicked: r.Counts[report.Clicked], Subscribed: r.Counts[report.Subscribed], Left: r.Counts[report.Left],
		Reasons: make([]statReasonView, len(r.Reasons)),
	}
	for i, reason := range r.Reasons {
		v.Reasons[i] = statReasonView{Status: string(reason.Status), Reason: string(reason.Reason), Count: reason.N}
	}
	return v
}

type statsInput struct {
	From      time.Time          `query:"from" doc:"The beginning; without it, 30 days before the end." example:"2026-03-01T00:00:00Z"`
	To        time.Time          `query:"to" doc:"The end; without it, now." example:"2026-04-01T00:00:00Z"`
	Interval  report.Interval    `query:"interval" enum:"total,day,hour,quarter" default:"day" doc:"How long the time of one item is: all of it, a day, an hour, a quarter of an hour."`
	TimeZone  string             `query:"timeZone" maxLength:"100" doc:"Where days begin: a name from the IANA time zone database. Without it, the workspace's zone, or UTC where it has none." example:"Europe/Kyiv"`
	By        []report.Dimension `query:"by" enum:"bot,message,kind" doc:"What divides the report, with commas between. A divided report has only items in which something happened." example:"bot,kind"`
	BotID     int64              `query:"botId" minimum:"1" maximum:"9007199254740991" doc:"Only this bot." example:"1"`
	MessageID int64              `query:"messageId" minimum:"1" maximum:"9007199254740991" doc:"Only this message." example:"1"`
	Kind      string             `query:"kind" enum:"broadcast,triggered" doc:"Only campaigns of this kind."`
}

type statsView struct {
	Items []statView `json:"items" nullable:"false" doc:"In the order of time."`
}

func (a *API) stats() {
	register(a, huma.Operation{
		OperationID: "report-stats", Method: http.MethodGet, Path: "/stats", Tags: []string{"stats"},
		Summary: "Report what happened over time",
		Description: "How many messages were sent, failed or were skipped, how many recipients clicked, and how many chats came and left. " +
			"Things count when they happen: who clicks today in the message of yesterday clicks today. Test sends do not count. " +
			"The time is extended to whole intervals, of which there are 1000 at most.",
	}, a.reportStats)
}

// statsSpan is the time of a report that names none.
const statsSpan = 30 * 24 * time.Hour

// zone returns the time zone that a caller names, or the workspace's, or UTC.
func (a *API) zone(ctx context.Context, workspaceID int64, name string) (*time.Location, error) {
	if name == "" {
		w, err := a.Workspaces.Find(ctx, workspaceID)
		if err != nil {
			return nil, err
		}
		name = cmp.Or(w.TimeZone, "UTC")
	}
	return workspace.Zone(name)
}

func (a *API) reportStats(ctx context.Context, workspaceID int64, in *statsInput) (*answer[statsView], error) {
	zone, err := a.zone(ctx, workspaceID, in.TimeZone)
	if err != nil {
		return nil, err
	}
	to := in.To
	if to.IsZero() {
		to = a.Now()
	}
	from := in.From
	if from.IsZero() {
		from = to.Add(-statsSpan)
	}
	rows, err := a.Reports.Report(ctx, workspaceID, report.Query{
		Filter: report.Filter{BotID: in.BotID, MessageID: in.MessageID, Kind: in.Kind},
		From:   from, To: to, Interval: cmp.Or(in.Interval, report.Daily), Zone: zone, By: in.By,
	})
	if err != nil {
		return nil, err
	}
	out := statsView{Items: make([]statView, len(rows))}
	for i, row := range rows {
		out.Items[i] = viewStat(row)
	}
	return &answer[statsView]{out}, nil
}
