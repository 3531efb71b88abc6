package mail

import (
	"context"
	"log/slog"
)

// backlog is how many tasks may wait.
const backlog = 100

// Post does what nobody is to wait for: how long it takes would tell whether there is an
// account. It is safe for concurrent use.
type Post struct {
	tasks chan func(context.Context) error
	log   *slog.Logger
}

// NewPost returns a post that has nothing to do.
func NewPost(log *slog.Logger) *Post {
	return &Post{tasks: make(chan func(context.Context) error, backlog), log: log}
}

// Later has a task done, one after another. When too many wait it is dropped, which is
// logged: whoever waits for a letter asks again.
func (p *Post) Later(task func(context.Context) error) {
	select {
	case p.tasks <- task:
	default:
		p.log.Warn("too many letters wait to be sent: one is dropped")
	}
}

// Run does what comes until the context ends, and what waits by then.
func (p *Post) Run(ctx context.Context) {
	for {
		select {
		case task := <-p.tasks:
			p.do(ctx, task)
		case <-ctx.Done():
			for {
				select {
				case task := <-p.tasks:
					p.do(ctx, task)
				default:
					return
				}
			}
		}
	}
}

func (p *Post) do(ctx context.Context, task func(context.Context) error) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), patience)
	defer cancel()
	if err := task(ctx); err != nil {
		p.log.WarnContext(ctx, "a letter was not sent", "error", err)
	}
}
