package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"os"

	"bellman/internal/bot"
	"bellman/internal/contact"
	"bellman/internal/sandbox"
	"bellman/internal/workspace"
)

type sandboxCommand struct {
	Listen    string `help:"The address to serve on." default:"127.0.0.1:8081" env:"BELLMAN_SANDBOX_LISTEN" placeholder:"ADDR"`
	Unlimited bool   `help:"Lift every rate limit, to measure how fast a sender is, and keep totals only."`
	KnownOnly bool   `help:"Know only the people that are registered, as Telegram does: all others are 'chat not found'."`
	Weather   bool   `help:"Have now and then a message asked to wait, refused by a gateway, or its answer lost, as on an ordinary day at Telegram."`
	Seed      uint64 `help:"Of the weather: the same seed gives the same faults." default:"1" placeholder:"N"`
	Journal   string `help:"Append a line of JSON for each accepted message to this file." type:"path" placeholder:"FILE"`
}

// Run serves the sandbox until it is asked to stop.
func (c *sandboxCommand) Run() (err error) {
	ctx, stop := untilStopped()
	defer stop()
	listener, err := net.Listen("tcp", c.Listen)
	if err != nil {
		return fmt.Errorf("listen on %s: %w", c.Listen, err)
	}
	options := sandbox.Options{KnownOnly: c.KnownOnly}
	if c.Unlimited {
		options.Rates, options.Keep = sandbox.Lifted(), sandbox.KeepTotals
	}
	if c.Journal != "" {
		journal, err := os.OpenFile(c.Journal, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
		if err != nil {
			return fmt.Errorf("open the journal: %w", err)
		}
		defer func() { err = errors.Join(err, journal.Close()) }()
		options.Log = journal
	}
	server := sandbox.New(options)
	if c.Weather {
		if err := setWeather(server, c.Seed); err != nil {
			return errors.Join(err, listener.Close())
		}
	}
	context.AfterFunc(ctx, func() { _ = server.Close() })
	fmt.Fprintf(os.Stderr, "bellman: the sandbox serves http://%s; how to script it: http://%s/sandbox\n", listener.Addr(), listener.Addr())
	return server.Serve(listener)
}

func setWeather(server *sandbox.Sandbox, seed uint64) error {
	for _, fault := range sandbox.Weather(seed) {
		if err := server.AddFault(fault); err != nil {
			return fmt.Errorf("make the sandbox's weather: %w", err)
		}
	}
	return nil
}

const (
	// sandboxToken is the token of the sandbox's bot. It is valid only for the
	// sandbox inside this process.
	sandboxToken = "4242424242:AA_the_bot_of_the_sandbox_inside"
	// sandboxPeople is how many subscribers it has.
	sandboxPeople = 100
	// weatherSeed is the seed of its weather.
	weatherSeed = 1
)

// openSandbox runs a sandbox in this process and connects a bot in it that has
// subscribers. leave closes it. With weather, messages meet the faults of an
// ordinary day at Telegram. makeKey is the command that makes a key.
func (a *app) openSandbox(ctx context.Context, listen, makeKey string, weather bool, log *slog.Logger) (leave func(), err error) {
	listener, err := net.Listen("tcp", listen)
	if err != nil {
		return nil, fmt.Errorf("open the sandbox: %w: give it another --sandbox-listen", err)
	}
	server := sandbox.New(sandbox.Options{})
	if weather {
		if err := setWeather(server, weatherSeed); err != nil {
			return nil, errors.Join(err, listener.Close())
		}
	}
	go func() {
		if err := server.Serve(listener); err != nil && !errors.Is(err, net.ErrClosed) {
			log.ErrorContext(ctx, "the sandbox ended", "error", err)
		}
	}()
	address := "http://" + listener.Addr().String()
	leave = func() { _ = server.Close() }
	b, err := a.fillSandbox(ctx, address)
	if err != nil {
		leave()
		return nil, fmt.Errorf("fill the sandbox: %w", err)
	}
	log.InfoContext(ctx, "the sandbox stands in for Telegram", "bot", b.ID, "username", "@"+b.Username, "app_uuid", b.AppUUID,
		"subscribers", b.Subscribers, "address", address)
	log.InfoContext(ctx, "to call the API, make a key", "command", makeKey)
	return leave, nil
}

func (a *app) fillSandbox(ctx context.Context, address string) (bot.Bot, error) {
	w, err := a.workspaces.Find(ctx, workspace.Default)
	if err != nil {
		return bot.Bot{}, err
	}
	b, err := a.bots.Connect(ctx, w.ID, sandboxToken, address)
	if err != nil {
		return b, err
	}
	people := make([]contact.Token, sandboxPeople)
	for i := range people {
		people[i] = contact.Token{ChatID: int64(1000001 + i), ExternalCustomerID: fmt.Sprintf("sandbox-%03d", i+1)}
	}
	if _, err := a.contacts.AddTokens(ctx, w, b.ID, people); err != nil {
		return b, err
	}
	return a.bots.Get(ctx, w.ID, b.ID)
}
