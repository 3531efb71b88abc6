package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"bellman/internal/store"
)

type restoredCommand struct{ database }

// Run prepares the database for its first start after it was restored from a backup,
// and says what it did.
func (c *restoredCommand) Run() (err error) {
	if err := c.check(); err != nil {
		return err
	}
	ctx := context.Background()
	if !store.IsPostgres(c.DB) {
		if _, err := os.Stat(c.file()); errors.Is(err, os.ErrNotExist) {
			return fmt.Errorf("there is no database %s: put the backup there first", c.file())
		}
	}
	unlock, err := c.lock()
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, unlock()) }()
	// A backup may be older than this program: its schema is brought up to date.
	db, err := c.open(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	db.Unlimited()
	if !store.IsPostgres(c.DB) {
		// The lock proves that nobody sends.
		if err := db.Ledgers.ForgetSenders(ctx); err != nil {
			return err
		}
	}
	done, err := db.Installation.Restored(byCommand(ctx, "restored", "installation", 0), time.Now())
	if err != nil {
		return err
	}
	fmt.Printf("%s is ready for its first start on a backup. What may have happened after the backup waits for you:\n", c.shown())
	say := func(what string, rows []store.Named) {
		for _, n := range rows {
			fmt.Printf("  "+what+"\n", n.ID, n.Name)
		}
	}
	say("broadcast %d %q is paused: resume it, and whoever got it after the backup gets it again; or cancel it", done.Paused)
	say("broadcast %d %q was scheduled and is a draft: launch it, unless it has gone out", done.Drafted)
	for _, n := range done.Unknown {
		fmt.Printf("  triggered campaign %d %q: %d messages that waited are unknown; new ones go out\n", n.ID, n.Name, n.Count)
	}
	say("webhook %d %q is paused: make it active when its receiver may be told again what it knows", done.Webhooks)
	if len(done.Paused)+len(done.Drafted)+len(done.Unknown)+len(done.Webhooks) == 0 {
		fmt.Println("  nothing: there was nothing under way")
	}
	fmt.Printf("%d sessions of people and %d links to come in have ended. API keys, roles and passwords are those of the backup:\n"+
		"look at bellman key list and bellman user list for what was taken away since\n", done.Sessions, done.Links)
	return nil
}
