package manage

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"bellman/internal/campaign"
	"bellman/internal/track"
)

type campaignReportView struct {
	Reasons  []statReasonView `json:"reasons" nullable:"false" doc:"Why recipients did not get it, or may not have; the most frequent reasons first. They add up to failed, skipped and unknown of the campaign's counts."`
	About    bool             `json:"about,omitempty" doc:"The reasons, and left, are reckoned from the first 10,000 recipients of a status, as there are more."`
	Left     int64            `json:"left" doc:"How many failed because their chats are gone: they have blocked the bot, or are there no more." example:"9"`
	Clicks   []clickHourView  `json:"clicks" nullable:"false" doc:"Clicks by hour, in the order of time, in the 14 days after the launch. Hours begin with the launch; those without clicks are left out."`
	Previous *previousView    `json:"previous,omitempty" doc:"How the bot's broadcasts before it went, to compare with; absent when there are none, and for triggered campaigns."`
}

type clickHourView struct {
	From   instant `json:"from" doc:"When the hour begins."`
	Clicks int64   `json:"clicks" doc:"How often a link was followed or a button pressed, by whomever." example:"42"`
}

type previousView struct {
	Campaigns int     `json:"campaigns" doc:"How many there were: the last five, or fewer, that were launched before it, have recipients and are finished." example:"5"`
	Sent      float64 `json:"sent" doc:"The mean of the shares of their recipients to whom they were sent, from 0 to 1." example:"0.97"`
	Failed    float64 `json:"failed" doc:"The same of those to whom they could not be sent." example:"0.02"`
	Clicked   float64 `json:"clicked" doc:"The mean of the shares of those to whom they were sent who clicked, from 0 to 1." example:"0.12"`
}

func viewReport(r campaign.Review, hours []track.Hour) campaignReportView {
	v := campaignReportView{
		About: r.About, Left: r.Left,
		Reasons: make([]statReasonView, len(r.Causes)), Clicks: make([]clickHourView, len(hours)),
	}
	for i, c := range r.Causes {
		v.Reasons[i] = statReasonView{Status: string(c.Status), Reason: string(c.Reason), Count: c.N}
	}
	for i, h := range hours {
		v.Clicks[i] = clickHourView{From: utc(h.From), Clicks: h.Clicks}
	}
	if p := r.Past; p.Broadcasts > 0 {
		v.Previous = &previousView{Campaigns: p.Broadcasts, Sent: p.Sent, Failed: p.Failed, Clicked: p.Clicked}
	}
	return v
}

func (a *API) campaignReports() {
	register(a, huma.Operation{
		OperationID: "report-campaign", Method: http.MethodGet, Path: "/campaigns/{id}/report", Tags: []string{"campaigns"},
		Summary: "Report what became of a campaign",
		Description: "Beside its counts: why recipients did not get it, when people clicked, and how the broadcasts before it went. " +
			"While it goes out, it tells what has happened so far. " +
			"A 409, recipients_not_kept, when its recipients are not kept any more: see forgottenAt of the campaign.",
	}, a.reportCampaign)
}

func (a *API) reportCampaign(ctx context.Context, workspaceID int64, in *ByID) (*answer[campaignReportView], error) {
	review, err := a.Campaigns.Review(ctx, workspaceID, in.ID)
	if err != nil {
		return nil, err
	}
	hours, err := a.Clicks.Hours(ctx, workspaceID, in.ID)
	if err != nil {
		return nil, err
	}
	return &answer[campaignReportView]{viewReport(review, hours)}, nil
}
