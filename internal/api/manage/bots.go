package manage

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"bellman/internal/bot"
	"bellman/internal/contact"
)

type botView struct {
	ID               int64    `json:"id" example:"1"`
	AppUUID          string   `json:"appUuid" doc:"The public id of the bot: app_uuid in the integration API. It never changes." example:"0198c1b0-3c55-7d9e-8f4e-0e6f6e1a2b3c"`
	TelegramID       int64    `json:"telegramId" doc:"The bot's own Telegram user id." example:"123456789"`
	Username         string   `json:"username" doc:"Without the @." example:"acme_news_bot"`
	Name             string   `json:"name" doc:"The name that subscribers see." example:"Acme News"`
	State            string   `json:"state" enum:"active,paused,disconnected" doc:"A paused bot does not send, because Telegram refuses its token: connect it again with a new one. A disconnected one has no token any more, and is kept for what it has sent."`
	StateReason      string   `json:"stateReason,omitempty" doc:"Why the bot is paused."`
	APIURL           string   `json:"apiUrl,omitempty" doc:"The bot's own Bot API server, when it has one." example:"http://127.0.0.1:8081"`
	RatePerSecond    float64  `json:"ratePerSecond,omitempty" doc:"The bot's own limit of messages a second; absent when it goes by the installation's." example:"25"`
	PaidBroadcast    bool     `json:"paidBroadcast" doc:"Campaigns that allow it may be sent at up to 1000 messages a second, for Telegram Stars."`
	PaidRefusedUntil *instant `json:"paidRefusedUntil,omitempty" doc:"Telegram has refused to take Stars; until then the bot goes at the free pace."`
	PausedUntil      *instant `json:"pausedUntil,omitempty" doc:"Nothing is sent until then: Telegram asked the bot to wait, or gives no usable answer. Sending goes on by itself."`
	PausedReason     string   `json:"pausedReason,omitempty" doc:"too_many_requests, or why there is no usable answer: unreachable, answer_lost, telegram_error or not_telegram." example:"too_many_requests"`
	Subscribers      int64    `json:"subscribers" doc:"How many chats are on record." example:"1204"`
	CreatedAt        instant  `json:"createdAt"`
	UpdatedAt        instant  `json:"updatedAt"`
}

func viewBot(b bot.Bot) botView {
	return botView{
		ID: b.ID, AppUUID: b.AppUUID, TelegramID: b.TelegramID, Username: b.Username, Name: b.Name,
		State: string(b.State), StateReason: string(b.StateReason), APIURL: b.APIURL, Subscribers: b.Subscribers,
		RatePerSecond: b.RatePerSecond, PaidBroadcast: b.PaidBroadcast, PaidRefusedUntil: moment(b.PaidRefusedUntil),
		PausedUntil: moment(b.PausedUntil), PausedReason: string(b.PausedReason),
		CreatedAt: utc(b.CreatedAt), UpdatedAt: utc(b.UpdatedAt),
	}
}

type connectInput struct {
	Body struct {
		Token  string `json:"token" maxLength:"10000" doc:"The token from @BotFather, or the whole message in which it stands. It is kept encrypted and never shown again." example:"123456789:AAExampleExampleExampleExampleExampl"`
		APIURL string `json:"apiUrl,omitempty" doc:"A Bot API server of your own; without it, the one that the installation uses." example:"http://127.0.0.1:8081"`
	}
}

type updateBotInput struct {
	ByID
	IfMatch
	Body struct {
		RatePerSecond *float64 `json:"ratePerSecond,omitempty" minimum:"0" maximum:"30" doc:"Messages a second; 0 for the installation's limit." example:"25"`
		PaidBroadcast *bool    `json:"paidBroadcast,omitempty" doc:"Let campaigns that allow it be sent above Telegram's free limit. The bot needs Stars, and the switch in @BotFather."`
	}
}

type connectOutput struct {
	Status int
	ETag   string `header:"ETag" doc:"Stands for what people edit of it: for If-Match, when it is changed."`
	Body   botView
}

type listBotsInput struct {
	Paging
	Counting
	State  []string `query:"state,explode" enum:"active,paused,disconnected" doc:"Only those in this state; may be repeated. Without it, all that are connected."`
	Search string   `query:"search" maxLength:"200" doc:"Only those whose name or username contains this text, in any case." example:"acme"`
}

type botUseView struct {
	CampaignID int64  `json:"campaignId" example:"17"`
	Name       string `json:"name" example:"Spring"`
	State      string `json:"state" enum:"draft,scheduled,launching,sending,paused"`
}

type botUsesView struct {
	Subscribers int64        `json:"subscribers" doc:"How many chats would get nothing any more. They are kept for when the bot is connected again." example:"1204"`
	Pending     []botUseView `json:"pending" nullable:"false" doc:"Broadcasts that are scheduled, go out or are paused, the first 100: cancel them first."`
	Drafts      []botUseView `json:"drafts" nullable:"false" doc:"Broadcasts that could not be launched by this bot any more, the first 100."`
	Triggered   int64        `json:"triggered" doc:"How many messages it sends as things happen: sends of them would be refused, and what waits goes on when the bot is connected again." example:"3"`
}

func viewUses(all []bot.Use) []botUseView {
	views := make([]botUseView, len(all))
	for i, u := range all {
		views[i] = botUseView{CampaignID: u.CampaignID, Name: u.Name, State: u.State}
	}
	return views
}

