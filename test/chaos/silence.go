package main

import (
	"context"
	"errors"
	"os"
	"time"

	"bellman/internal/linetest"
)

// silence has servers lose PostgreSQL, or what it says. Connections that were lost stay lost: the servers have to find that
// out by themselves.
func (j *injury) silence(ctx context.Context, f fault, lose func(*linetest.Line)) error {
	for i := range f.count {
		s := j.servers[(f.server+i)%len(j.servers)]
		j.note("%s for %s at %s", f.kind, f.hold, s.name)
		lose(s.line)
		defer s.line.Find()
	}
	return wait(ctx, f.hold)
}

// silenceTelegram loses Telegram, or what it says, until a router that knows nothing of the connections takes over and
// resets them.
func (j *injury) silenceTelegram(ctx context.Context, f fault, lose func()) error {
	lose()
	err := wait(ctx, f.hold)
	j.telegram.Find()
	j.note("%s for %s, and %d connections reset", f.kind, f.hold, j.telegram.Cut())
	return err
}

// fillTelegram has Telegram serve few new connections or none. What is connected stays so in a gentle run, and is cut in
// others, so that everybody has to connect again.
func (j *injury) fillTelegram(ctx context.Context, f fault) error {
	j.telegram.Room(f.count)
	defer j.telegram.Room(-1)
	cut := 0
	if !j.plan.gentle {
		cut = j.telegram.Cut()
	}
	j.note("telegram serves %d connections for %s; %d are cut", f.count, f.hold, cut)
	return wait(ctx, f.hold)
}

// takeAway moves the file of a SQLite database away and back.
func (j *injury) takeAway(ctx context.Context, hold time.Duration) error {
	j.note("the database is away for %s", hold)
	if err := os.Rename(j.address, j.address+".away"); err != nil {
		return err
	}
	return errors.Join(wait(ctx, hold), os.Rename(j.address+".away", j.address))
}
