package access

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"bellman/internal/loop"
)

// lastFlush is how long what is in memory may take to be written at a stop.
const lastFlush = 2 * time.Second

// Run writes when keys and sessions were used, and removes what is over, until the context
// ends. Errors of the database are logged, and it goes on at the next turn.
func Run(ctx context.Context, keys *Keys, people *People, log *slog.Logger) {
	work := func(ctx context.Context) error {
		return errors.Join(keys.Flush(ctx), people.Flush(ctx), people.Sweep(ctx))
	}
	failed := func(err error) {
		log.ErrorContext(ctx, "when keys and sessions were used is written later", "error", err)
	}
	loop.Every(ctx, grain, nil, work, failed)
	last, cancel := context.WithTimeout(context.WithoutCancel(ctx), lastFlush)
	defer cancel()
	if err := errors.Join(keys.Flush(last), people.Flush(last)); err != nil {
		failed(err)
	}
}
