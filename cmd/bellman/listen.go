package main

import (
	"context"
	"time"

	"bellman/internal/loop"
)

// listenAgain is how long a lost listener waits before it listens again.
const listenAgain = time.Second

// listen wakes layout and engine when another process has work for them, until the
// context ends. They find work without a notification by looking, within a second.
func (a *app) listen(ctx context.Context) {
	for ctx.Err() == nil {
		err := a.heard(ctx, a.wake)
		if ctx.Err() != nil {
			return
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
