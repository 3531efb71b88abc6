package main

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"net/url"
	"path/filepath"
	"time"

	"github.com/jackc/pgx/v5"

	"bellman/internal/linetest"
	"bellman/internal/pgtest"
	"bellman/test/harness"
)

const (
	sqlite   = "sqlite"
	postgres = "postgres"
)

// cluster is everything that runs in one run: servers over one fresh database, a sandbox, and the wires between them.
type cluster struct {
	program  harness.Program
	rate     int
	sandbox  *harness.Sandbox
	telegram *linetest.Line // the line to the sandbox
	receiver *receiver
	postgres *pgtest.Server
	address  string // of the database
	drop     func(context.Context) error
	servers  []*server
	key      string
}

// server is one bellman serve. It keeps its address when it is started again.
type server struct {
	name, address string
	process       *harness.Process
	// line leads to PostgreSQL; nil on SQLite. database is the address through it.
	line     *linetest.Line
	database string
}

// openCluster starts everything. pg is the PostgreSQL server; nil for SQLite.
func openCluster(ctx context.Context, program harness.Program, p plan, pg *pgtest.Server) (*cluster, error) {
	c := &cluster{program: program, rate: p.rate, postgres: pg}
	c.program.Env = []string{"BELLMAN_SECRET_KEY=" + secretKey()}
	if err := c.open(ctx, p); err != nil {
		return nil, errors.Join(err, c.close())
	}
	return c, nil
}

func secretKey() string {
	key := make([]byte, 32)
	_, _ = rand.Read(key) // never fails
	return base64.StdEncoding.EncodeToString(key)
}

func (c *cluster) open(ctx context.Context, p plan) (err error) {
	if c.sandbox, err = c.program.StartSandbox(ctx); err != nil {
		return err
	}
	if err := errors.Join(c.sandbox.Rate(ctx, p.rate), c.sandbox.Latency(ctx, p.latency, p.jitter)); err != nil {
		return err
	}
	if c.telegram, err = linetest.Open(c.sandbox.Address); err != nil {
		return err
	}
	if c.receiver, err = openReceiver(p.chores.mood); err != nil {
		return err
	}
	if err := c.openDatabase(ctx); err != nil {
		return err
	}
	for i := range p.servers {
		if err := c.addServer(ctx, fmt.Sprintf("server-%d", i+1), p.distance); err != nil {
			return err
		}
	}
	c.key, err = c.program.Output(ctx, "key", "create", "--name", "chaos", "--db", c.address)
	return err
}

// addServer adds a server to which every byte of the database takes the distance, either way.
func (c *cluster) addServer(ctx context.Context, name string, distance time.Duration) error {
	address, err := harness.FreeAddress()
	if err != nil {
		return err
	}
	s := &server{name: name, address: address, database: c.address}
	c.servers = append(c.servers, s)
	if c.postgres != nil {
		if s.line, s.database, err = linetest.OpenURL(c.address); err != nil {
			return err
		}
		s.line.Delay(distance)
	}
	return c.start(ctx, s)
}

func (c *cluster) start(ctx context.Context, s *server) error {
	process, err := c.program.Start(ctx, s.name, s.address, "serve", "--db", s.database,
		"--telegram-url", "http://"+c.telegram.Address(), "--rate", fmt.Sprint(c.rate))
	if err == nil {
		s.process = process
	}
	return err
}

func (c *cluster) openDatabase(ctx context.Context) error {
	if c.postgres == nil {
		c.address = filepath.Join(c.program.Folder, "bellman.db")
		return nil
	}
	name := fmt.Sprintf("chaos_%d", time.Now().UnixNano())
	if err := c.execute(ctx, "CREATE DATABASE "+name); err != nil {
		return err
	}
	c.drop = func(ctx context.Context) error { return c.execute(ctx, "DROP DATABASE "+name+" WITH (FORCE)") }
	direct, err := url.Parse(c.postgres.URL())
	if err != nil {
		return err
	}
	direct.Path = "/" + name
	c.address = direct.String()
	return nil
}

func (c *cluster) execute(ctx context.Context, statement string) error {
	conn, err := pgx.Connect(ctx, c.postgres.URL())
	if err != nil {
		return err
	}
	_, err = conn.Exec(ctx, statement)
	return errors.Join(err, conn.Close(ctx))
}

// close ends whatever still runs and drops the database.
func (c *cluster) close() error {
	var errs []error
	for _, s := range c.servers {
		if s.process != nil {
			errs = append(errs, s.process.Kill())
		}
		if s.line != nil {
			errs = append(errs, s.line.Close())
		}
	}
	if c.sandbox != nil && c.sandbox.Process != nil {
		errs = append(errs, c.sandbox.Kill())
	}
	if c.telegram != nil {
		errs = append(errs, c.telegram.Close())
	}
	if c.receiver != nil {
		errs = append(errs, c.receiver.close())
	}
	if c.drop != nil {
		ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
		defer cancel()
		errs = append(errs, c.drop(ctx))
	}
	return errors.Join(errs...)
}

// askEvery is how long to wait before servers that did not answer are asked again.
const askEvery = 100 * time.Millisecond

// ask tries a call on one server after another until one of them carries it out, or the context ends.
func (c *cluster) ask(ctx context.Context, call func(context.Context, harness.Client) error) error {
	return c.askFrom(ctx, 0, call)
}

// askFrom is ask with the server of this number as the first.
func (c *cluster) askFrom(ctx context.Context, first int, call func(context.Context, harness.Client) error) error {
	again := time.NewTicker(askEvery)
	defer again.Stop()
	for {
		var errs []error
		for i := range c.servers {
			s := c.servers[(first+i)%len(c.servers)]
			// A server that was stopped takes the call and never answers.
			soon, cancel := context.WithTimeout(ctx, 3*time.Second)
			err := call(soon, harness.Client{Address: s.address, Key: c.key})
			cancel()
			if err == nil {
				return nil
			}
			errs = append(errs, err)
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("no server answers: %w", errors.Join(errs...))
		case <-again.C:
		}
	}
}
