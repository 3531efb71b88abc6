package track

import (
	"context"
	"time"

	"bellman/internal/fault"
	"bellman/internal/loop"
	"bellman/internal/message"
	"bellman/internal/summary"
)

// refreshEvery is how often newly launched campaigns are read.
const refreshEvery = 3 * time.Second

// errTarget is returned when it is unknown at present where a link leads.
var errTarget = fault.New(fault.Unavailable, "link_unavailable", "this link cannot be opened just now; try again shortly")

// keepUp reads new launches until the context ends.
func (s *Service) keepUp(ctx context.Context) {
	failing := false
	loop.Every(ctx, refreshEvery, nil, func(ctx context.Context) error {
		err := s.Campaigns.Refresh(ctx)
		if err == nil {
			failing = false
		}
		return err
	}, func(err error) {
		if !failing {
			s.Log.WarnContext(ctx, "newly launched campaigns cannot be read; links that are known work on", "error", err)
		}
		failing = true
	})
}

// target returns where the code's link leads, in the form in which Telegram would
// open it, and the language of its version. ok is false when the campaign has no such
// link, or when no browser can be sent to its target.
func target(c *summary.Campaign, code Code) (target, language string, ok bool) {
	if code.Link < 0 || code.Link >= len(c.Links) {
		return "", "", false
	}
	target, ok = message.WebAddress(c.Target(code.Link, code.Target))
	return target, c.Links[code.Link].Language, ok
}
