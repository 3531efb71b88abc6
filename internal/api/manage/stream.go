package manage

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"
)

// streamWrite is how long a client may take to receive one event.
const streamWrite = 10 * time.Second

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
