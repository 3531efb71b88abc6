// Package surface is what the HTTP surfaces need.
package surface

import (
	"log/slog"
	"time"

	"bellman/internal/access"
	"bellman/internal/activity"
	"bellman/internal/api/auth"
	"bellman/internal/audience"
	"bellman/internal/audit"
	"bellman/internal/bot"
	"bellman/internal/campaign"
	"bellman/internal/contact"
	"bellman/internal/erasure"
	"bellman/internal/event"
	"bellman/internal/idempotency"
	"bellman/internal/imports"
	"bellman/internal/live"
	"bellman/internal/mail"
	"bellman/internal/media"
	"bellman/internal/message"
	"bellman/internal/order"
	"bellman/internal/report"
	"bellman/internal/subscription"
	"bellman/internal/track"
	"bellman/internal/webhook"
	"bellman/internal/workspace"
)

// Services are the features that the surfaces call, and what they share besides.
// Every field is required, except those that say otherwise; a surface does not need
// the features that it does not call.
type Services struct {
	Keys   *access.Keys
	People *access.People
	Audit  *audit.Service
	// Door lets requests in with keys of Keys and sessions of People.
	Door          *auth.Door
	Idempotency   *idempotency.Service
	Workspaces    *workspace.Service
	Bots          *bot.Service
	Contacts      *contact.Service
	Erasures      *erasure.Service
	Exports       *erasure.Exporter
	Messages      *message.Service
	Media         *media.Service
	Groups        *audience.Service
	Events        *event.Service
	Imports       *imports.Service
	Subscriptions *subscription.Service
	Orders        *order.Service
	Campaigns     *campaign.Service
	Triggers      *campaign.Triggers
	Activity      *activity.Service
	Reports       *report.Service
	Webhooks      *webhook.Service
	Clicks        *track.Service
	// Live tells screens what has changed.
	Live *live.Hub
	// Mail is how people who use Bellman are written to; nil without a mail server.
	Mail *mail.Office
	// Limited limits callers of the integration API to the vendor's numbers of
	// calls a second.
	Limited bool
	// Public is the address under which links of messages are followed, without a slash at
	// its end; empty when it is not known.
	Public string
	// Version is the program's.
	Version string
	// Stopping is closed when the server stops, for answers that do not end by
	// themselves; nil for never.
	Stopping <-chan struct{}
	Now      func() time.Time
	Log      *slog.Logger
}
