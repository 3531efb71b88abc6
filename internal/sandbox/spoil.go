package sandbox

import (
	"bytes"
	"fmt"
	"net"
	"net/http"
	"slices"
	"time"

	"github.com/valyala/fasthttp"
)

// fail carries out a fault. If the call was carried out, its answer is already in the response.
func (s *Sandbox) fail(ctx *fasthttp.RequestCtx, f *Fault) {
	switch f.Kind {
	case FaultFlood:
		s.refuse(ctx, tooManyRequests(f.RetryAfter))
	case FaultError:
		s.refuse(ctx, &refusal{code: f.Code, description: f.Description})
	case FaultGateway:
		s.refused(f.Code)
		ctx.Response.SetStatusCode(f.Code)
		ctx.Response.Header.SetContentType("text/html")
		ctx.Response.SetBody(gatewayPage(f.Code))
	case FaultGarbage:
		ctx.Response.SetStatusCode(http.StatusOK)
		ctx.Response.Header.SetContentType("application/json")
		ctx.Response.SetBodyString(`{"ok":tru` + "\x00\x01<garbage>")
	case FaultSlow:
		s.wait(f.Duration)
	case FaultReset:
		reset(ctx.Conn())
		abandon(ctx)
	case FaultHang:
		s.hang(ctx, f.Duration)
	case FaultTruncate:
		truncate(ctx, bytes.Clone(ctx.Response.Body()))
	case FaultHuge:
		ctx.Response.SetBody(pad(ctx.Response.Body()))
	case FaultEndless:
		endless(ctx)
	}
}

// gatewayPage is the error page of an nginx in front of a dead server.
func gatewayPage(code int) []byte {
	title := fmt.Sprintf("%d %s", code, http.StatusText(code))
	return fmt.Appendf(nil, "<html>\r\n<head><title>%[1]s</title></head>\r\n<body>\r\n<center><h1>%[1]s</h1></center>\r\n"+
		"<hr><center>nginx/1.18.0</center>\r\n</body>\r\n</html>\r\n", title)
}

// reset makes the close of a connection a reset, so that the client sees an error and not an end.
func reset(conn net.Conn) {
	if c, ok := conn.(interface{ SetLinger(seconds int) error }); ok {
		// An error means that the client has already left, so that there is nothing to reset.
		_ = c.SetLinger(0)
	}
}

// abandon closes the connection without an answer.
func abandon(ctx *fasthttp.RequestCtx) {
	ctx.HijackSetNoResponse(true)
	ctx.Hijack(func(net.Conn) {})
}

// hang holds the connection without an answer until the client leaves, the duration ends or the sandbox closes.
func (s *Sandbox) hang(ctx *fasthttp.RequestCtx, duration time.Duration) {
	ctx.HijackSetNoResponse(true)
	ctx.Hijack(func(conn net.Conn) {
		if duration > 0 {
			if conn.SetReadDeadline(time.Now().Add(duration)) != nil {
				return
			}
		}
		var buffer [512]byte
		for {
			if _, err := conn.Read(buffer[:]); err != nil {
				return
			}
		}
	})
}

// hugeAnswer is by how much an answer is padded, in bytes.
const hugeAnswer = 10 << 20

// pad makes an answer, which is a JSON object, a huge one.
func pad(answer []byte) []byte {
	return slices.Concat([]byte(`{"padding":"`), bytes.Repeat([]byte("x"), hugeAnswer), []byte(`",`), answer[1:])
}

// endless begins an answer and goes on until the client leaves or the sandbox closes.
func endless(ctx *fasthttp.RequestCtx) {
	ctx.HijackSetNoResponse(true)
	ctx.Hijack(func(conn net.Conn) {
		text := []byte("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n{\"ok\":true,\"result\":{\"text\":\"")
		more := bytes.Repeat([]byte("x"), 64<<10)
		for {
			if _, err := conn.Write(text); err != nil {
				return
			}
			text = more
		}
	})
}

// truncate announces a complete body and sends half of it.
func truncate(ctx *fasthttp.RequestCtx, body []byte) {
	head := fmt.Appendf(nil, "HTTP/1.1 %d %s\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n",
		ctx.Response.StatusCode(), http.StatusText(ctx.Response.StatusCode()), len(body))
	ctx.HijackSetNoResponse(true)
	ctx.Hijack(func(conn net.Conn) {
		// A failed write means that the client has left.
		_, _ = conn.Write(append(head, body[:len(body)/2]...))
	})
}
