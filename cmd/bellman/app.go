package main

import (
	"context"
	"log/slog"
	"net/http"
	"net/netip"
	"sync"
	"time"

	"github.com/google/uuid"

	"bellman/internal/access"
	"bellman/internal/activity"
	"bellman/internal/api"
	"bellman/internal/api/surface"
	"bellman/internal/audience"
	"bellman/internal/audit"
	"bellman/internal/bot"
	"bellman/internal/campaign"
	"bellman/internal/contact"
	"bellman/internal/dispatch"
	"bellman/internal/erasure"
	"bellman/internal/event"
	"bellman/internal/idempotency"
	"bellman/internal/imports"
	"bellman/internal/live"
	"bellman/internal/mail"
	"bellman/internal/media"
	"bellman/internal/message"
	"bellman/internal/metrics"
	"bellman/internal/order"
	"bellman/internal/outbound"
	"bellman/internal/report"
	"bellman/internal/retention"
	"bellman/internal/seal"
	"bellman/internal/store"
	"bellman/internal/subscription"
	"bellman/internal/summary"
	"bellman/internal/telegram"
	"bellman/internal/track"
	"bellman/internal/webhook"
	"bellman/internal/workspace"
	"bellman/web"
)

// app is everything wired together.
type app struct {
	role       role
	office     *mail.Office
	ring       *seal.Ring
	bots       *bot.Service
	contacts   *contact.Service
	keys       *access.Keys
	people     *access.People
	audit      *audit.Service
	workspaces *workspace.Service
	handler    http.Handler
	// ops serves the probes and the metrics where they have an address of their own.
	ops         http.Handler
	layout      *campaign.Layout
	engine      *dispatch.Engine
	triggers    *campaign.Triggers
	idempotency *idempotency.Service
	retention   *retention.Service
	erasures    *erasure.Service
	imports     *imports.Runner
	live        *live.Hub
	webhooks    *webhook.Sender
	// clicks is nil when no links are served; media keeps uploaded files.
	clicks *track.Service
	media  *media.Service
	// heard listens to the other processes.
	heard func(ctx context.Context, wake func()) error
	log   *slog.Logger
}

// settings are the values from which an app is wired.
type settings struct {
	db *store.DB
	// ring are the installation's keys.
	ring  *seal.Ring
	blobs media.Blobs
	// drafts is the folder of uploads under way.
	drafts string
	// client calls the Bot API.
	client *telegram.Client
	// public is the installation's address, empty when it is not known; spool is
	// the folder where clicks wait for the database.
	public, spool string
	rate          float64
	owner         string
	role          role
	// privateHosts lets files be fetched from private networks.
	privateHosts bool
	// limited limits callers of the integration API to the vendor's limits.
	limited bool
	// office is how people are written to; nil without a mail server.
	office *mail.Office
	// proxies are the networks of proxies that are believed; apart says that the probes
	// have an address of their own.
	proxies []netip.Prefix
	apart   bool
	// stopping is closed when the process is asked to stop.
	stopping <-chan struct{}
	log      *slog.Logger
}

