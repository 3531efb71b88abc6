package sandbox_test

import (
	"fmt"
	"net"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/valyala/fasthttp"

	"bellman/internal/sandbox"
)

// BenchmarkSendMessage measures sendMessage over real sockets, from a bare fasthttp loop in the same process, and the
// same loop against a server that answers at once (Bare), which is the limit of the machine.
func BenchmarkSendMessage(b *testing.B) {
	const plain = `{"chat_id":%d,"text":"Good morning! Today everything is 20%% cheaper."}`
	const rich = `{"chat_id":%d,"text":"<b>Good morning!</b> Today <a href=\"https://example.com/r/%[1]d\">everything</a> ` +
		`is 20%% cheaper.","parse_mode":"HTML",` +
		`"reply_markup":{"inline_keyboard":[[{"text":"Shop","url":"https://example.com/shop"}]]}}`
	for _, c := range []struct {
		name string
		body string
		keep sandbox.Keep
	}{
		{"Plain", plain, sandbox.KeepMessages},
		{"PlainTotals", plain, sandbox.KeepTotals},
		{"Rich", rich, sandbox.KeepMessages},
	} {
		b.Run(c.name, func(b *testing.B) {
			s := sandbox.Start(b, sandbox.Options{Rates: sandbox.Lifted(), Keep: c.keep})
			loop(b, s.URL()+"/bot"+sandbox.Token(1)+"/sendMessage", c.body)
			require.EqualValues(b, b.N, s.Stats().Messages)
		})
	}
	b.Run("Bare", func(b *testing.B) {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		require.NoError(b, err)
		server := &fasthttp.Server{Handler: func(ctx *fasthttp.RequestCtx) {
			ctx.SetContentType("application/json")
			ctx.SetBodyString(`{"ok":true,"result":{"message_id":1}}`)
		}}
		go func() { _ = server.Serve(l) }()
		b.Cleanup(func() { _ = l.Close() })
		loop(b, "http://"+l.Addr().String()+"/", plain)
	})
}

// loop posts b.N bodies, each to its own chat, over 32 connections.
func loop(b *testing.B, url, format string) {
	b.Helper()
	client := &fasthttp.Client{MaxConnsPerHost: 64}
	b.Cleanup(client.CloseIdleConnections)
	var chat atomic.Int64
	b.ReportAllocs()
	b.SetParallelism(16)
	b.ResetTimer()
	b.RunParallel(func(pb *testing.PB) {
		request, response := fasthttp.AcquireRequest(), fasthttp.AcquireResponse()
		request.SetRequestURI(url)
		request.Header.SetMethod(fasthttp.MethodPost)
		request.Header.SetContentType("application/json")
		var body []byte
		for pb.Next() {
			body = fmt.Appendf(body[:0], format, chat.Add(1))
			request.SetBody(body)
			if err := client.Do(request, response); err != nil || response.StatusCode() != fasthttp.StatusOK {
				b.Errorf("status %d, %v: %s", response.StatusCode(), err, response.Body())
				return
			}
		}
	})
	b.StopTimer()
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "msg/s")
}
