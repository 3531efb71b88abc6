package webhook_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"bellman/internal/message"
	"bellman/internal/pgtest"
	"bellman/internal/store/storetest"
)

// BenchmarkDelivery posts 100,000 activities over HTTP to an endpoint that only
// reads them. settling/s is how fast they were recorded, in steps of 500 outcomes.
func BenchmarkDelivery(b *testing.B) {
	for _, engine := range []struct {
		name    string
		address func(testing.TB) string
	}{{"sqlite", storetest.SQLite}, {"postgres", pgtest.Schema}} {
		b.Run(engine.name, func(b *testing.B) {
			const people, step = 100_000, 500
			w := newWorld(b, engine.address(b))
			sink := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
				_, _ = io.Copy(io.Discard, r.Body)
			}))
			b.Cleanup(sink.Close)
			h := w.hook(b, 1, sink.URL)
			o := w.launch(b, 1, people, message.Text("hi"))
			began := time.Now()
			for range people / step {
				o.sent(b, step)
			}
			settled := time.Since(began)
			s := w.sender("p")
			b.ResetTimer()
			w.look(b, s)
			took := b.Elapsed()
			b.StopTimer()
			_, backlog, err := w.hooks.Get(b.Context(), 1, h.ID)
			require.NoError(b, err)
			require.Zero(b, backlog)
			b.ReportMetric(people/took.Seconds(), "activities/s")
			b.ReportMetric(people/settled.Seconds(), "settling/s")
			b.ReportMetric(0, "ns/op")
		})
	}
}