func newApp(s settings) (*app, error) {
	signer := track.NewSigner(s.ring)
	uploads := media.New(s.db.Media, s.blobs, time.Now, uuid.NewString)
	uploads.DraftIn(s.drafts)
	measured := metrics.New(version)
	measured.Queues(s.db.Campaigns, time.Now, s.log)
	a := &app{
		role:        s.role,
		office:      s.office,
		ring:        s.ring,
		bots:        bot.New(s.db.Bots, s.client, s.ring, time.Now, uuid.NewString),
		contacts:    contact.New(s.db.Contacts, time.Now),
		keys:        access.NewKeys(s.db.Keys, time.Now, nil),
		audit:       audit.New(s.db.Audit, time.Now, s.log),
		people:      access.NewPeople(s.db.People, time.Now, s.ring).WithProviders(outbound.NewIssuers(time.Now)),
		workspaces:  workspace.New(s.db.Workspaces, time.Now),
		idempotency: idempotency.New(s.db.Idempotency, time.Now, s.log),
		retention:   retention.New(s.db.Retention, time.Now, s.log),
		engine:      s.engine(s.client, signer, uploads, measured),
		media:       uploads,
		heard:       s.db.Listen,
		log:         s.log,
	}
	a.erasures = erasure.New(s.db.Erasures, a.contacts, time.Now, s.log)
	a.layout = campaign.NewLayout(s.db.Campaigns, time.Now, s.log, a.engine.Wake)
	messages := message.New(s.db.Messages, uploads, time.Now).WithFields(a.contacts)
	campaigns := campaign.New(s.db.Campaigns, messages, time.Now, a.wake).AtRate(s.rate)
	if s.public == "" {
		campaigns.LinksUntracked()
	}
	a.triggers = campaign.NewTriggers(s.db.Triggers, messages, time.Now, newRequestID, a.wake)
	sent := summary.NewCache(s.db.Summaries, time.Now, s.log)
	services := surface.Services{
		Keys:        a.keys,
		People:      a.people,
		Audit:       a.audit,
		Public:      s.public,
		Mail:        s.office,
		Idempotency: a.idempotency,
		Workspaces:  a.workspaces,
		Bots:        a.bots,
		Contacts:    a.contacts,
		Erasures:    a.erasures,
		Exports:     erasure.NewExporter(s.db.Erasures),
		Messages:    messages,
		Media:       uploads,
		Groups:      audience.New(s.db.Groups, time.Now),
		Events:      event.New(s.db.Events, time.Now),
		Activity:    activity.New(s.db.Activity, sent),
		Reports:     report.New(s.db.Reports),
		Campaigns:   campaigns,
		Triggers:    a.triggers,
		Stopping:    s.stopping,
		Limited:     s.limited,
		Version:     version,
		Now:         time.Now,
		Log:         s.log,
	}
	services.Imports = imports.New(imports.Config{
		Store: s.db.Imports, Workspaces: services.Workspaces, Contacts: a.contacts, Groups: services.Groups, Events: services.Events,
		Files: outbound.NewFetcher(s.reachable()), Now: time.Now, NewID: uuid.NewString,
	})
	a.live = live.New(live.Config{Store: s.db.Live, Campaigns: campaigns, Now: time.Now, NewID: newRequestID, Log: s.log})
	services.Live = a.live
	services.Subscriptions = subscription.New(services.Contacts, services.Groups, services.Events)
	services.Orders = order.New(services.Contacts, services.Events, time.Now)
	calls := outbound.NewCaller()
	services.Webhooks = webhook.New(s.db.Webhooks, calls, s.ring, time.Now, nil)
	a.webhooks = webhook.NewSender(s.db.Webhooks, sent, calls, s.ring, s.owner, time.Now, s.log)
	a.imports = imports.NewRunner(services.Imports, s.owner, s.log)
	config := api.Config{
		NewRequestID: newRequestID, Proxies: s.proxies, Ready: a.ready(s.db), Metrics: measured.Handler(s.log), Answered: measured.Answered,
	}
	config.Services, config.Screens = services, web.Files()
	inside := config
	inside.Inside = true
	a.ops = api.Probes(inside, "this address is for probes, metrics and profiles; the APIs are at --listen")
	config.Unprobed = s.apart
	if !s.role.serves() {
		a.handler = api.Probes(config, "this process only sends; the APIs are served by the processes whose role is api or all")
		return a, nil
	}
	var err error
	a.clicks, err = track.New(track.Config{
		Store: s.db.Clicks, Campaigns: sent, Signer: signer, Spool: s.spool, NewID: newRequestID, Now: time.Now,
		Observe: measured.Clicks(), Log: s.log,
	})
	if err != nil {
		return nil, err
	}
	services.Clicks = a.clicks
	config.Services, config.Screens = services, web.Files()
	a.handler, err = api.Handler(config)
	return a, err
}

// reachable returns which hosts files are fetched from.
func (s settings) reachable() func(netip.Addr) bool {
	if s.privateHosts {
		return outbound.PublicOrPrivate
	}
	return outbound.Public
}

// engine returns the engine that sends, and adds its measures when this process
// sends.
func (s settings) engine(
	client *telegram.Client, signer *track.Signer, uploads *media.Service, measured *metrics.Metrics,
) *dispatch.Engine {
	c := dispatch.Config{
		Store: s.db.Ledgers, Transport: client, Unseal: s.ring.Unseal, Files: files{media.NewSent(s.db.SentFiles, time.Now), uploads},
		Owner: s.owner, Rate: s.rate, Now: time.Now, Log: s.log,
	}
	if s.public != "" {
		c.Links = links{signer, s.public}
	}
	if !s.role.sends() {
		return dispatch.New(c)
	}
	c.Observe = measured.Calls()
	e := dispatch.New(c)
	measured.Bots(s.owner, e.Status)
	return e
}

// ready returns a report of whether the database takes writes and, when this process
// sends, those of the engine.
func (a *app) ready(db *store.DB) func(context.Context) error {
	return func(ctx context.Context) error {
		if err := db.Ready(ctx); err != nil || !a.role.sends() {
			return err
		}
		return a.engine.Ready()
	}
}

// newRequestID returns an id that grows with time, so that new rows are next to
// each other in their index.
func newRequestID() string { return uuid.Must(uuid.NewV7()).String() }

// warm reads the links that are likely to be followed, before the first request.
func (a *app) warm(ctx context.Context) {
	if a.clicks == nil {
		return
	}
	if err := a.clicks.Warm(ctx); err != nil && ctx.Err() == nil {
		a.log.WarnContext(ctx, "the links of earlier campaigns are read as they are followed", "error", err)
	}
}

// count records clicks until the context ends, which must be after the last
// redirect. Clicks that are in memory by then are stored.
func (a *app) count(ctx context.Context) error {
	if a.clicks == nil {
		<-ctx.Done()
		return nil
	}
	return a.clicks.Run(ctx)
}

// run lays out and sends until the context ends and the messages on the wire are
// settled. When the role does neither, it only waits for the context.
func (a *app) run(ctx context.Context) {
	if !a.role.sends() {
		<-ctx.Done()
		return
	}
	var running sync.WaitGroup
	running.Go(func() { a.layout.Run(ctx) })
	running.Go(func() { a.triggers.Run(ctx, a.log) })
	running.Go(func() { a.idempotency.Run(ctx) })
	running.Go(func() { a.retention.Run(ctx) })
	running.Go(func() { a.erasures.Run(ctx) })
	running.Go(func() { a.listen(ctx) })
	running.Go(func() { a.media.Run(ctx, a.log) })
	running.Go(func() { a.imports.Run(ctx) })
	running.Go(func() { a.webhooks.Run(ctx) })
	a.engine.Run(ctx)
	running.Wait()
}
