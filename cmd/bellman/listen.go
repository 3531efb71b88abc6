package main

import (
	"context"
	"errors"
	"time"

	"bellman/internal/loop"
	"bellman/internal/store"
)

const (
	// listenAgain is how long a lost listener waits before it listens again.
	listenAgain = time.Second
	// deafAgain is how long it waits where nothing can be heard.
	deafAgain = time.Minute
)

// listen wakes layout and engine when another process has work for them, until the
// context ends. They find work without a notification by looking, within a second.
func (a *app) listen(ctx context.Context) {
	for said := false; ctx.Err() == nil; {
		err := a.heard(ctx, a.wake)
		if ctx.Err() != nil {
			return
		}
		if errors.Is(err, store.ErrDeaf) {
			if !said {
				a.log.WarnContext(ctx, "other processes are not heard: what there is to do is found by looking", "error", err)
			}
			said = true
			loop.Pause(ctx, deafAgain)
			continue
		}
		a.log.WarnContext(ctx, "other processes are not heard for a moment", "error", err)
		loop.Pause(ctx, listenAgain)
	}
}

// wake makes layout and engine look for work now.
func (a *app) wake() {
	a.layout.Wake()
	a.engine.Wake()
}
