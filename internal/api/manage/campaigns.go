package manage

import (
	"cmp"
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"bellman/internal/audit"
	"bellman/internal/campaign"
	"bellman/internal/fault"
)

type campaignView struct {
	ID                 int64        `json:"id" example:"1"`
	Name               string       `json:"name" example:"Spring sale, all"`
	Kind               string       `json:"kind" enum:"broadcast,triggered"`
	State              string       `json:"state" enum:"draft,scheduled,launching,sending,paused,finished,cancelled"`
	StateReason        string       `json:"stateReason,omitempty" doc:"Why Bellman paused the campaign by itself: bot_refused, content_refused, mass_chat_not_found, stars_budget_spent or approval_needed." example:"content_refused"`
	StateDetail        string       `json:"stateDetail,omitempty" doc:"The same in Telegram's words."`
	BotID              int64        `json:"botId" example:"1"`
	BotUsername        string       `json:"botUsername" example:"shop_bot"`
	MessageID          int64        `json:"messageId" example:"1"`
	MessageName        string       `json:"messageName" doc:"What the message is called; once launched, what it was called then." example:"Spring sale"`
	Audience           reachedView  `json:"audience"`
	AllowPaidBroadcast bool         `json:"allowPaidBroadcast" doc:"It may be sent above the bot's free limit, for Telegram Stars, when the bot's paidBroadcast is on too."`
	StarsBudget        int64        `json:"starsBudget,omitempty" doc:"What it may cost, in Stars; absent for no bound." example:"500"`
	StarsSpent         float64      `json:"starsSpent,omitempty" doc:"What it has cost, by Telegram's price of a tenth of a Star for each message above the free limit." example:"12.3"`
	Test               bool         `json:"test,omitempty" doc:"It holds test sends."`
	Action             string       `json:"action" enum:"send,edit,delete" doc:"What it does in the chats of its recipients: send them the message, put it in the place of what another campaign has sent, or delete that. Recipients of an edit or a deletion that is done are counted as sent."`
	ResendOf           int64        `json:"resendOf,omitempty" doc:"The campaign of which this is another pass." example:"1"`
	ChangeOf           int64        `json:"changeOf,omitempty" doc:"The campaign whose messages it edits or deletes." example:"1"`
	Counts             countsView   `json:"counts"`
	Progress           progressView `json:"progress"`
	ScheduledAt        *instant     `json:"scheduledAt,omitempty" doc:"When it launches by itself."`
	LaunchedAt         *instant     `json:"launchedAt,omitempty"`
	FinishedAt         *instant     `json:"finishedAt,omitempty" doc:"When the last recipient was settled, or the campaign cancelled."`
	ForgottenAt        *instant     `json:"forgottenAt,omitempty" doc:"Since when its recipients, their outcomes and clicks are not kept any more; its counts are."`
	EditedBy           *authorView  `json:"editedBy,omitempty" doc:"Who changed the draft last; absent for what was changed before that was noted."`
	ApprovedBy         *authorView  `json:"approvedBy,omitempty" doc:"Who agreed to more recipients than its author may reach."`
	CreatedAt          instant      `json:"createdAt"`
	UpdatedAt          instant      `json:"updatedAt"`

	Warnings []warningView `json:"warnings,omitempty" doc:"In the answer to a launch: what had better be known."`
}

type warningView struct {
	Code    string `json:"code" doc:"Stable, to branch on: links_untracked or audience_empty." example:"links_untracked"`
	Message string `json:"message" doc:"A sentence for people."`
}

// reachedView is the audience of a campaign in answers.
type reachedView struct {
	All            bool     `json:"all,omitempty" doc:"Every chat of the bot." example:"true"`
	Groups         []int64  `json:"groups,omitempty" doc:"The chats of contacts in one of these groups." example:"[1]"`
	ExcludedGroups []int64  `json:"excludedGroups,omitempty" doc:"But for contacts in one of these."`
	Statuses       []string `json:"statuses,omitempty" doc:"Those recipients of the campaign that is sent again, edited or deleted whose status is one of these."`
}

// audienceBody is the audience of a campaign in requests.
type audienceBody struct {
	All            bool    `json:"all,omitempty" doc:"Every chat of the bot." example:"true"`
	Groups         []int64 `json:"groups,omitempty" nullable:"false" maxItems:"100" doc:"In place of all: the chats of contacts in one of these groups. Who is in them counts when the campaign goes out." example:"[1]"`
	ExcludedGroups []int64 `json:"excludedGroups,omitempty" nullable:"false" maxItems:"100" doc:"But for contacts in one of these." example:"[2]"`
}

