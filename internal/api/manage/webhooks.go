package manage

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"bellman/internal/outcome"
	"bellman/internal/webhook"
)

type webhookView struct {
	ID              int64              `json:"id" example:"1"`
	Name            string             `json:"name" example:"Warehouse"`
	URL             string             `json:"url" example:"https://shop.example/bellman"`
	Login           string             `json:"login,omitempty" doc:"For Basic authentication. The password is kept encrypted and never shown." example:"bellman"`
	Signed          bool               `json:"signed" doc:"Whether it has a secret, with which what is posted is signed."`
	Statuses        []outcome.Activity `json:"statuses" nullable:"false" doc:"What it is told." example:"[\"DELIVERED\",\"CLICKED\"]"`
	State           string             `json:"state" enum:"active,paused" doc:"Nothing is posted to a paused one; what happens is recorded, and posted when it is active again."`
	StateReason     string             `json:"stateReason,omitempty" doc:"Why it is paused: by_hand, gone, secret_unreadable or restored." example:"by_hand"`
	Attempts        int                `json:"attempts" doc:"How many attempts have failed in a row." example:"0"`
	LastError       string             `json:"lastError,omitempty" doc:"Why the last attempt failed; absent once one has succeeded." example:"it answered 503 Service Unavailable"`
	LastErrorAt     *instant           `json:"lastErrorAt,omitempty"`
	NextAttemptAt   *instant           `json:"nextAttemptAt,omitempty" doc:"When the next attempt is due; absent when the last one has succeeded."`
	LastDeliveredAt *instant           `json:"lastDeliveredAt,omitempty" doc:"When it took activities last."`
	Waiting         int                `json:"waiting" doc:"How many activities are still to be posted; 100000 stands for that many or more." example:"0"`
	MissedSince     *instant           `json:"missedSince,omitempty" doc:"A million activities wait: those since then are found again, and posted, when these are."`
	WaitingSince    *instant           `json:"waitingSince,omitempty" doc:"When the oldest of them happened."`
	CreatedAt       instant            `json:"createdAt"`
	UpdatedAt       instant            `json:"updatedAt"`
}

func viewWebhook(w webhook.Webhook, b webhook.Backlog) webhookView {
	return webhookView{
		ID: w.ID, Name: w.Name, URL: w.URL, Login: w.Login, Signed: len(w.SealedSecrets) > 0, Statuses: w.Statuses,
		State: string(w.State), StateReason: string(w.StateReason),
		Attempts: w.Attempts, LastError: w.LastError, LastErrorAt: moment(w.FailedAt), NextAttemptAt: moment(w.NextAttemptAt),
		LastDeliveredAt: moment(w.DeliveredAt), MissedSince: moment(w.MissedSince),
		Waiting: b.Waiting, WaitingSince: moment(b.Since), CreatedAt: utc(w.CreatedAt), UpdatedAt: utc(w.UpdatedAt),
	}
}

type createWebhookInput struct {
	Body struct {
		Name     string             `json:"name" doc:"1 to 200 characters." example:"Warehouse"`
		URL      string             `json:"url" doc:"An http or https address of up to 2048 bytes, which may be inside your network. It has to answer a GET." example:"https://shop.example/bellman"`
		Login    string             `json:"login,omitempty" doc:"For Basic authentication." example:"bellman"`
		Password string             `json:"password,omitempty" doc:"Kept encrypted and never shown again." example:"wonderland"`
		Statuses []outcome.Activity `json:"statuses,omitempty" nullable:"false" maxItems:"10" doc:"Of DELIVERED, UNDELIVERED, SENT, CLICKED and UNSUBSCRIBED; all without it." example:"[\"DELIVERED\",\"CLICKED\"]"`
		State    webhook.State      `json:"state,omitempty" enum:"active,paused" doc:"active without it."`
	}
}

type updateWebhookInput struct {
	ByID
	Body struct {
		Name     *string            `json:"name,omitempty" doc:"1 to 200 characters." example:"Warehouse"`
		URL      *string            `json:"url,omitempty" doc:"It has to answer a GET." example:"https://shop.example/bellman"`
		Login    *string            `json:"login,omitempty" doc:"An empty one switches Basic authentication off." example:"bellman"`
		Password *string            `json:"password,omitempty" doc:"Needed anew when url moves to another server." example:"wonderland"`
		Statuses []outcome.Activity `json:"statuses,omitempty" nullable:"false" maxItems:"10" doc:"All that it is to be told." example:"[\"DELIVERED\",\"CLICKED\"]"`
		State    *webhook.State     `json:"state,omitempty" enum:"active,paused" doc:"A paused one is not posted to until it is made active."`
	}
}