// botTag returns the ETag of a bot.
func botTag(b bot.Bot) string { return etag([]any{b.RatePerSecond, b.PaidBroadcast}) }

func taggedBot(b bot.Bot) *tagged[botView] { return &tagged[botView]{botTag(b), viewBot(b)} }

func (a *API) bots() {
	register(a, huma.Operation{
		OperationID: "connect-bot", Method: http.MethodPost, Path: "/bots", Tags: []string{"bots"},
		Summary: "Connect a bot",
		Description: "Checks the token with Telegram and stores the bot. A bot that is connected already gets the new token, " +
			"keeps its `appUuid` and its subscribers, and its paused campaigns go on; the answer is 200 then.",
		DefaultStatus: http.StatusCreated,
	}, a.connectBot)
	responses := a.huma.OpenAPI().Paths["/bots"].Post.Responses
	responses["200"] = &huma.Response{
		Description: "The bot was connected before; its token is replaced.",
		Content:     responses["201"].Content,
	}
	register(a, huma.Operation{
		OperationID: "list-bots", Method: http.MethodGet, Path: "/bots", Tags: []string{"bots"},
		Summary: "List bots", Description: "Oldest first. Those that were disconnected are listed by `state=disconnected` alone.",
	}, a.listBots)
	register(a, huma.Operation{
		OperationID: "get-bot", Method: http.MethodGet, Path: "/bots/{id}", Tags: []string{"bots"},
		Summary: "Get a bot",
	}, a.getBot)
	register(a, huma.Operation{
		OperationID: "update-bot", Method: http.MethodPatch, Path: "/bots/{id}", Tags: []string{"bots"},
		Summary:     "Change how fast a bot sends",
		Description: "What is left out stays. It works within a few seconds, also while the bot sends.",
	}, a.updateBot)
	register(a, huma.Operation{
		OperationID: "get-bot-uses", Method: http.MethodGet, Path: "/bots/{id}/uses", Tags: []string{"bots"},
		Summary: "See what a bot is used for", Description: "What is in the way of disconnecting it, and whom that would affect.",
	}, a.getBotUses)
	register(a, huma.Operation{
		OperationID: "disconnect-bot", Method: http.MethodDelete, Path: "/bots/{id}", Tags: []string{"bots"},
		Summary: "Disconnect a bot",
		Description: "Its token is removed at once and nothing is sent any more; what has just been handed to its sender leaves, for a few " +
			"seconds at most. No call finds it but those for its past: the integration API answers for its `app_uuid` as for an unknown " +
			"one. Subscribers, reports and names are kept: connect it again with its token, and it has all of them. While broadcasts are " +
			"scheduled, go out or are paused, it is a 409, `bot_in_use`.",
		DefaultStatus: http.StatusNoContent,
	}, func(ctx context.Context, workspaceID int64, in *ByID) (*struct{}, error) {
		return nil, a.Bots.Disconnect(ctx, workspaceID, in.ID)
	})
}

func (a *API) getBotUses(ctx context.Context, workspaceID int64, in *ByID) (*answer[botUsesView], error) {
	u, err := a.Bots.Uses(ctx, workspaceID, in.ID)
	if err != nil {
		return nil, err
	}
	return &answer[botUsesView]{botUsesView{
		Subscribers: u.Subscribers, Pending: viewUses(u.Pending), Drafts: viewUses(u.Drafts), Triggered: u.Triggered,
	}}, nil
}

func (a *API) updateBot(ctx context.Context, workspaceID int64, in *updateBotInput) (*tagged[botView], error) {
	b, err := a.Bots.UpdateLimits(ctx, workspaceID, in.ID, bot.Limits{
		RatePerSecond: in.Body.RatePerSecond, PaidBroadcast: in.Body.PaidBroadcast,
	}, func(b bot.Bot) error { return in.check(botTag(b), func() any { return viewBot(b) }) })
	if err != nil {
		return nil, err
	}
	return taggedBot(b), nil
}

func (a *API) connectBot(ctx context.Context, workspaceID int64, in *connectInput) (*connectOutput, error) {
	b, err := a.Bots.Connect(ctx, workspaceID, in.Body.Token, in.Body.APIURL)
	if err != nil {
		return nil, err
	}
	status := http.StatusOK
	if b.CreatedAt.Equal(b.UpdatedAt) {
		status = http.StatusCreated
	}
	return &connectOutput{status, botTag(b), viewBot(b)}, nil
}

func (a *API) listBots(ctx context.Context, workspaceID int64, in *listBotsInput) (*answer[page[botView]], error) {
	after, err := in.after()
	if err != nil {
		return nil, err
	}
	f := bot.Filter{Search: contact.Fold(in.Search), After: after, Limit: in.more()}
	for _, state := range in.State {
		f.States = append(f.States, bot.State(state))
	}
	bots, err := a.Bots.List(ctx, workspaceID, f)
	if err != nil {
		return nil, err
	}
	out := paged(in.Paging, bots, func(b bot.Bot) int64 { return b.ID }, viewBot)
	if in.Total {
		n, err := a.Bots.Count(ctx, workspaceID, f)
		if err != nil {
			return nil, err
		}
		out.Body.Total = &totalView{Count: n}
	}
	return out, nil
}

func (a *API) getBot(ctx context.Context, workspaceID int64, in *ByID) (*tagged[botView], error) {
	b, err := a.Bots.Get(ctx, workspaceID, in.ID)
	if err != nil {
		return nil, err
	}
	return taggedBot(b), nil
}