func (b audienceBody) audience() campaign.Audience {
	return campaign.Audience{All: b.All, Groups: b.Groups, ExcludedGroups: b.ExcludedGroups}
}

type countsView struct {
	Recipients int64 `json:"recipients" doc:"Everybody laid out so far: the sum of the others, but for clicked." example:"1000"`
	Queued     int64 `json:"queued" doc:"Waiting for their turn." example:"0"`
	Sending    int64 `json:"sending" doc:"On the wire." example:"0"`
	Sent       int64 `json:"sent" doc:"Telegram took the message." example:"985"`
	Failed     int64 `json:"failed" doc:"This recipient cannot get it." example:"14"`
	Skipped    int64 `json:"skipped" doc:"Not tried: the chat was gone, or the campaign cancelled." example:"1"`
	Unknown    int64 `json:"unknown" doc:"The answer was lost: the message may have arrived." example:"0"`
	Clicked    int64 `json:"clicked" doc:"Of all these, who has clicked a link or pressed a button." example:"120"`
}

func viewCampaign(r campaign.Report) campaignView {
	resendOf, changeOf := r.Of, int64(0)
	if r.Action.Changes() {
		resendOf, changeOf = 0, r.Of
	}
	return campaignView{
		ID: r.ID, Name: r.Name, Kind: string(r.Kind),
		State: string(r.State), StateReason: string(r.StateReason), StateDetail: r.StateDetail,
		BotID: r.BotID, BotUsername: r.BotUsername, MessageID: r.MessageID, MessageName: r.MessageName,
		Audience:           reachedView{r.Audience.All, r.Audience.Groups, r.Audience.ExcludedGroups, words(r.Audience.Statuses)},
		AllowPaidBroadcast: r.AllowPaid, StarsBudget: r.StarsBudget, StarsSpent: r.StarsSpent,
		Test: r.Test, Action: string(cmp.Or(r.Action, campaign.Send)), ResendOf: resendOf, ChangeOf: changeOf,
		Counts: countsView(r.Counts), Progress: viewProgress(r.Progress),
		ScheduledAt: moment(r.ScheduledAt), LaunchedAt: moment(r.LaunchedAt), FinishedAt: moment(r.FinishedAt),
		ForgottenAt: moment(r.ForgottenAt), EditedBy: viewAuthor(r.Author), ApprovedBy: viewAuthor(r.Approver),
		CreatedAt: utc(r.CreatedAt), UpdatedAt: utc(r.UpdatedAt), Warnings: viewWarnings(r.Warnings),
	}
}

func viewWarnings(warnings []campaign.Warning) []warningView {
	var views []warningView
	for _, w := range warnings {
		views = append(views, warningView(w))
	}
	return views
}

type createCampaignInput struct {
	Body struct {
		Name               string       `json:"name" doc:"For the people who work with it. 1 to 200 characters." example:"Spring sale, all"`
		BotID              int64        `json:"botId" minimum:"1" maximum:"9007199254740991" doc:"The bot that sends." example:"1"`
		MessageID          int64        `json:"messageId" minimum:"1" maximum:"9007199254740991" doc:"The message that goes out." example:"1"`
		Audience           audienceBody `json:"audience" doc:"Who it goes to."`
		AllowPaidBroadcast bool         `json:"allowPaidBroadcast,omitempty" doc:"Let it be sent above the bot's free limit, for Telegram Stars."`
		StarsBudget        int64        `json:"starsBudget,omitempty" minimum:"0" maximum:"1000000000" doc:"What it may cost, in Stars; 0 for no bound. It pauses when that is spent." example:"500"`
	}
}

type updateCampaignInput struct {
	ByID
	IfMatch
	Body struct {
		Name               *string       `json:"name,omitempty" doc:"1 to 200 characters; of a draft." example:"Spring sale, all"`
		BotID              *int64        `json:"botId,omitempty" minimum:"1" maximum:"9007199254740991" doc:"The bot that sends; of a draft." example:"1"`
		MessageID          *int64        `json:"messageId,omitempty" minimum:"1" maximum:"9007199254740991" doc:"The message that goes out; of a draft." example:"1"`
		Audience           *audienceBody `json:"audience,omitempty" doc:"Who it goes to; of a draft."`
		AllowPaidBroadcast *bool         `json:"allowPaidBroadcast,omitempty" doc:"Let it be sent above the bot's free limit, for Telegram Stars."`
		StarsBudget        *int64        `json:"starsBudget,omitempty" minimum:"0" maximum:"1000000000" doc:"What it may cost, in Stars; 0 for no bound." example:"500"`
	}
}

