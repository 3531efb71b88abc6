package manage

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"bellman/internal/campaign"
	"bellman/internal/track"
)

type campaignReportView struct {
	Reasons  []causeView     `json:"reasons" nullable:"false" doc:"Why recipients did not get it, or may not have; the most frequent reasons first. They add up to failed, skipped and unknown of the campaign's counts."`
	About    bool            `json:"about,omitempty" doc:"The reasons, and left, are reckoned from the first 10,000 recipients of a status, as there are more."`
	Left     int64           `json:"left" doc:"How many failed because their chats are gone: they have blocked the bot, or are there no more." example:"9"`
	Clicks   []clickHourView `json:"clicks" nullable:"false" doc:"Clicks by hour, in the order of time, in the 14 days after the launch. Hours begin with the launch; those without clicks are left out."`
	Previous *previousView   `json:"previous,omitempty" doc:"How the bot's broadcasts before it went, to compare with; absent when there are none, and for triggered campaigns."`
}

type causeView struct {
	Status string `json:"status" enum:"failed,skipped,unknown"`
	Reason string `json:"reason" example:"bot_blocked"`
	Count  int64  `json:"count" example:"9"`
	Left   bool   `json:"left,omitempty" doc:"These are gone: their chats were removed from the list."`
}

type clickHourView struct {
	From   instant `json:"from" doc:"When the hour begins."`
	Clicks int64   `json:"clicks" doc:"How often a link was followed or a button pressed, by whomever." example:"42"`
	People int64   `json:"people" doc:"How many recipients clicked for the first time." example:"37"`
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
		Reasons: make([]causeView, len(r.Causes)), Clicks: make([]clickHourView, len(hours)),
	}
	for i, c := range r.Causes {
		v.Reasons[i] = causeView{Status: string(c.Status), Reason: string(c.Reason), Count: c.N, Left: c.Left()}
	}
	for i, h := range hours {
		v.Clicks[i] = clickHourView{From: utc(h.From), Clicks: h.Clicks, People: h.People}
	}
	if p := r.Past; p.Broadcasts > 0 {
		v.Previous = &previousView{Campaigns: p.Broadcasts, Sent: p.Sent, Failed: p.Failed, Clicked: p.Clicked}
	}
	return v
}

type partsInput struct {
	ByID
	By campaign.Division `query:"by" required:"true" enum:"language,group" doc:"language: the one that was asked for when it was sent, else the contact's at present. group: those in which the contacts are at present; who is in several counts in each, who is in none in none."`
}

type partsView struct {
	Items []partView `json:"items" nullable:"false" doc:"The largest ones first, 100 at most."`
	About bool       `json:"about,omitempty" doc:"They are reckoned from 20,000 of the recipients, at even distances, as there are more: small parts may be missing."`
}

type partView struct {
	LanguageCode string `json:"languageCode,omitempty" doc:"In a report by language; absent for those of whom none is known." example:"uk"`
	GroupID      int64  `json:"groupId,omitempty" doc:"In a report by group." example:"1"`
	GroupName    string `json:"groupName,omitempty" example:"Customers"`
	Recipients   int64  `json:"recipients" doc:"The sum of the next four, and of those who are not done yet." example:"412"`
	Sent         int64  `json:"sent" example:"400"`
	Failed       int64  `json:"failed" example:"9"`
	Skipped      int64  `json:"skipped" example:"2"`
	Unknown      int64  `json:"unknown" doc:"They may have got it." example:"1"`
	Clicked      int64  `json:"clicked" doc:"Recipients who clicked a link or pressed a button." example:"37"`
}

func viewPart(p campaign.Part) partView {
	return partView{
		LanguageCode: p.Language, GroupID: p.GroupID, GroupName: p.GroupName, Recipients: p.Recipients, Sent: p.Sent, Failed: p.Failed,
		Skipped: p.Skipped, Unknown: p.Unknown, Clicked: p.Clicked,
	}
}

func (a *API) campaignReports() {
	register(a, huma.Operation{
		OperationID: "report-campaign", Method: http.MethodGet, Path: "/campaigns/{id}/report", Tags: []string{"campaigns"},
		Summary: "Report what became of a campaign",
		Description: "Beside its counts: why recipients did not get it, when people clicked, and how the broadcasts before it went. " +
			"While it goes out, it tells what has happened so far. The people of each reason are `GET /campaigns/{id}/deliveries?reason=`. " +
			"A 409, recipients_not_kept, when its recipients are not kept any more: see forgottenAt of the campaign.",
	}, a.reportCampaign)
	register(a, huma.Operation{
		OperationID: "report-campaign-parts", Method: http.MethodGet, Path: "/campaigns/{id}/report/parts", Tags: []string{"campaigns"},
		Summary: "Report a campaign by language or group",
		Description: "What became of its recipients, for each language or group. The people of a part are those of " +
			"`GET /campaigns/{id}/deliveries` with its languageCode or groupId. " +
			"A 409, recipients_not_kept, when its recipients are not kept any more.",
	}, a.reportParts)
}

func (a *API) reportParts(ctx context.Context, workspaceID int64, in *partsInput) (*answer[partsView], error) {
	parts, err := a.Campaigns.Divide(ctx, workspaceID, in.ID, in.By)
	if err != nil {
		return nil, err
	}
	out := partsView{Items: make([]partView, len(parts.All)), About: parts.About}
	for i, p := range parts.All {
		out.Items[i] = viewPart(p)
	}
	return &answer[partsView]{out}, nil
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
