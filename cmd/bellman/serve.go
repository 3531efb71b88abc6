package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"sync"
	"time"

	"github.com/google/uuid"

	"bellman/internal/access"
	"bellman/internal/api/request"
	"bellman/internal/blob"
	"bellman/internal/store"
)

type serveCommand struct {
	database
	telegramServer
	addresses
	firstUser
	mailServer
	Rate           float64       `help:"Messages a second and bot; 0 lifts the limit, which Telegram itself does not." default:"30" env:"BELLMAN_RATE" placeholder:"N"`
	Limited        bool          `name:"integration-limits" help:"Keep callers of the integration API to the numbers of calls a second that eSputnik, Reteno and Yespo document." env:"BELLMAN_INTEGRATION_LIMITS"`
	Role           role          `help:"What this process does: all, or only api (answer calls), or only sender (lay out and send, with no more on its address than health and metrics). Dividing it needs PostgreSQL." default:"all" enum:"all,api,sender" env:"BELLMAN_ROLE" placeholder:"ROLE"`
	PrivateHosts   bool          `name:"allow-private-hosts" help:"Fetch files of contacts from private networks and this machine, too; by default only from the public Internet." env:"BELLMAN_ALLOW_PRIVATE_HOSTS"`
	PublicURL      publicURL     `help:"The address under which the world reaches this server: links in messages get addresses under it that count clicks. Without it they stay as they are written." env:"BELLMAN_PUBLIC_URL" placeholder:"URL"`
	DBWait         time.Duration `name:"db-wait" help:"How long a start waits for a PostgreSQL that does not answer." default:"1m" env:"BELLMAN_DB_WAIT" placeholder:"TIME"`
	Media          string        `help:"Where uploaded files are kept: a folder, or s3://KEY:SECRET@HOST/BUCKET/PREFIX. By default the folder media beside the SQLite file, or ./data/media." env:"BELLMAN_MEDIA" secret:"" placeholder:"PLACE"`
	Spool          string        `help:"The folder where clicks wait while the database does not take them. By default clicks beside the SQLite file, or ./data/clicks." env:"BELLMAN_SPOOL" placeholder:"DIR"`
	Sandbox        bool          `help:"Run a stand-in for Telegram inside, with a bot that has 100 subscribers." env:"BELLMAN_SANDBOX"`
	SandboxListen  string        `help:"The address that the stand-in serves on." default:"127.0.0.1:8081" env:"BELLMAN_SANDBOX_LISTEN" placeholder:"ADDR"`
	SandboxWeather bool          `help:"Have the stand-in ask to wait, fail and lose an answer now and then, as Telegram does; --no-sandbox-weather for none." default:"true" negatable:"" env:"BELLMAN_SANDBOX_WEATHER"`
	LogLevel       slog.Level    `help:"The least level that is logged: debug, info, warn or error." default:"info" env:"BELLMAN_LOG_LEVEL" placeholder:"LEVEL"`
	LogFormat      string        `help:"The form of the log's lines: text, of key=value, or json." default:"text" enum:"text,json" env:"BELLMAN_LOG_FORMAT" placeholder:"FORM"`
}

// newLog returns a log to w in the form and from the level of the settings.
func (c *serveCommand) newLog(w io.Writer) *slog.Logger {
	options := &slog.HandlerOptions{Level: c.LogLevel}
	var lines slog.Handler = slog.NewTextHandler(w, options)
	if c.LogFormat == "json" {
		lines = slog.NewJSONHandler(w, options)
	}
	return slog.New(request.LogHandler{Handler: lines})
}

// httpStop is how long requests under way may take at a stop.
const httpStop = 5 * time.Second

