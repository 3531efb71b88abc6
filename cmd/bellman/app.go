package main

import (
	"context"
	"log/slog"
	"net/http"
	"time"

	"github.com/google/uuid"

	"bellman/internal/access"
	"bellman/internal/api"
	"bellman/internal/bot"
	"bellman/internal/campaign"
	"bellman/internal/contact"
	"bellman/internal/dispatch"
	"bellman/internal/message"
	"bellman/internal/store"
	"bellman/internal/telegram"
)

// app is everything wired together.
type app struct {
	bots     *bot.Service
	contacts *contact.Service
	access   *access.Service
	handler  http.Handler
	layout   *campaign.Layout
	engine   *dispatch.Engine
}

// settings are what an app is wired from.
type settings struct {
	store       *store.Store
	seal        *bot.Sealer
	telegramURL string
	rate        float64
	owner       string
	log         *slog.Logger
}

func newApp(s settings) (*app, error) {
	client, err := telegram.NewClient(s.telegramURL)
	if err != nil {
		return nil, err
	}
	a := &app{
		bots:     bot.New(s.store, client, s.seal, time.Now, uuid.NewString),
		contacts: contact.New(s.store, time.Now),
		access:   access.New(s.store, time.Now, nil),
		engine: dispatch.New(dispatch.Config{
			Store: s.store, Transport: client, Unseal: s.seal.Unseal, Compose: compose,
			Owner: s.owner, Rate: s.rate, Now: time.Now, Log: s.log,
		}),
	}
	a.layout = campaign.NewLayout(s.store, time.Now, s.log, a.engine.Wake)
	messages := message.New(s.store, time.Now)
	a.handler, err = api.Handler(api.Config{
		Access:   a.access,
		Bots:     a.bots,
		Contacts: a.contacts,
		Messages: messages,
		Campaigns: campaign.New(s.store, messages, time.Now, func() {
			a.layout.Wake()
			a.engine.Wake()
		}),
		Ready: s.store.Ping,
		Log:   s.log,
	})
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

// run lays out and sends until the context ends and what was on the wire is
// settled.
func (a *app) run(ctx context.Context) {
	done := make(chan struct{})
	go func() {
		defer close(done)
		a.layout.Run(ctx)
	}()
	a.engine.Run(ctx)
	<-done
}
