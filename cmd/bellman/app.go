package main

import (
	"context"
	"log/slog"
	"net/http"
	"sync"
	"time"

	"github.com/google/uuid"

	"bellman/internal/access"
	"bellman/internal/api"
	"bellman/internal/bot"
	"bellman/internal/campaign"
	"bellman/internal/contact"
	"bellman/internal/dispatch"
	"bellman/internal/message"
	"bellman/internal/metrics"
	"bellman/internal/store"
	"bellman/internal/telegram"
)

// app is everything wired together.
type app struct {
	role     role
	bots     *bot.Service
	contacts *contact.Service
	access   *access.Service
	handler  http.Handler
	layout   *campaign.Layout
	engine   *dispatch.Engine
	triggers *campaign.Triggers
	// heard listens to the other processes.
	heard func(ctx context.Context, wake func()) error
	log   *slog.Logger
}

// settings are what an app is wired from.
type settings struct {
	store       *store.Store
	seal        *bot.Sealer
	telegramURL string
	rate        float64
	owner       string
	role        role
	// stopping is closed when the process is told to stop.
	stopping <-chan struct{}
	log      *slog.Logger
}

func newApp(s settings) (*app, error) {
	client, err := telegram.NewClient(s.telegramURL)
	if err != nil {
		return nil, err
	}
	measured := metrics.New(version)
	measured.Queues(s.store, time.Now, s.log)
	engine := dispatch.Config{
		Store: s.store, Transport: client, Unseal: s.seal.Unseal, Compose: compose,
		Owner: s.owner, Rate: s.rate, Now: time.Now, Log: s.log,
	}
	if s.role.sends() {
		engine.Observe = measured.Calls()
	}
	a := &app{
		role:     s.role,
		bots:     bot.New(s.store, client, s.seal, time.Now, uuid.NewString),
		contacts: contact.New(s.store, time.Now),
		access:   access.New(s.store, time.Now, nil),
		engine:   dispatch.New(engine),
		heard:    s.store.Listen,
		log:      s.log,
	}
	if s.role.sends() {
		measured.Bots(s.owner, a.engine.Status)
	}
	a.layout = campaign.NewLayout(s.store, time.Now, s.log, a.engine.Wake)
	messages := message.New(s.store, time.Now)
	a.triggers = campaign.NewTriggers(s.store, messages, time.Now, newRequestID, a.wake)
	config := api.Config{
		Access:    a.access,
		Bots:      a.bots,
		Contacts:  a.contacts,
		Messages:  messages,
		Campaigns: campaign.New(s.store, messages, time.Now, a.wake),
		Triggers:  a.triggers,
		Ready:     s.store.Ping,
		Metrics:   measured.Handler(s.log),
		Answered:  measured.Answered,
		Stopping:  s.stopping,
		Log:       s.log,
	}
	if !s.role.serves() {
		a.handler = api.Probes(config)
		return a, nil
	}
	a.handler, err = api.Handler(config)
	return a, err
}

// compose prepares a campaign's stored content for sending.
func compose(stored string) (dispatch.Composer, error) {
	content, err := message.Decode(stored)
	if err != nil {
		return nil, err
	}
	return message.Compile(content)
}

// newRequestID returns an id that grows with time, so that new rows lie side by
// side in their index.
func newRequestID() string { return uuid.Must(uuid.NewV7()).String() }

// run lays out and sends until the context ends and what was on the wire is
// settled. Where the role is to do neither, it waits for the context.
func (a *app) run(ctx context.Context) {
	if !a.role.sends() {
		<-ctx.Done()
		return
	}
	var running sync.WaitGroup
	running.Go(func() { a.layout.Run(ctx) })
	running.Go(func() { a.triggers.Run(ctx, a.log) })
	running.Go(func() { a.listen(ctx) })
	a.engine.Run(ctx)
	running.Wait()
}
