package manage

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"bellman/internal/campaign"
	"bellman/internal/contact"
)

type listCampaignsInput struct {
	Paging
	Counting
	State        []campaign.State  `query:"state,explode" enum:"draft,scheduled,launching,sending,paused,finished,cancelled" doc:"Only campaigns in this state; repeated, in one of these."`
	Kind         campaign.Kind     `query:"kind" enum:"broadcast,triggered" doc:"Only campaigns of this kind."`
	Action       []campaign.Action `query:"action,explode" enum:"send,edit,delete" doc:"Only campaigns that do this; repeated, one of these."`
	Of           int64             `query:"of" minimum:"1" maximum:"9007199254740991" doc:"Only those that go to recipients of this campaign: its resends, edits and deletions." example:"1"`
	BotID        int64             `query:"botId" minimum:"1" maximum:"9007199254740991" doc:"Only those of this bot." example:"1"`
	MessageID    int64             `query:"messageId" minimum:"1" maximum:"9007199254740991" doc:"Only those of this message." example:"1"`
	Search       string            `query:"search" maxLength:"200" doc:"Only those with this in their name, in any case." example:"sale"`
	Test         string            `query:"test" enum:"true,false" doc:"Only campaigns of test sends, or none of these; without it, both."`
	LaunchedFrom time.Time         `query:"launchedFrom" doc:"Only those that were launched at this moment or later." example:"2026-03-01T00:00:00Z"`
	LaunchedTo   time.Time         `query:"launchedTo" doc:"Only those that were launched before this moment." example:"2026-04-01T00:00:00Z"`
	Sort         string            `query:"sort" enum:"name,-name,createdAt,-createdAt,launchedAt,-launchedAt,scheduledAt,-scheduledAt" doc:"The order, a minus for backwards; without it, newest first. What has no such time yet comes before all that has one."`
}

func (in *listCampaignsInput) filter() (campaign.Filter, error) {
	f := campaign.Filter{
		States: in.State, Kind: in.Kind, Actions: in.Action, Of: in.Of, BotID: in.BotID, MessageID: in.MessageID, Search: in.Search,
		LaunchedFrom: in.LaunchedFrom, LaunchedTo: in.LaunchedTo, Order: campaign.Order(in.Sort), Limit: in.more(), Total: in.Total,
	}
	if in.Test != "" {
		test := in.Test == "true"
		f.Test = &test
	}
	at, err := in.placeIn(in.Sort)
	if at != nil {
		f.After = &campaign.Place{Text: at.Text, At: at.At, ID: at.ID}
	}
	return f, err
}

func (a *API) campaignLists() {
	register(a, huma.Operation{
		OperationID: "list-campaigns", Method: http.MethodGet, Path: "/campaigns", Tags: []string{"campaigns"},
		Summary: "List campaigns",
		Description: "Newest first, if no other order is asked for, with the names of their bots and messages and their counts. " +
			"The total is exact.",
	}, a.listCampaigns)
	register(a, huma.Operation{
		OperationID: "duplicate-campaign", Method: http.MethodPost, Path: "/campaigns/{id}/duplicate", Tags: []string{"campaigns"},
		Summary: "Copy a campaign",
		Description: "Makes a draft with its bot, message, audience and budget, whatever became of it. " +
			"The message goes out as it is at the launch of the copy. " +
			"A triggered campaign and a resend have no audience to copy: a 409, campaign_state.",
		DefaultStatus: http.StatusCreated,
	}, func(ctx context.Context, workspaceID int64, in *duplicateInput) (*tagged[campaignView], error) {
		return taggedCampaign(a.Campaigns.Duplicate(ctx, workspaceID, in.ID, in.name()))
	})
}

func (a *API) listCampaigns(ctx context.Context, workspaceID int64, in *listCampaignsInput) (*answer[page[campaignView]], error) {
	f, err := in.filter()
	if err != nil {
		return nil, err
	}
	reports, total, err := a.Campaigns.List(ctx, workspaceID, f)
	if err != nil {
		return nil, err
	}
	out := paged(in.Paging, reports, func(r campaign.Report) place {
		p := f.Order.Place(r.Campaign, contact.Fold)
		return place{in.Sort, p.Text, p.At, p.ID}
	}, viewCampaign)
	if in.Total {
		out.Body.Total = &totalView{Count: total}
	}
	return out, nil
}
