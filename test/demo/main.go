// Command demo shows a whole broadcast in a minute: a bot, 1,000 subscribers, some of whom have left, a flood of 429s
// and a server that is killed in the middle. At the end it compares Bellman's deliveries with the messages that really
// arrived, and exits with 1 when they do not agree.
//
// It needs bin/bellman (make build).
package main

import (
	"context"
	"crypto/rand"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"time"

	"bellman/internal/sandbox"
	"bellman/test/harness"
)

const (
	chats       = 1000
	firstChat   = 500_000_001
	blocked     = 40
	deactivated = 12
	text        = "<b>Spring sale</b>: 20% off until Sunday"
)

// flood answers five calls with 429, some 300 messages after the launch.
var flood = sandbox.Fault{Kind: sandbox.FaultFlood, Method: "sendMessage", Skip: 300, Count: 5, RetryAfter: 2}

func main() {
	binary := flag.String("binary", "bin/bellman", "the `program` to show")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	err := run(ctx, *binary)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "demo:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, binary string) (err error) {
	binary, err = filepath.Abs(binary)
	if err != nil {
		return err
	}
	folder, err := os.MkdirTemp("", "bellman-demo-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(folder)) }()
	d := &demo{program: harness.Program{Binary: binary, Folder: folder}, started: time.Now()}
	defer func() { err = errors.Join(err, d.close()) }()
	for _, act := range []func(context.Context) error{d.open, d.subscribe, d.launch, d.watch, d.settle} {
		if err := act(ctx); err != nil {
			return err
		}
	}
	return nil
}

// demo is the demonstration: its steps run one after the other.
type demo struct {
	program harness.Program
	sandbox *harness.Sandbox
	server  *harness.Process
	client  harness.Client
	bot     harness.Bot
	// secret is the bot's token.
	secret   string
	campaign harness.Campaign
	started  time.Time
}

// say prints a line with the time since the start.
func (d *demo) say(format string, args ...any) {
	fmt.Printf("%5.1f s  %s\n", time.Since(d.started).Seconds(), fmt.Sprintf(format, args...))
}

// close ends everything that runs. At the end of a good demo, nothing does.
func (d *demo) close() error {
	var errs []error
	if d.server != nil {
		errs = append(errs, d.server.Kill())
	}
	if d.sandbox != nil {
		errs = append(errs, d.sandbox.Kill())
	}
	return errors.Join(errs...)
}

func (d *demo) open(ctx context.Context) (err error) {
	if d.sandbox, err = d.program.StartSandbox(ctx); err != nil {
		return err
	}
	// A call to Telegram takes a while; so there is something on the wire when the server dies.
	if err := d.sandbox.Latency(ctx, 60, 120); err != nil {
		return err
	}
	if d.client.Address, err = harness.FreeAddress(); err != nil {
		return err
	}
	if err := d.serve(ctx); err != nil {
		return err
	}
	d.say("A sandbox stands in for Telegram. Bellman serves http://%s, on a fresh SQLite file.", d.client.Address)
	d.client.Key, err = d.program.Output(ctx, "key", "create", "--name", "demo", "--db", d.database())
	return err
}

func (d *demo) database() string { return filepath.Join(d.program.Folder, "bellman.db") }

func (d *demo) serve(ctx context.Context) (err error) {
	d.server, err = d.program.Start(ctx, "server", d.client.Address, "serve", "--db", d.database(), "--telegram-url", d.sandbox.URL())
	return err
}

func (d *demo) subscribe(ctx context.Context) (err error) {
	d.secret = "7000001:" + rand.Text()
	if d.bot, err = d.client.ConnectBot(ctx, d.secret); err != nil {
		return err
	}
	if err := d.client.AddChats(ctx, d.bot.AppUUID, firstChat, chats); err != nil {
		return err
	}
	d.say("A bot is connected; one tokens call brought %d subscribers.", chats)
	var left, gone []int64
	for i := range int64(blocked) {
		left = append(left, firstChat+7+i*chats/blocked)
	}
	for i := range int64(deactivated) {
		gone = append(gone, firstChat+11+i*chats/deactivated)
	}
	if err := d.sandbox.Put(ctx, d.bot.TelegramID, sandbox.Blocked, left...); err != nil {
		return err
	}
	if err := d.sandbox.Put(ctx, d.bot.TelegramID, sandbox.Deactivated, gone...); err != nil {
		return err
	}
	d.say("%d of them have blocked the bot since, %d have deleted their accounts. Bellman does not know yet.", blocked, deactivated)
	return d.sandbox.AddFaults(ctx, flood)
}

func (d *demo) launch(ctx context.Context) (err error) {
	if d.campaign, err = d.client.Broadcast(ctx, d.bot.ID, text); err != nil {
		return err
	}
	d.say("A broadcast to everybody is launched: 30 messages a second, as Telegram allows.")
	return nil
}
