package manage

import (
	"context"
	"net/http"
	"reflect"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"bellman/internal/api/problem"
	"bellman/internal/campaign"
)

type progressView struct {
	Percent       float64  `json:"percent" doc:"The share of the recipients laid out so far that are settled, rounded down to a tenth. It can fall while more are being laid out." minimum:"0" maximum:"100" example:"42.5"`
	RatePerSecond float64  `json:"ratePerSecond" doc:"How many recipients a second were settled in the last seconds; 0 when nothing goes out." minimum:"0" example:"29.7"`
	EtaSeconds    int64    `json:"etaSeconds,omitempty" doc:"How long the rest takes at this rate; absent while that cannot be told." example:"1936"`
	WaitsUntil    *instant `json:"waitsUntil,omitempty" doc:"Nothing leaves until then: Telegram asked the bot to wait, or gives no usable answer. Sending goes on by itself."`
	WaitsFor      string   `json:"waitsFor,omitempty" doc:"too_many_requests, or why there is no usable answer: unreachable, answer_lost, telegram_error or not_telegram." example:"too_many_requests"`
}

// campaignProgressView is the data of an event.
type campaignProgressView struct {
	State       string       `json:"state" enum:"draft,scheduled,launching,sending,paused,finished,cancelled"`
	StateReason string       `json:"stateReason,omitempty" doc:"Why Bellman paused the campaign by itself."`
	StateDetail string       `json:"stateDetail,omitempty" doc:"The same in Telegram's words."`
	Counts      countsView   `json:"counts"`
	Progress    progressView `json:"progress"`
}

func viewProgress(p campaign.Progress) progressView {
	return progressView{
		Percent: p.Percent, RatePerSecond: p.RatePerSecond, EtaSeconds: int64(p.Left / time.Second),
		WaitsUntil: moment(p.WaitsUntil), WaitsFor: string(p.WaitsFor),
	}
}

// progressEvent is the name of the stream's events.
const progressEvent = "progress"

func (a *API) progress() {
	data := a.huma.OpenAPI().Components.Schemas.Schema(reflect.TypeFor[campaignProgressView](), true, "CampaignProgress")
	register(a, huma.Operation{
		OperationID: "watch-campaign", Method: http.MethodGet, Path: "/campaigns/{id}/progress", Tags: []string{"campaigns"},
		Summary: "Watch a campaign",
		Description: "Server-sent events: an event `progress` at once, and again when something has changed, at most two a second; " +
			"a comment every 15 seconds. After the event of a campaign that is `finished` or `cancelled` the stream ends: " +
			"close an EventSource then, or it connects again. It ends, too, when its caller may not see the campaign any more.",
		Responses: map[string]*huma.Response{"200": {
			Description: "A stream of events. The data of each is a CampaignProgress (" + data.Ref + ").",
			Content: map[string]*huma.MediaType{"text/event-stream": {
				Schema: &huma.Schema{Type: huma.TypeString},
			}},
		}},
	}, a.watchCampaign)
}

func (a *API) watchCampaign(ctx context.Context, workspaceID int64, in *ByID) (*huma.StreamResponse, error) {
	updates, err := a.Campaigns.Watch(ctx, workspaceID, in.ID)
	if err != nil {
		return nil, err
	}
	return a.streamed(ctx, func() {}, func(r *http.Request, s stream) error { return a.follow(r, s, updates) }), nil
}

// follow writes the updates until there are no more, the caller may not see them any more,
// or the server stops.
func (a *API) follow(r *http.Request, s stream, updates <-chan campaign.Update) error {
	ctx := r.Context()
	heartbeat := time.NewTicker(heartbeatEvery)
	defer heartbeat.Stop()
	for {
		select {
		case u, more := <-updates:
			if !more {
				return nil
			}
			if u.Err != nil {
				// The answer has begun, so the problem goes to the log. The client
				// connects again, and gets the problem then.
				_ = problem.Report(ctx, a.Log, u.Err)
				return nil
			}
			if err := s.event(progressEvent, viewCampaignProgress(u.Report)); err != nil {
				return err
			}
		case <-heartbeat.C:
			if _, ended, err := a.beat(r, s); ended || err != nil {
				return err
			}
		case <-a.Stopping:
			return nil
		case <-ctx.Done():
			return nil
		}
	}
}

func viewCampaignProgress(r campaign.Report) campaignProgressView {
	v := viewCampaign(r)
	return campaignProgressView{State: v.State, StateReason: v.StateReason, StateDetail: v.StateDetail, Counts: v.Counts, Progress: v.Progress}
}
