package redirect_test

import (
	"context"
	"log/slog"
	"net/http"
	"testing"

	"bellman/internal/api/redirect"
	"bellman/internal/store/storetest"
	"bellman/internal/track"
)

// instant is a database that takes clicks in no time.
type instant struct{ track.Store }

func (instant) RecordClicks(context.Context, []track.Click) error { return nil }

// discard is an answer that nobody reads.
type discard struct {
	header http.Header
	status int
}

func (d *discard) Header() http.Header         { return d.header }
func (d *discard) Write(b []byte) (int, error) { return len(b), nil }
func (d *discard) WriteHeader(status int)      { d.status = status }

// BenchmarkClick measures a click from the handler to the call of the database. Its
// allocations matter, since the time is mostly that of waiting for the batch.
func BenchmarkClick(b *testing.B) {
	s := storetest.Open(b, storetest.SQLite(b))
	id, signer, log := launched(b, s), newSigner(b), slog.New(slog.DiscardHandler)
	service := newService(b, instant{s.Clicks}, s.Summaries, b.TempDir(), log)
	if err := service.Warm(b.Context()); err != nil {
		b.Fatal(err)
	}
	run(b, service)
	h := redirect.Handler(service, log)
	path := track.Path + signer.Mint(track.Code{CampaignID: id, Seq: 2, ContactID: 3, Link: plain})
	b.ReportAllocs()
	b.SetParallelism(128)
	b.RunParallel(func(pb *testing.PB) {
		r, err := http.NewRequestWithContext(b.Context(), http.MethodGet, "http://bellman.test"+path, http.NoBody)
		if err != nil {
			b.Error(err)
			return
		}
		r.Header.Set("User-Agent", chrome)
		w := &discard{header: http.Header{}}
		for pb.Next() {
			clear(w.header)
			if h.ServeHTTP(w, r); w.status != http.StatusFound {
				b.Error("the answer is", w.status)
				return
			}
		}
	})
}
