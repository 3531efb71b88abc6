package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"text/tabwriter"
	"time"

	"bellman/internal/access"
	"bellman/internal/seal"
	"bellman/internal/store"
)

type keyCommand struct {
	Create keyCreateCommand `cmd:"" help:"Make an API key and print it; it cannot be read again."`
	List   keyListCommand   `cmd:"" help:"List the API keys; their secrets are not kept."`
	Revoke keyRevokeCommand `cmd:"" help:"Revoke an API key: it opens nothing any more, from the next call on."`

	ForgetSecret keyForgetSecretCommand `cmd:"" help:"Have the database take another secret key at its next start, when the one that it was made with is lost."`
}

type keyCreateCommand struct {
	database
	Name      string       `help:"What the key is for." required:"" placeholder:"N"`
	Workspace int64        `help:"The number of the workspace that it is of." default:"1" placeholder:"N"`
	Scope     access.Scope `help:"What it opens: installation (everything in every workspace, people and keys too), full (everything of the workspace but these), events+contacts, events+contacts-write (add and update only), events, messages, or metrics (of the installation)." default:"full" placeholder:"SCOPE"`
}

// Run prints a fresh key, alone, on stdout, and for which database on stderr.
func (c *keyCreateCommand) Run() error {
	return c.withKeys(func(ctx context.Context, keys *access.Keys) error {
		secret, err := keys.CreateKey(byCommand(ctx, "create-key", "keys", c.Workspace), c.Workspace, c.Name, c.Scope)
		if err != nil {
			return err
		}
		fmt.Fprintf(os.Stderr, "bellman: a key for %s:\n", c.shown())
		_, err = fmt.Println(secret)
		return err
	})
}

// keyCommand returns the command that makes a key, without a password: with PostgreSQL
// it takes the address from the environment.
func (d database) keyCommand() string {
	if store.IsPostgres(d.DB) {
		return "BELLMAN_DB=… bin/bellman key create --name me"
	}
	return "bin/bellman key create --name me --db " + d.DB
}

type keyListCommand struct {
	database
	Workspace int64 `help:"The number of the workspace." default:"1" placeholder:"N"`
}

// Run prints a table of the keys.
func (c *keyListCommand) Run() error {
	return c.withKeys(func(ctx context.Context, keys *access.Keys) error {
		all, err := keys.Keys(ctx, c.Workspace)
		if err != nil {
			return err
		}
		fmt.Fprintf(os.Stderr, "bellman: the keys for %s:\n", c.shown())
		table := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', 0)
		fmt.Fprintln(table, "ID\tSCOPE\tMADE\tUSED\tEXPIRES\tNAME")
		for _, k := range all {
			fmt.Fprintf(table, "%d\t%s\t%s\t%s\t%s\t%s\n", k.ID, k.Scope, shownTime(k.CreatedAt, ""), shownTime(k.UsedAt, "never"),
				shownTime(k.ExpiresAt, "never"), shownText(k.Name))
		}
		return table.Flush()
	})
}

// shownTime returns a time, or another word for none.
func shownTime(t time.Time, none string) string {
	if t.IsZero() {
		return none
	}
	return t.UTC().Format(time.RFC3339)
}

type keyRevokeCommand struct {
	database
	Workspace int64 `help:"The number of the workspace that it is of." default:"1" placeholder:"N"`
	ID        int64 `arg:"" help:"The number of the key, from key list."`
}

// Run revokes the key.
func (c *keyRevokeCommand) Run() error {
	return c.withKeys(func(ctx context.Context, keys *access.Keys) error {
		k, err := keys.RevokeKey(byCommand(ctx, "revoke-key", fmt.Sprint("keys/", c.ID), c.Workspace), c.Workspace, c.ID)
		if err != nil {
			return err
		}
		_, err = fmt.Printf("revoked key %d (%s) of %s\n", k.ID, k.Name, c.shown())
		return err
	})
}

type keyForgetSecretCommand struct {
	database
	Yes bool `help:"Do it: what was sealed stays unreadable (tokens of bots, secrets of webhooks, second factors), and links in messages that were sent lead nowhere." required:""`
}

// Run forgets the secret key, and the ring of keys that is sealed under it.
func (c *keyForgetSecretCommand) Run() (err error) {
	ctx := context.Background()
	if err := c.check(); err != nil {
		return err
	}
	unlock, err := c.lock()
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, unlock()) }()
	db, err := c.openExisting(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	if err := seal.Forget(byCommand(ctx, "forget-secret", "installation", 0), db.Secrets); err != nil {
		return err
	}
	_, err = fmt.Printf("%s takes the secret key of its next start. Then connect every bot again, and give webhooks their passwords.\n"+
		"People with an authenticator need their recovery codes, or bellman user reset-password --drop-authenticator\n", c.shown())
	return err
}

// withKeys runs do with the keys of the installation.
func (d database) withKeys(do func(ctx context.Context, keys *access.Keys) error) error {
	return d.with(func(ctx context.Context, db *store.DB) error {
		return do(ctx, access.NewKeys(db.Keys, time.Now, nil))
	})
}