type resendInput struct {
	ByID
	Body struct {
		Statuses []string `json:"statuses" minItems:"1" maxItems:"2" nullable:"false" enum:"failed,unknown" doc:"Whom to send to again. Those whose status is unknown may have the message already."`
	}
}

type launchInput struct {
	ByID
	Body *struct {
		Version string `json:"version,omitempty" maxLength:"100" doc:"Of the check of the campaign: when what it sends, or to whom, was changed since, it is a 409, campaign_changed. Who approves has to send it." example:"9f86d081884c7d65"`

		AfterSeconds int `json:"afterSeconds,omitempty" minimum:"1" maximum:"3600" doc:"In place of at: to launch so many seconds from now. Until then it is scheduled, and can be taken back." example:"10"`

		At *time.Time `json:"at,omitempty" doc:"When to launch; without it, now. A time that passed more than two minutes ago is refused." example:"2030-03-01T09:00:00Z"`
	}
}

// at is when to launch; zero means now.
func (in *launchInput) at(now time.Time) (time.Time, error) {
	switch {
	case in.Body == nil:
		return time.Time{}, nil
	case in.Body.At != nil && in.Body.AfterSeconds != 0:
		return time.Time{}, fault.New(fault.Invalid, "time_twice", "send at or afterSeconds, not both").In("afterSeconds")
	case in.Body.At != nil:
		return *in.Body.At, nil
	case in.Body.AfterSeconds != 0:
		return now.Add(time.Duration(in.Body.AfterSeconds) * time.Second), nil
	}
	return time.Time{}, nil
}

// version is the one that was looked at; empty for none.
func (in *launchInput) version() string {
	if in.Body == nil {
		return ""
	}
	return in.Body.Version
}

func (a *API) campaigns() {
	register(a, huma.Operation{
		OperationID: "create-campaign", Method: http.MethodPost, Path: "/campaigns", Tags: []string{"campaigns"},
		Summary: "Make a campaign", Description: "It is a draft: nothing is sent before it is launched.",
		DefaultStatus: http.StatusCreated,
	}, a.createCampaign)
	register(a, huma.Operation{
		OperationID: "get-campaign", Method: http.MethodGet, Path: "/campaigns/{id}", Tags: []string{"campaigns"},
		Summary: "Get a campaign", Description: "With its counts and progress, all as of one moment.",
	}, a.getCampaign)
	register(a, huma.Operation{
		OperationID: "launch-campaign", Method: http.MethodPost, Path: "/campaigns/{id}/launch", Tags: []string{"campaigns"},
		Summary: "Launch a campaign",
		Description: "Now, or at a time to come. The message goes out as it is at this moment; later changes of it do not count. " +
			"To more recipients than the workspace lets an author reach, it is a 403, approval_needed, " +
			"for who changed the campaign or its message last, and for keys.",
	}, func(ctx context.Context, workspaceID int64, in *launchInput) (*answer[campaignView], error) {
		at, err := in.at(a.Now())
		if err != nil {
			return nil, err
		}
		if err := a.tellLaunch(ctx, workspaceID, in.ID); err != nil {
			return nil, err
		}
		return reported(a.Campaigns.LaunchSeen(ctx, workspaceID, in.ID, at, in.version()))
	})
	register(a, huma.Operation{
		OperationID: "update-campaign", Method: http.MethodPatch, Path: "/campaigns/{id}", Tags: []string{"campaigns"},
		Summary: "Change a campaign",
		Description: "What is left out stays. " +
			"A draft can be changed whole; what a campaign may spend, until it has ended: that works within a second, " +
			"also while the campaign goes out. A campaign that had paused because its budget was spent waits to be resumed.",
	}, a.updateCampaign)
	register(a, huma.Operation{
		OperationID: "delete-campaign", Method: http.MethodDelete, Path: "/campaigns/{id}", Tags: []string{"campaigns"},
		Summary: "Delete a draft", Description: "For good. A campaign that is scheduled or was launched stays: unschedule or cancel it.",
		DefaultStatus: http.StatusNoContent,
	}, a.deleteCampaign)
	register(a, huma.Operation{
		OperationID: "resend-campaign", Method: http.MethodPost, Path: "/campaigns/{id}/resend", Tags: []string{"campaigns"},
		Summary: "Send a campaign again to some",
		Description: "Makes and launches a new campaign with the same content, " +
			"to those recipients of an ended one that failed or whose status is unknown. Each status can be resent once, " +
			"as long as the recipients are kept: afterwards it is a 409, recipients_not_kept.",
		DefaultStatus: http.StatusCreated,
	}, func(ctx context.Context, workspaceID int64, in *resendInput) (*answer[campaignView], error) {
		return reported(a.Campaigns.Resend(ctx, workspaceID, in.ID, statusesOf(in.Body.Statuses)))
	})
	a.campaignChanges()
	for _, step := range []struct {
		verb, summary, description string
		do                         func(c *campaign.Service, ctx context.Context, workspaceID, id int64) (campaign.Report, error)
	}{
		{
			"unschedule", "Take a scheduled campaign back", "It is a draft again, to be changed and launched.",
			(*campaign.Service).Unschedule,
		},
		{"pause", "Pause a campaign", "What is on the wire is settled; nothing new leaves.", (*campaign.Service).Pause},
		{"resume", "Resume a campaign", "A paused campaign goes on where it stopped.", (*campaign.Service).Resume},
		{"cancel", "Cancel a campaign", "For good: who is still queued is skipped.", (*campaign.Service).Cancel},
	} {
		register(a, huma.Operation{
			OperationID: step.verb + "-campaign", Method: http.MethodPost, Path: "/campaigns/{id}/" + step.verb,
			Tags: []string{"campaigns"}, Summary: step.summary,
			Description: step.description + " Doing it twice changes nothing.",
		}, func(ctx context.Context, workspaceID int64, in *ByID) (*answer[campaignView], error) {
			return reported(step.do(a.Campaigns, ctx, workspaceID, in.ID))
		})
	}
}

