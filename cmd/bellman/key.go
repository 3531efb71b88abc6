package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"bellman/internal/access"
	"bellman/internal/workspace"
)

type keyCommand struct {
	Create keyCreateCommand `cmd:"" help:"Make an API key and print it; it cannot be read again."`
}

type keyCreateCommand struct {
	database
	Name  string       `help:"What the key is for." required:"" placeholder:"N"`
	Scope access.Scope `help:"What it opens: full, events+contacts, events+contacts-write (add and update only), events, or messages." default:"full" placeholder:"SCOPE"`
}

// Run prints a fresh key, alone, on stdout.
func (c *keyCreateCommand) Run() (err error) {
	ctx := context.Background()
	db, err := c.open(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	secret, err := access.New(db.Keys, time.Now, nil).CreateKey(ctx, workspace.Default, c.Name, c.Scope)
	if err != nil {
		return err
	}
	_, err = fmt.Println(secret)
	return err
}