type probeView struct {
	OK    bool   `json:"ok" doc:"Whether the address answered with a status from 200 to 299."`
	Error string `json:"error,omitempty" doc:"What it did instead." example:"it answered 404 Not Found"`
}

type webhookSecretView struct {
	Secret string `json:"secret" doc:"Shown this once. Signatures are checked with it as Standard Webhooks says." example:"whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oDd54h5mfmcRc="`
}

type webhookAttemptView struct {
	ID         int64   `json:"id" doc:"Grows with each attempt." example:"17"`
	MessageID  string  `json:"messageId" doc:"The header webhook-id: the same when the same activities were posted again." example:"msg_p5jXN8AQM9LWM0D4loKWxJek"`
	At         instant `json:"at"`
	DurationMs int64   `json:"durationMs" doc:"How long it took, in milliseconds." example:"48"`
	Activities int     `json:"activities" doc:"How many were in the array." example:"312"`
	OK         bool    `json:"ok" doc:"Whether they were taken."`
	Status     int     `json:"status,omitempty" doc:"The status of the answer; absent when there was none." example:"200"`
	Error      string  `json:"error,omitempty" doc:"Why they were not taken." example:"it answered 503 Service Unavailable"`
}

func viewWebhookAttempt(a webhook.Attempt) webhookAttemptView {
	return webhookAttemptView{
		ID: a.ID, MessageID: a.MessageID, At: utc(a.At), DurationMs: a.Took.Milliseconds(), Activities: a.Activities,
		OK: a.Error == "", Status: a.Status, Error: a.Error,
	}
}

type replayWebhookInput struct {
	ByID
	Body struct {
		Attempt int64      `json:"attempt,omitempty" minimum:"0" doc:"The id of an attempt whose activities were taken." example:"17"`
		Since   *time.Time `json:"since,omitempty" doc:"In place of attempt: everything that has happened since then." example:"2026-05-31T00:00:00Z"`
		Until   *time.Time `json:"until,omitempty" doc:"Up to when; now without it." example:"2026-06-01T00:00:00Z"`
	}
}

type attemptsInput struct {
	ByID
	Paging
}

func (a *API) webhooks() {
	register(a, huma.Operation{
		OperationID: "create-webhook", Method: http.MethodPost, Path: "/webhooks", Tags: []string{"webhooks"},
		Summary: "Set up a webhook",
		Description: "What becomes of messages is posted to the address, " +
			"as JSON arrays of up to 1000 activities in their order, in the form of eSputnik's export. " +
			"Anything but a 200 within 10 seconds is tried again after 1, 2, 4 minutes and so on, up to hourly, " +
			"until it is taken; newer activities wait. " +
			"Nothing is lost, but an array may come twice: `activityId` tells.",
		DefaultStatus: http.StatusCreated,
	}, a.createWebhook)
	register(a, huma.Operation{
		OperationID: "list-webhooks", Method: http.MethodGet, Path: "/webhooks", Tags: []string{"webhooks"},
		Summary: "List webhooks", Description: "Oldest first.",
	}, a.listWebhooks)
	register(a, huma.Operation{
		OperationID: "get-webhook", Method: http.MethodGet, Path: "/webhooks/{id}", Tags: []string{"webhooks"},
		Summary: "Get a webhook",
	}, a.getWebhook)
	register(a, huma.Operation{
		OperationID: "update-webhook", Method: http.MethodPatch, Path: "/webhooks/{id}", Tags: []string{"webhooks"},
		Summary:     "Change a webhook",
		Description: "What is left out stays. With a new address or login, or made active again, what waits is tried at once.",
	}, a.updateWebhook)
	register(a, huma.Operation{
		OperationID: "delete-webhook", Method: http.MethodDelete, Path: "/webhooks/{id}", Tags: []string{"webhooks"},
		Summary: "Delete a webhook", Description: "What waits for it goes too.", DefaultStatus: http.StatusNoContent,
	}, func(ctx context.Context, workspaceID int64, in *ByID) (*struct{}, error) {
		return nil, a.Webhooks.Delete(ctx, workspaceID, in.ID)
	})
	register(a, huma.Operation{
		OperationID: "probe-webhook", Method: http.MethodPost, Path: "/webhooks/{id}/probe", Tags: []string{"webhooks"},
		Summary: "Try a webhook's address", Description: "Asks it with GET. When it answers, what waits is tried at once.",
	}, a.probeWebhook)
}