// tellLaunch has the audit log tell what is launched, and to how many people at most, as
// far as that is known before it is laid out.
func (a *API) tellLaunch(ctx context.Context, workspaceID, id int64) error {
	c, err := a.Campaigns.Get(ctx, workspaceID, id)
	if err != nil {
		return err
	}
	b, err := a.Bots.Get(ctx, workspaceID, c.BotID)
	if err != nil {
		return err
	}
	people := int64(0)
	for _, groupID := range c.Audience.Groups {
		g, err := a.Groups.Get(ctx, workspaceID, groupID)
		if err != nil && fault.KindOf(err) != fault.NotFound {
			return err
		}
		people += g.Members
	}
	if c.Audience.All {
		people = b.Subscribers
	}
	audit.Became(ctx, audit.Facts{"name": c.Name, "bot": b.Username, "peopleAtMost": people})
	return nil
}

func reported(r campaign.Report, err error) (*answer[campaignView], error) {
	if err != nil {
		return nil, err
	}
	return &answer[campaignView]{viewCampaign(r)}, nil
}

func (a *API) createCampaign(ctx context.Context, workspaceID int64, in *createCampaignInput) (*tagged[campaignView], error) {
	return taggedCampaign(a.Campaigns.Create(ctx, campaign.Campaign{
		WorkspaceID: workspaceID, Name: in.Body.Name, BotID: in.Body.BotID, MessageID: in.Body.MessageID,
		Audience:  in.Body.Audience.audience(),
		AllowPaid: in.Body.AllowPaidBroadcast, StarsBudget: in.Body.StarsBudget,
	}))
}

func (a *API) updateCampaign(ctx context.Context, workspaceID int64, in *updateCampaignInput) (*tagged[campaignView], error) {
	changes := campaign.Changes{
		Name: in.Body.Name, BotID: in.Body.BotID, MessageID: in.Body.MessageID,
		Paid:   campaign.Paid{Allow: in.Body.AllowPaidBroadcast, StarsBudget: in.Body.StarsBudget},
		Unless: in.unlessCampaign,
	}
	if in.Body.Audience != nil {
		audience := in.Body.Audience.audience()
		changes.Audience = &audience
	}
	r, err := a.Campaigns.Update(ctx, workspaceID, in.ID, changes)
	return taggedCampaign(r, a.withCounts(ctx, workspaceID, in.ID, err))
}

func (a *API) getCampaign(ctx context.Context, workspaceID int64, in *ByID) (*tagged[campaignView], error) {
	return taggedCampaign(a.Campaigns.Get(ctx, workspaceID, in.ID))
}

func words(statuses []campaign.Status) []string {
	var all []string
	for _, s := range statuses {
		all = append(all, string(s))
	}
	return all
}

func statusesOf(words []string) []campaign.Status {
	all := make([]campaign.Status, len(words))
	for i, w := range words {
		all[i] = campaign.Status(w)
	}
	return all
}
