package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"
)

const (
	// patience is how long the broadcast may take: 35 s at its pace, and as much again for what happens to it.
	patience = 3 * time.Minute
	look     = 100 * time.Millisecond
	// killAt is how many recipients are settled when the server is killed.
	killAt = 500
	// every is how many settled recipients a line of progress stands for.
	every = 100
)

// watch follows the broadcast, kills the server in the middle of it and starts it again.
func (d *demo) watch(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	ticks := time.NewTicker(look)
	defer ticks.Stop()
	var told, limited int64
	killed := false
	for d.campaign.State != "finished" {
		select {
		case <-ctx.Done():
			return fmt.Errorf("the broadcast is %s, %+v: %w", d.campaign.State, d.campaign.Counts, ctx.Err())
		case <-ticks.C:
		}
		if err := d.lookAgain(ctx); err != nil {
			return err
		}
		if settled := d.campaign.Counts.Settled(); settled >= told+every {
			told = settled - settled%every
			d.say("%s %s", bar(settled), d.counts())
		}
		if err := d.tellFlood(ctx, &limited); err != nil {
			return err
		}
		if !killed && d.campaign.Counts.Settled() >= killAt {
			killed = true
			if err := d.crash(ctx); err != nil {
				return err
			}
		}
	}
	d.say("Finished.")
	return nil
}

func (d *demo) lookAgain(ctx context.Context) (err error) {
	d.campaign, err = d.client.Campaign(ctx, d.campaign.ID)
	return err
}

func (d *demo) counts() string {
	c := d.campaign.Counts
	return fmt.Sprintf("%4d sent  %3d failed  %3d unknown  %4d to go", c.Sent, c.Failed, c.Unknown, c.Queued+c.Sending)
}

func bar(settled int64) string {
	n := int(settled * 20 / chats)
	return strings.Repeat("█", n) + strings.Repeat("░", 20-n)
}

// tellFlood prints when the flood comes and when it is over.
func (d *demo) tellFlood(ctx context.Context, before *int64) error {
	faults, err := d.sandbox.Faults(ctx)
	if err != nil || len(faults) != 1 {
		return errors.Join(err, ctx.Err())
	}
	fired := faults[0].Fired
	if *before == 0 && fired > 0 {
		d.say("Telegram answers 429 Too Many Requests: the bot waits as long as it is told.")
	}
	if *before < flood.Count && fired == flood.Count {
		d.say("The flood is over after %d of them. Nobody failed for it.", fired)
	}
	*before = fired
	return nil
}

// crash kills the server as a power cut would, and starts it again.
func (d *demo) crash(ctx context.Context) error {
	if err := d.server.Kill(); err != nil {
		return err
	}
	d.say("kill -9: the server is gone, with messages on the wire.")
	if err := d.serve(ctx); err != nil {
		return err
	}
	d.say("It is started again, and goes on where the dead one stopped.")
	return nil
}
