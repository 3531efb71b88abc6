package manage

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"bellman/internal/access"
	"bellman/internal/api/problem"
	"bellman/internal/api/request"
)

const (
	// streamWrite is how long a client may take to receive one event.
	streamWrite = 10 * time.Second
	// heartbeatEvery is how often a stream shows that it is alive: proxies close
	// silent connections, most of them after a minute. Then it is looked whether the caller
	// may still see what it shows.
	heartbeatEvery = 15 * time.Second
)

// streamed answers with a stream, which write writes; a HEAD gets none of it. leave is called
// at the end. What a stream waits for is no work of the server's: it takes no place among the
// requests that are worked on.
func (a *API) streamed(ctx context.Context, leave func(), write func(r *http.Request, s stream) error) *huma.StreamResponse {
	return &huma.StreamResponse{Body: func(c huma.Context) {
		defer leave()
		r, w := humago.Unwrap(c)
		s, err := openStream(w)
		if err == nil && r.Method != http.MethodHead {
			request.Wait(ctx)
			err = write(r.WithContext(ctx), s)
		}
		if err != nil && ctx.Err() == nil {
			a.Log.DebugContext(ctx, "a stream was cut off", "error", err)
		}
	}}
}

// beat shows that a stream is alive, and returns who its caller is now. It has ended when the
// caller may see it no more: the answer has begun, so the problem goes to the log; the client
// connects again, and gets the problem then.
func (a *API) beat(r *http.Request, s stream) (now access.Caller, ended bool, err error) {
	now, err = a.still(r)
	if err != nil {
		_ = problem.Report(r.Context(), a.Log, err)
		return now, true, nil
	}
	return now, false, s.comment("still here")
}

// stream writes server-sent events. It outlives the server's time-out for
// writing, which is meant for answers that end.
type stream struct {
	w    http.ResponseWriter
	conn *http.ResponseController
}

// openStream begins an answer that proxies neither cache nor buffer.
func openStream(w http.ResponseWriter) (stream, error) {
	s := stream{w, http.NewResponseController(w)}
	for name, value := range map[string]string{
		"Content-Type": "text/event-stream", "Cache-Control": "no-store", "X-Accel-Buffering": "no",
	} {
		w.Header().Set(name, value)
	}
	w.WriteHeader(http.StatusOK)
	return s, s.write("")
}

// event writes an event whose data is v in JSON.
func (s stream) event(name string, v any) error {
	data, err := json.Marshal(v)
	if err != nil {
		return err
	}
	return s.write(fmt.Sprintf("event: %s\ndata: %s\n\n", name, data))
}

// placed writes an event as [stream.event] does, which a client names when it connects again.
func (s stream) placed(place, name string, v any) error {
	data, err := json.Marshal(v)
	if err != nil {
		return err
	}
	return s.write(fmt.Sprintf("id: %s\nevent: %s\ndata: %s\n\n", place, name, data))
}

// comment writes a line that clients ignore.
func (s stream) comment(text string) error { return s.write(": " + text + "\n\n") }

func (s stream) write(text string) error {
	// A connection without deadlines needs none to be moved.
	err := s.conn.SetWriteDeadline(time.Now().Add(streamWrite))
	if err != nil && !errors.Is(err, http.ErrNotSupported) {
		return err
	}
	if _, err := io.WriteString(s.w, text); err != nil {
		return err
	}
	return s.conn.Flush()
}
