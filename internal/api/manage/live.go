package manage

import (
	"context"
	"net/http"
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"bellman/internal/access"
	"bellman/internal/live"
)

// The events of the stream.
const (
	readyEvent  = "ready"
	changeEvent = "change"
	resetEvent  = "reset"
)

type watchInput struct {
	LastEventID string `header:"Last-Event-ID" maxLength:"200" doc:"The id of the last event that was received, which browsers send when they connect again: the stream goes on behind it, or says reset."`
}

// liveChangesView is the data of an event of the stream.
type liveChangesView struct {
	Changes []liveChangeView `json:"changes" nullable:"false"`
}

type liveChangeView struct {
	Type     string                `json:"type" enum:"campaign,message,contact,group,bot,import,stats,webhook"`
	ID       string                `json:"id,omitempty" doc:"The id, as a text. Without it, some have changed, come or gone: fetch the lists that are shown anew." example:"17"`
	Progress *campaignProgressView `json:"progress,omitempty" doc:"How far a campaign is that is scheduled or goes out. Of others, fetch the campaign."`
}

func (a *API) live() {
	data := a.huma.OpenAPI().Components.Schemas.Schema(reflect.TypeFor[liveChangesView](), true, "LiveChanges")
	register(a, huma.Operation{
		OperationID: "watch", Method: http.MethodGet, Path: "/live", Tags: []string{"live"},
		Summary: "Watch the workspace",
		Description: "Server-sent events that say what to fetch anew, for one connection of each open page. `ready` comes first: what is " +
			"fetched after it is up to date, and every later change is told. `change` has what changed, whoever did it and in whichever " +
			"process, at most twice a second; it may tell of a change that is none. `reset` says that it is not known what has changed " +
			"since the connection was lost, or because the reader was slow: fetch everything that is shown. Only what the caller may see " +
			"is told. A comment comes every 15 seconds; the stream ends when its caller may not see the workspace any more. At most " +
			"4000 streams are open in a process; beyond that the answer is 503, `streams_too_many`.",
		Responses: map[string]*huma.Response{"200": {
			Description: "A stream of events. The data of `change` is LiveChanges (" + data.Ref + "); that of the others is {}.",
			Content: map[string]*huma.MediaType{"text/event-stream": {
				Schema: &huma.Schema{Type: huma.TypeString},
			}},
		}},
	}, a.watch)
}

func (a *API) watch(ctx context.Context, workspaceID int64, in *watchInput) (*huma.StreamResponse, error) {
	caller, err := access.From(ctx)
	if err != nil {
		return nil, err
	}
	reader, err := a.Live.Join(workspaceID, in.LastEventID)
	if err != nil {
		return nil, err
	}
	return a.streamed(ctx, reader.Leave, func(r *http.Request, s stream) error {
		return a.tell(r, s, caller, reader, in.LastEventID != "")
	}), nil
}

// tell writes what changes until the caller may not see it any more, or the server stops.
func (a *API) tell(r *http.Request, s stream, caller access.Caller, reader *live.Reader, again bool) error {
	ctx := r.Context()
	heartbeat := time.NewTicker(heartbeatEvery)
	defer heartbeat.Stop()
	b, more := reader.Take()
	if !again {
		if err := s.placed(b.Place, readyEvent, struct{}{}); err != nil {
			return err
		}
	}
	for {
		if err := s.batch(b, caller); err != nil {
			return err
		}
		select {
		case <-more:
		case <-heartbeat.C:
			now, ended, err := a.beat(r, s)
			if ended || err != nil {
				return err
			}
			caller = now
		case <-a.Stopping:
			return nil
		case <-ctx.Done():
			return nil
		}
		b, more = reader.Take()
	}
}

// seeing is what a caller needs to be told of a kind.
var seeing = map[live.Kind]access.Right{
	live.Campaign: access.SeeSent, live.Message: access.SeeSent, live.Contact: access.SeeContacts, live.Group: access.See,
	live.Bot: access.See, live.Import: access.EditContacts, live.Stats: access.SeeSent, live.Webhook: access.Configure,
}

// batch writes what the caller may see of a batch, if there is anything.
func (s stream) batch(b live.Batch, caller access.Caller) error {
	if b.Lost {
		return s.placed(b.Place, resetEvent, struct{}{})
	}
	v := liveChangesView{}
	for _, e := range b.Events {
		if !caller.Can(seeing[e.Kind]) {
			continue
		}
		c := liveChangeView{Type: string(e.Kind), ID: e.ID}
		if e.Campaign != nil {
			p := viewCampaignProgress(*e.Campaign)
			c.Progress = &p
		}
		v.Changes = append(v.Changes, c)
	}
	if len(v.Changes) == 0 {
		return nil
	}
	return s.placed(b.Place, changeEvent, v)
}

// touching is what operations change, by the first part of their paths: the kind of the thing
// that an address names, and others.
var touching = map[string][]live.Kind{
	"campaigns": {live.Campaign}, "messages": {live.Message}, "contacts": {live.Contact, live.Group}, "groups": {live.Group, live.Contact},
	"bots": {live.Bot, live.Contact}, "imports": {live.Import}, "webhooks": {live.Webhook}, "fields": {live.Contact}, "events": {live.Contact},
	"past-events": {live.Contact},
}

// touches returns what a request for the operation may change.
func (n needed) touches(r *http.Request) (changes []live.Change) {
	if r.Method == http.MethodGet || r.Method == http.MethodHead || n.quiet == asks {
		return nil
	}
	pattern := strings.Split(strings.TrimPrefix(n.path, "/"), "/")
	for i, kind := range touching[pattern[0]] {
		c := live.Change{Kind: kind}
		if sent := strings.Split(strings.TrimPrefix(r.URL.Path, Prefix+"/"), "/"); i == 0 && len(pattern) > 1 && pattern[1] == "{id}" {
			c.ID = sent[1]
		}
		changes = append(changes, c)
	}
	if len(pattern) > 2 && slices.Contains([]string{"send", "test", "resend", "edit", "delete"}, pattern[2]) {
		// It has made a campaign, or one has more recipients.
		changes = append(changes, live.Change{Kind: live.Campaign})
	}
	return changes
}

type wellKey struct{}

// marked serves a request, and tells the screens when it went well.
func (a *API) marked(w http.ResponseWriter, r *http.Request, touched []live.Change) {
	well := false
	r = r.WithContext(context.WithValue(r.Context(), wellKey{}, &well))
	a.routes.ServeHTTP(w, r)
	if c, err := access.From(r.Context()); well && err == nil {
		a.Live.Mark(c.WorkspaceID, touched...)
	}
}

// wentWell notes that what a request asked for was done.
func wentWell(ctx context.Context) {
	if well, ok := ctx.Value(wellKey{}).(*bool); ok {
		*well = true
	}
}
