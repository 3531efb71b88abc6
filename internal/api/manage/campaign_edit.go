package manage

import (
	"context"
	"errors"

	"bellman/internal/api/problem"
	"bellman/internal/campaign"
)

// campaignEdited is what people edit of a campaign.
type campaignEdited struct {
	Name             string
	BotID, MessageID int64
	Audience         campaign.Audience
	AllowPaid        bool
	StarsBudget      int64
}

func tagOfCampaign(c campaign.Campaign) string {
	return etag(campaignEdited{c.Name, c.BotID, c.MessageID, c.Audience, c.AllowPaid, c.StarsBudget})
}

// taggedCampaign is an answer with a campaign.
func taggedCampaign(r campaign.Report, err error) (*tagged[campaignView], error) {
	if err != nil {
		return nil, err
	}
	return &tagged[campaignView]{tagOfCampaign(r.Campaign), viewCampaign(r)}, nil
}

// unlessCampaign refuses the change of a campaign that is not what the caller has read.
func (in IfMatch) unlessCampaign(c campaign.Campaign) error {
	return in.check(tagOfCampaign(c), func() any { return viewCampaign(campaign.Report{Campaign: c}) })
}

// withCounts shows the campaign in a refusal of unlessCampaign with its counts, which the
// lock of a change does not hold.
func (a *API) withCounts(ctx context.Context, workspaceID, id int64, err error) error {
	p, refused := errors.AsType[*problem.Problem](err)
	if !refused || p.Current == nil {
		return err
	}
	r, err := a.Campaigns.Get(ctx, workspaceID, id)
	if err != nil {
		return err
	}
	p.Current = viewCampaign(r)
	return p
}

type deleteCampaignInput struct {
	ByID
	IfMatch
}

func (a *API) deleteCampaign(ctx context.Context, workspaceID int64, in *deleteCampaignInput) (*struct{}, error) {
	err := a.Campaigns.DeleteUnless(ctx, workspaceID, in.ID, in.unlessCampaign)
	return nil, a.withCounts(ctx, workspaceID, in.ID, err)
}