// Run serves until it is asked to stop.
func (c *serveCommand) Run(unknown []stranger) (err error) {
	ctx, stop := untilStopped()
	defer stop()
	log := c.newLog(os.Stderr)

	if err := errors.Join(c.database.check(), c.firstUser.check(), c.Role.check(c.DB)); err != nil {
		return err
	}
	for _, s := range unknown {
		log.WarnContext(ctx, "an environment variable is no setting", "variable", s.name, "meant", s.meant)
	}
	if err := c.make(); err != nil {
		return err
	}
	unlock, err := c.lock()
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, unlock()) }()
	db, err := c.await(ctx, c.DBWait, log)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	ring, err := c.ring(ctx, db)
	if err != nil {
		return err
	}
	place := cmp.Or(c.Media, c.beside("media"))
	blobs, err := blob.Open(ctx, place)
	if err != nil {
		return err
	}
	drafts, err := c.openDrafts(place)
	if err != nil {
		return err
	}
	if !store.IsPostgres(c.DB) {
		// The lock proves that every earlier sender is gone.
		if err := errors.Join(db.Ledgers.ForgetSenders(ctx), db.Imports.ForgetRunners(ctx)); err != nil {
			return err
		}
	}
	office, err := c.office(log)
	if err != nil {
		return err
	}
	client, err := c.client()
	if err != nil {
		return err
	}
	a, err := newApp(settings{
		db: db, ring: ring, blobs: blobs, drafts: drafts, client: client, rate: c.Rate, owner: ownerName(), role: c.Role,
		public: c.PublicURL.base(), spool: cmp.Or(c.Spool, c.beside("clicks")), limited: c.Limited, privateHosts: c.PrivateHosts,
		office: office, proxies: c.proxies(), apart: c.OpsListen != "", stopping: ctx.Done(), log: log,
	})
	if err != nil {
		return err
	}
	doors, err := c.addresses.open(a, log)
	if err != nil {
		return err
	}
	if c.Sandbox {
		leave, err := a.openSandbox(ctx, c.SandboxListen, c.keyCommand(), c.SandboxWeather, log)
		if err != nil {
			return errors.Join(err, doors.close())
		}
		defer leave()
	}
	log.InfoContext(ctx, "bellman serves", "address", "http://"+doors.listeners[0].Addr().String(), "role", string(c.Role), "version", version)
	if c.Role.serves() {
		at := reached(doors.listeners[0].Addr())
		if err := c.welcome(ctx, a.people, at, os.Stdout, log); err != nil {
			return errors.Join(err, doors.close())
		}
	}
	return c.serve(ctx, a, doors, log)
}

// serve answers requests and sends until the context ends, then stops both
// without losing anything.
func (c *serveCommand) serve(ctx context.Context, a *app, doors doors, log *slog.Logger) error {
	a.warm(ctx)
	failed := make(chan error, len(doors.servers))
	working, stop := context.WithCancel(ctx)
	defer stop()
	doors.serve(func(err error) {
		failed <- err
		stop()
	})
	answered := make(chan struct{})
	go func() {
		defer close(answered)
		<-working.Done()
		log.Info("bellman stops: what is on the wire is finished")
		limit, cancel := context.WithTimeout(context.WithoutCancel(ctx), httpStop)
		defer cancel()
		if err := doors.shutdown(limit); err != nil {
			log.Warn("requests were cut off", "error", err)
		}
	}()
	// Clicks are counted until the last redirect is answered.
	counting, stopCounting := context.WithCancel(context.WithoutCancel(ctx))
	counted := make(chan error, 1)
	go func() { counted <- a.count(counting) }()
	var entering sync.WaitGroup
	entering.Go(func() { access.Run(counting, a.keys, a.people, log) })
	entering.Go(func() { a.audit.Run(counting) })
	if a.office != nil {
		entering.Go(func() { a.office.Run(counting) })
	}
	entering.Go(func() { a.ring.Run(counting, log) })
	if a.role.serves() {
		entering.Go(func() { a.live.Run(counting) })
	}
	a.run(working)
	<-answered
	stopCounting()
	entering.Wait()
	if err := <-counted; err != nil {
		return err
	}
	select {
	case err := <-failed:
		return fmt.Errorf("serve: %w", err)
	default:
		return nil
	}
}

// ownerName names this process among the senders of a database. It is new at each
// start: messages that an earlier process had on the wire are not ours.
func ownerName() string {
	host, err := os.Hostname()
	if err != nil {
		host = "unnamed"
	}
	return fmt.Sprintf("%s/%d/%s", host, os.Getpid(), uuid.NewString()[:8])
}
