package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"time"

	"bellman/internal/access"
	"bellman/internal/seal"
	"bellman/internal/store"
)

// firstUser are the flags by which an installation that nobody looks at gets its owner.
type firstUser struct {
	OwnerEmail    string `help:"The email of the first user, who is made at a start when there is none yet. Without it, the start prints a link to a form." env:"BELLMAN_OWNER_EMAIL" placeholder:"EMAIL"`
	OwnerPassword string `help:"The password of the first user: 12 characters at least." env:"BELLMAN_OWNER_PASSWORD" secret:"" placeholder:"PASSWORD"`
}

// check refuses half of the two.
func (f firstUser) check() error {
	if (f.OwnerEmail == "") != (f.OwnerPassword == "") {
		return errors.New("BELLMAN_OWNER_EMAIL and BELLMAN_OWNER_PASSWORD make the first user together: set both or none of them")
	}
	return nil
}

// welcome makes the first user, or prints the link to the form that does, when there is
// none. at is the address under which a browser reaches this process.
func (f firstUser) welcome(ctx context.Context, people *access.People, at string, out io.Writer, log *slog.Logger) error {
	if f.OwnerEmail != "" {
		first := access.Answer{Name: f.OwnerEmail, Email: f.OwnerEmail, Proof: access.Proof{Password: f.OwnerPassword}}
		made, err := people.MakeOwner(byCommand(ctx, "make-owner", "users", 0), first)
		if err != nil {
			return fmt.Errorf("make the first user: %w", err)
		}
		if made {
			log.InfoContext(ctx, "the first user was made", "email", f.OwnerEmail)
		}
		return nil
	}
	secret, err := people.MakeOwnerLink(byCommand(ctx, "make-owner-link", "links", 0))
	if errors.Is(err, access.ErrInstalled) {
		return nil
	}
	if err != nil {
		return err
	}
	// Not in the log, which others may read.
	_, err = fmt.Fprintf(out, "\n  Nobody can sign in yet. Make your account, within the hour:\n\n  %s/start#%s\n\n", at, secret)
	return err
}

// reached returns the address under which a browser on this machine reaches a listener.
func reached(listener net.Addr) string {
	host, port, err := net.SplitHostPort(listener.String())
	if err != nil {
		return "http://" + listener.String()
	}
	if ip := net.ParseIP(host); ip == nil || ip.IsUnspecified() || ip.IsLoopback() {
		host = "localhost"
	}
	return "http://" + net.JoinHostPort(host, port)
}

type ownerCommand struct {
	Link ownerLinkCommand `cmd:"" help:"Print a new link to the form that makes the first user, good once and for an hour."`
}

// browsed is the flag of commands that print links to pages of a server.
type browsed struct {
	At publicURL `help:"The address under which people reach the server." default:"http://localhost:8080" placeholder:"URL"`
}

// start returns the address of the page to which a link leads.
func (b browsed) start(secret string) string { return b.At.base() + "/start#" + secret }

type ownerLinkCommand struct {
	database
	browsed
}

// Run prints the link, alone, on stdout.
func (c *ownerLinkCommand) Run() error {
	return c.withPeople(func(ctx context.Context, people *access.People, _ *store.DB) error {
		secret, err := people.MakeOwnerLink(byCommand(ctx, "make-owner-link", "links", 0))
		if err != nil {
			return err
		}
		_, err = fmt.Println(c.start(secret))
		return err
	})
}

// withPeople runs do with the people of the installation.
func (d database) withPeople(do func(ctx context.Context, people *access.People, db *store.DB) error) error {
	return d.withRing(func(ctx context.Context, db *store.DB, ring *seal.Ring) error {
		return do(ctx, access.NewPeople(db.People, time.Now, ring), db)
	})
}