func (a *API) webhookLog() {
	register(a, huma.Operation{
		OperationID: "rotate-webhook-secret", Method: http.MethodPost, Path: "/webhooks/{id}/secret", Tags: []string{"webhooks"},
		Summary: "Give a webhook a new secret",
		Description: "From then on everything that is posted is signed, with the headers of Standard Webhooks: " +
			"`webhook-id`, `webhook-timestamp` and `webhook-signature`. The secrets before it sign too for 24 hours.",
	}, func(ctx context.Context, workspaceID int64, in *ByID) (*answer[webhookSecretView], error) {
		secret, _, err := a.Webhooks.Rotate(ctx, workspaceID, in.ID)
		return &answer[webhookSecretView]{webhookSecretView{secret}}, err
	})
	register(a, huma.Operation{
		OperationID: "replay-webhook", Method: http.MethodPost, Path: "/webhooks/{id}/replay", Tags: []string{"webhooks"},
		Summary: "Post activities once more",
		Description: "Those of one attempt, or those of a time, after what waits. They have the same `activityId` as before. " +
			"Those of a time come by campaign and recipient, and are of the statuses that the webhook is told now.",
		DefaultStatus: http.StatusAccepted,
	}, a.replayWebhook)
	register(a, huma.Operation{
		OperationID: "list-webhook-attempts", Method: http.MethodGet, Path: "/webhooks/{id}/attempts", Tags: []string{"webhooks"},
		Summary: "List the last attempts", Description: "Newest first. The last 100 are kept.",
	}, func(ctx context.Context, workspaceID int64, in *attemptsInput) (*answer[page[webhookAttemptView]], error) {
		before, err := in.before()
		if err != nil {
			return nil, err
		}
		attempts, err := a.Webhooks.Attempts(ctx, workspaceID, in.ID, before, in.more())
		if err != nil {
			return nil, err
		}
		return paged(in.Paging, attempts, func(a webhook.Attempt) int64 { return a.ID }, viewWebhookAttempt), nil
	})
}

func (a *API) replayWebhook(ctx context.Context, workspaceID int64, in *replayWebhookInput) (*answer[webhookView], error) {
	r := webhook.Replay{Attempt: in.Body.Attempt}
	if in.Body.Since != nil {
		r.Since = *in.Body.Since
	}
	if in.Body.Until != nil {
		r.Until = *in.Body.Until
	}
	if err := a.Webhooks.Replay(ctx, workspaceID, in.ID, r); err != nil {
		return nil, err
	}
	return a.getWebhook(ctx, workspaceID, &in.ByID)
}

func (a *API) createWebhook(ctx context.Context, workspaceID int64, in *createWebhookInput) (*answer[webhookView], error) {
	w, err := a.Webhooks.Create(ctx, workspaceID, webhook.Draft{
		Name: in.Body.Name, URL: in.Body.URL, Login: in.Body.Login, Password: in.Body.Password,
		Statuses: in.Body.Statuses, State: in.Body.State,
	})
	if err != nil {
		return nil, err
	}
	return &answer[webhookView]{viewWebhook(w, webhook.Backlog{})}, nil
}

func (a *API) listWebhooks(ctx context.Context, workspaceID int64, in *Paging) (*answer[page[webhookView]], error) {
	after, err := in.after()
	if err != nil {
		return nil, err
	}
	all, err := a.Webhooks.List(ctx, workspaceID, after, in.more())
	if err != nil {
		return nil, err
	}
	views := make([]webhookView, len(all))
	for i, w := range all {
		b, err := a.Webhooks.Backlog(ctx, w)
		if err != nil {
			return nil, err
		}
		views[i] = viewWebhook(w, b)
	}
	return paged(*in, views, func(v webhookView) int64 { return v.ID }, func(v webhookView) webhookView { return v }), nil
}

func (a *API) getWebhook(ctx context.Context, workspaceID int64, in *ByID) (*answer[webhookView], error) {
	w, backlog, err := a.Webhooks.Get(ctx, workspaceID, in.ID)
	if err != nil {
		return nil, err
	}
	return &answer[webhookView]{viewWebhook(w, backlog)}, nil
}

func (a *API) updateWebhook(ctx context.Context, workspaceID int64, in *updateWebhookInput) (*answer[webhookView], error) {
	w, err := a.Webhooks.Update(ctx, workspaceID, in.ID, webhook.Change{
		Name: in.Body.Name, URL: in.Body.URL, Login: in.Body.Login, Password: in.Body.Password,
		Statuses: in.Body.Statuses, State: in.Body.State,
	})
	if err != nil {
		return nil, err
	}
	b, err := a.Webhooks.Backlog(ctx, w)
	if err != nil {
		return nil, err
	}
	return &answer[webhookView]{viewWebhook(w, b)}, nil
}

func (a *API) probeWebhook(ctx context.Context, workspaceID int64, in *ByID) (*answer[probeView], error) {
	refused, err := a.Webhooks.Probe(ctx, workspaceID, in.ID)
	if err != nil {
		return nil, err
	}
	if refused != nil {
		return &answer[probeView]{probeView{Error: refused.Error()}}, nil
	}
	return &answer[probeView]{probeView{OK: true}}, nil
}
