// Package apitest is for tests of the HTTP surfaces: a whole installation on a
// fresh SQLite database, as far as the surfaces go, and table tests for its calls.
package apitest

import (
	"context"
	"io"
	"log/slog"
	"net/http"
	"path/filepath"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"bellman/internal/access"
	"bellman/internal/activity"
	"bellman/internal/api"
	"bellman/internal/api/surface"
	"bellman/internal/audience"
	"bellman/internal/audit"
	"bellman/internal/blob"
	"bellman/internal/bot"
	"bellman/internal/campaign"
	"bellman/internal/contact"
	"bellman/internal/erasure"
	"bellman/internal/event"
	"bellman/internal/idempotency"
	"bellman/internal/imports"
	"bellman/internal/live"
	"bellman/internal/media"
	"bellman/internal/message"
	"bellman/internal/order"
	"bellman/internal/outbound"
	"bellman/internal/report"
	"bellman/internal/seal"
	"bellman/internal/store"
	"bellman/internal/store/storetest"
	"bellman/internal/subscription"
	"bellman/internal/summary"
	"bellman/internal/track"
	"bellman/internal/workspace"
)

// HashMemory is what the hash of a password takes in tests, in KiB: those of thousands of
// sign-ins would take minutes.
const HashMemory = 64

// Installation is a whole Bellman, as far as the surfaces need it.
type Installation struct {
	// Config is what Handler is made from. A test that changes it calls
	// [Installation.Rebuild].
	Config  api.Config
	Handler http.Handler
	Store   *store.DB
	// Sent holds the content that the campaigns of Store sent.
	Sent *summary.Cache
	// Key is the secret of a key that opens everything.
	Key string
	Log *Logbook
	// Down makes the database look unreachable to the probe.
	Down atomic.Bool
}

// New returns an installation with an empty database, which ends with the test.
func New(tb testing.TB) *Installation {
	tb.Helper()
	return NewOn(tb, storetest.Open(tb, storetest.SQLite(tb)))
}

// NewOn returns an installation over a database of either engine.
func NewOn(tb testing.TB, s *store.DB) *Installation {
	tb.Helper()
	ctx := context.Background()
	// Every reading of the clock is a second later, so that changes are visible.
	var ticks atomic.Int64
	now := func() time.Time { return time.Unix(1_800_000_000+ticks.Add(1), 123_456_789) }
	// The audit log has a clock of its own: who looks at the other one sees all its readings.
	var lines atomic.Int64
	audited := func() time.Time { return time.Unix(1_800_000_000+lines.Add(1), 0) }
	in := &Installation{Store: s, Log: &Logbook{}}
	in.Sent = summary.NewCache(s.Summaries, now, slog.New(slog.NewJSONHandler(in.Log, nil)))
	sealer := seal.Of(seal.NewKey())
	keys := access.NewKeys(s.Keys, now, nil)
	var err error
	in.Key, err = keys.CreateKey(ctx, workspace.Default, "test", access.ScopeInstallation)
	require.NoError(tb, err)
	blobs, err := blob.Open(ctx, filepath.Join(tb.TempDir(), "media"))
	require.NoError(tb, err)
	uploads := media.New(s.Media, blobs, now, uuid.NewString)
	contacts := contact.New(s.Contacts, now)
	messages := message.New(s.Messages, uploads, now).WithFields(contacts)
	in.Config = api.Config{NewRequestID: uuid.NewString, Ready: in.ready, Services: surface.Services{
		Keys:        keys,
		Audit:       audit.New(s.Audit, audited, slog.New(slog.NewJSONHandler(in.Log, nil))),
		People:      access.NewPeople(s.People, now, sealer).WithHashMemory(HashMemory).WithProviders(outbound.NewIssuers(time.Now)),
		Idempotency: idempotency.New(s.Idempotency, now, slog.New(slog.NewJSONHandler(in.Log, nil))),
		Workspaces:  workspace.New(s.Workspaces, now),
		Bots:        bot.New(s.Bots, telegram{}, sealer, now, uuid.NewString),
		Contacts:    contacts,
		Erasures:    erasure.New(s.Erasures, contacts, now, slog.New(slog.NewJSONHandler(in.Log, nil))),
		Exports:     erasure.NewExporter(s.Erasures),
		Messages:    messages,
		Media:       uploads,
		Clicks:      clicks(tb, s, in.Sent, now),
		Groups:      audience.New(s.Groups, now),
		Events:      event.New(s.Events, now),
		Now:         now,
		Campaigns:   campaign.New(s.Campaigns, messages, now, func() {}),
		Triggers:    campaign.NewTriggers(s.Triggers, messages, now, uuid.NewString, func() {}),
		Activity:    activity.New(s.Activity, in.Sent),
		Reports:     report.New(s.Reports),
		Log:         slog.New(slog.NewJSONHandler(in.Log, &slog.HandlerOptions{Level: slog.LevelDebug})),
	}}
	in.Config.Imports = imports.New(imports.Config{
		Store: s.Imports, Workspaces: in.Config.Workspaces, Contacts: in.Config.Contacts, Groups: in.Config.Groups, Events: in.Config.Events,
		Files: outbound.NewFetcher(outbound.Public), Now: now, NewID: uuid.NewString,
	})
	in.Config.Live = live.New(live.Config{
		Store: s.Live, Campaigns: in.Config.Campaigns, Now: now, NewID: uuid.NewString, Log: in.Config.Log,
	})
	in.Config.Subscriptions = subscription.New(in.Config.Contacts, in.Config.Groups, in.Config.Events)
	in.Config.Orders = order.New(in.Config.Contacts, in.Config.Events, now)
	in.Rebuild(tb)
	return in
}

// EraseAll erases to the end whoever is being erased, as the loop does hours later.
func (in *Installation) EraseAll(tb testing.TB) {
	tb.Helper()
	later := func() time.Time { return in.Config.Now().Add(2 * erasure.Patience) }
	e := erasure.New(in.Store.Erasures, in.Config.Contacts, later, slog.New(slog.DiscardHandler))
	require.NoError(tb, e.Turn(context.Background()))
}

// Rebuild makes the Handler again, from the present Config.
func (in *Installation) Rebuild(tb testing.TB) {
	tb.Helper()
	var err error
	in.Handler, err = api.Handler(in.Config)
	require.NoError(tb, err)
}

func (in *Installation) ready(ctx context.Context) error {
	if in.Down.Load() {
		return io.ErrClosedPipe
	}
	return in.Store.Ping(ctx)
}

// clicks returns a service that records clicks until the test ends.
func clicks(tb testing.TB, s *store.DB, sent *summary.Cache, now func() time.Time) *track.Service {
	tb.Helper()
	signer := track.NewSigner(seal.Of(seal.NewKey()))
	service, err := track.New(track.Config{
		Store: s.Clicks, Campaigns: sent, Signer: signer, Spool: filepath.Join(tb.TempDir(), "clicks"), NewID: uuid.NewString,
		Now: now, Log: slog.New(slog.DiscardHandler),
	})
	require.NoError(tb, err)
	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- service.Run(ctx) }()
	tb.Cleanup(func() {
		stop()
		require.NoError(tb, <-ended)
	})
	return service
}
