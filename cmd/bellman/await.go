package main

import (
	"context"
	"log/slog"
	"time"

	"bellman/internal/fault"
	"bellman/internal/loop"
	"bellman/internal/store"
)

// askAgain is how long after an attempt to connect the next one is made.
const askAgain = time.Second

// await opens the database. A PostgreSQL that does not answer, as when both machines
// start together, is tried for as long as the limit says; one that refuses, such as
// for a wrong password, is not.
func (d database) await(ctx context.Context, limit time.Duration, log *slog.Logger) (*store.DB, error) {
	end := time.Now().Add(limit)
	for said := false; ; {
		db, err := d.open(ctx)
		if err == nil || !fault.Is(err, "database_unavailable") || !store.IsPostgres(d.DB) || time.Now().Add(askAgain).After(end) {
			return db, err
		}
		if !said {
			log.WarnContext(ctx, "the database does not answer: the start waits for it", "at_most", limit.String(), "error", explain(err))
			said = true
		}
		loop.Pause(ctx, askAgain)
		if ctx.Err() != nil {
			return nil, err
		}
	}
}
