package manage

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"bellman/internal/campaign"
)

type preflightView struct {
	Recipients      int64         `json:"recipients" doc:"How many chats would be recipients now: audience less excluded of reach. Those that are inactive or muted are skipped." example:"1000"`
	Reach           reachView     `json:"reach" doc:"Whom it reaches, written out as a sum."`
	Missing         []missingView `json:"missing" nullable:"false" doc:"Values that the message writes out without a default and that some recipients do not have."`
	Overlaps        overlapsView  `json:"overlaps" doc:"What else those whom it reaches get."`
	DurationSeconds *int64        `json:"durationSeconds,omitempty" doc:"How long it goes out at the bot's pace, if nothing else does; absent when the bot has no limit." example:"114"`
	Stars           int64         `json:"stars,omitempty" doc:"What it costs at most, in Stars, when it may be sent above the free limit and the bot pays: by Telegram's price of a tenth of a Star for each message above 30 a second, and no more than its budget; absent when it costs nothing." example:"330"`
	Warnings        []warningView `json:"warnings" nullable:"false" doc:"What a launch would say."`
	Version         string        `json:"version" doc:"Stands for what it sends, to whom and at what cost, for the launch." example:"9f86d081884c7d65"`
	Approval        *approvalView `json:"approval,omitempty" doc:"Absent where the workspace asks for nobody else."`
}

// reachView is a sum: audience = excluded + inactive + muted + reached.
type reachView struct {
	Audience int64 `json:"audience" doc:"The chats of the bot, or those of the members of the groups. It is the sum of the others." example:"1040"`
	Excluded int64 `json:"excluded" doc:"Left out by an excluded group." example:"30"`
	Inactive int64 `json:"inactive" doc:"Of the rest, those that take no messages." example:"7"`
	Muted    int64 `json:"muted" doc:"Of the rest, those that are muted at present." example:"3"`
	Reached  int64 `json:"reached" doc:"To whom a message goes." example:"1000"`
}

type overlapsView struct {
	Recipients int64         `json:"recipients" doc:"How many of those whom it reaches got another broadcast of the workspace in the 24 hours before, or are to get one that is scheduled up to 24 hours behind." example:"250"`
	About      bool          `json:"about,omitempty" doc:"The numbers are reckoned from a sample of some hundred recipients."`
	Campaigns  []overlapView `json:"campaigns" nullable:"false" doc:"These broadcasts, the newest of 10 that were looked into first."`
}

type overlapView struct {
	CampaignID int64   `json:"campaignId" example:"1"`
	Name       string  `json:"name" example:"Spring sale, all"`
	State      string  `json:"state" enum:"scheduled,launching,sending,paused,finished,cancelled"`
	At         instant `json:"at" doc:"When it was launched, or will be."`
	Recipients int64   `json:"recipients" doc:"How many get both." example:"250"`
}

type missingView struct {
	Variable   string `json:"variable" example:"contact.firstName"`
	Recipients int64  `json:"recipients" doc:"How many recipients lack it: their message would have a gap." example:"12"`
}

func viewOverlaps(o campaign.Overlaps) overlapsView {
	v := overlapsView{Recipients: o.Recipients, About: o.About, Campaigns: make([]overlapView, len(o.Campaigns))}
	for i, c := range o.Campaigns {
		v.Campaigns[i] = overlapView{c.CampaignID, c.Name, string(c.State), utc(c.At), c.Recipients}
	}
	return v
}

func (a *API) checks() {
	register(a, huma.Operation{
		OperationID: "check-campaign", Method: http.MethodGet, Path: "/campaigns/{id}/check", Tags: []string{"campaigns"},
		Summary: "Look a campaign through before its launch",
		Description: "With the message as it is now: whom it reaches, for how many of them a value is missing, what else they get, " +
			"how long it takes and what it costs. " +
			"A message that Telegram would refuse is a 422 with all its faults.",
	}, a.checkCampaign)
}

func (a *API) checkCampaign(ctx context.Context, workspaceID int64, in *ByID) (*answer[preflightView], error) {
	p, err := a.Campaigns.Preflight(ctx, workspaceID, in.ID)
	if err != nil {
		return nil, err
	}
	r := p.Reach
	out := preflightView{
		Recipients: p.Recipients, Reach: reachView{r.Audience, r.Excluded, r.Inactive, r.Muted, r.Reached()},
		Missing: []missingView{}, Overlaps: viewOverlaps(p.Overlaps), Stars: p.Cost.Stars,
		Warnings: append([]warningView{}, viewWarnings(p.Warnings)...), Version: p.Version,
	}
	if seconds := int64(p.Cost.Takes / time.Second); seconds > 0 || r.Reached() == 0 {
		out.DurationSeconds = &seconds
	}
	if out.Approval, err = viewApproval(ctx, p.Approval, a.Now()); err != nil {
		return nil, err
	}
	for _, m := range p.Missing {
		out.Missing = append(out.Missing, missingView(m))
	}
	return &answer[preflightView]{out}, nil
}
