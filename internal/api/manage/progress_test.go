package manage_test

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"bellman/internal/api"
	"bellman/internal/api/apitest"
)

// campaign makes a campaign for three chats and returns its id.
func draft(tb testing.TB, in *apitest.Installation) int64 {
	tb.Helper()
	app := in.Connect(tb)
	for _, call := range []struct{ path, body string }{
		{"/v1/apps/" + app + "/tokens", `{"tokens":[{"token":1,"email":"a@b.c"},{"token":2,"email":"b@b.c"},{"token":3,"email":"c@b.c"}]}`},
		{"/manage/v1/messages", `{"name":"m","text":"hello"}`},
	} {
		w := in.Call(http.MethodPost, call.path, call.body)
		require.Less(tb, w.Code, 300, w.Body)
	}
	w := in.Call(http.MethodPost, "/manage/v1/campaigns", `{"name":"c","botId":1,"messageId":1,"audience":{"all":true}}`)
	require.Equal(tb, http.StatusCreated, w.Code, w.Body)
	return int64(apitest.Field[float64](tb, w, "id"))
}

func TestProgressOfACampaign(t *testing.T) {
	t.Parallel()
	in := apitest.New(t)
	path := fmt.Sprintf("/manage/v1/campaigns/%d", draft(t, in))
	const none = `"progress":{"percent":0,"ratePerSecond":0}`
	apitest.Scenario{Method: http.MethodGet, Path: path, Status: 200, Contains: []string{none}}.Check(t, in)
	apitest.Scenario{Method: http.MethodGet, Path: "/manage/v1/campaigns", Status: 200, Contains: []string{none}}.Check(t, in)
	apitest.Scenario{Method: http.MethodPost, Path: path + "/cancel", Status: 200, Contains: []string{none}}.Check(t, in)
}

func TestProgressRefusals(t *testing.T) {
	t.Parallel()
	in := apitest.New(t)
	path := fmt.Sprintf("/manage/v1/campaigns/%d/progress", draft(t, in))
	apitest.RunAll(t, in, []apitest.Scenario{
		{Name: "no such campaign", Method: http.MethodGet, Path: "/manage/v1/campaigns/99/progress", Status: 404,
			Contains: []string{`"code":"campaign_not_found"`}, Answered: []string{"Content-Type", "application/problem+json"}},
		{Name: "no key", Method: http.MethodGet, Path: path, Header: []string{"Authorization", ""}, Status: 401},
		{Name: "other method", Method: http.MethodPost, Path: path, Status: 405, Answered: []string{"Allow", "GET, HEAD"}},
		{Name: "head", Method: http.MethodHead, Path: path, Status: 200, Answered: []string{"Content-Type", "text/event-stream"}},
	})
}

// pipes is a listener whose connections are pipes: they stay inside the test's
// bubble, where the test controls time.
type pipes struct {
	conns  chan net.Conn
	closed chan struct{}
}

func (p *pipes) Accept() (net.Conn, error) {
	select {
	case c := <-p.conns:
		return c, nil
	case <-p.closed:
		return nil, net.ErrClosed
	}
}

func (p *pipes) Close() error {
	select {
	case <-p.closed:
	default:
		close(p.closed)
	}
	return nil
}

func (p *pipes) Addr() net.Addr { return &net.UnixAddr{Name: "pipes"} }

func (p *pipes) dial(context.Context, string, string) (net.Conn, error) {
	here, there := net.Pipe()
	p.conns <- there
	return here, nil
}

// sentEvent is one server-sent event, or a comment.
type sentEvent struct {
	name    string
	comment string
	data    struct {
		State    string
		Counts   struct{ Recipients, Queued, Sent int64 }
		Progress struct{ Percent, RatePerSecond float64 }
	}
}

// eventStream reads what a stream sends.
type eventStream struct {
	*http.Response
	lines *bufio.Scanner
	// leave closes the connection at once, which closing the body does not: a client reads on for a moment then.
	leave func()
}

// next returns the next event; false when the stream has ended.
func (s *eventStream) next(t *testing.T) (e sentEvent, ok bool) {
	t.Helper()
	for s.lines.Scan() && s.lines.Text() != "" {
		ok = true
		kind, value, found := strings.Cut(s.lines.Text(), ": ")
		require.True(t, found, s.lines.Text())
		switch kind {
		case "":
			e.comment = value
		case "event":
			e.name = value
		case "data":
			require.NoError(t, json.Unmarshal([]byte(value), &e.data))
		default:
			require.Fail(t, "no such line in a stream", s.lines.Text())
		}
	}
	return e, ok
}

// served runs a test against a whole server, in a bubble.
func served(t *testing.T, test func(t *testing.T, in *apitest.Installation, watch func(path string) *eventStream, stop func())) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		in := apitest.New(t)
		stopping := make(chan struct{})
		in.Config.Stopping = stopping
		in.Rebuild(t)
		listener := &pipes{conns: make(chan net.Conn), closed: make(chan struct{})}
		server := api.NewServer(in.Handler, slog.New(slog.DiscardHandler))
		go func() { _ = server.Serve(listener) }()
		transport := &http.Transport{DialContext: listener.dial}
		t.Cleanup(func() {
			transport.CloseIdleConnections()
			require.NoError(t, server.Close())
			// The server's work ends before its database is closed.
			synctest.Wait()
		})
		watch := func(path string) *eventStream {
			ctx, leave := context.WithCancel(t.Context())
			t.Cleanup(leave)
			request, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://bellman.test"+path, nil)
			require.NoError(t, err)
			request.SetBasicAuth("any", in.Key)
			response, err := transport.RoundTrip(request)
			require.NoError(t, err)
			t.Cleanup(func() { _ = response.Body.Close() })
			require.Equal(t, http.StatusOK, response.StatusCode)
			return &eventStream{response, bufio.NewScanner(response.Body), leave}
		}
		test(t, in, watch, func() { close(stopping) })
	})
}

func TestProgressStream(t *testing.T) {
	t.Parallel()
	served(t, func(t *testing.T, in *apitest.Installation, watch func(string) *eventStream, _ func()) {
		path := fmt.Sprintf("/manage/v1/campaigns/%d", draft(t, in))
		stream := watch(path + "/progress")
		require.Equal(t, "text/event-stream", stream.Header.Get("Content-Type"))
		require.Equal(t, "no-store", stream.Header.Get("Cache-Control"))
		require.Equal(t, "no", stream.Header.Get("X-Accel-Buffering"))
		began := time.Now()
		e, ok := stream.next(t)
		require.True(t, ok)
		require.Equal(t, "progress", e.name)
		require.Equal(t, "draft", e.data.State)
		require.Zero(t, time.Since(began), "the first event comes at once")

		// The stream lasts for longer than any other answer may.
		for range 40 {
			before := time.Now()
			e, ok = stream.next(t)
			require.True(t, ok)
			require.NotEmpty(t, e.comment)
			require.LessOrEqual(t, time.Since(before), 15*time.Second)
		}
		require.Greater(t, time.Since(began), 9*time.Minute)

		require.Equal(t, http.StatusOK, in.Call(http.MethodPost, path+"/launch", "").Code)
		changed := time.Now()
		e, ok = stream.next(t)
		require.True(t, ok)
		require.Equal(t, "launching", e.data.State)
		require.LessOrEqual(t, time.Since(changed), 500*time.Millisecond)
		_, err := in.Store.Campaigns.LayOut(t.Context(), 1, 10, time.Now())
		require.NoError(t, err)
		e, ok = stream.next(t)
		require.True(t, ok)
		require.Equal(t, "sending", e.data.State)
		require.EqualValues(t, 3, e.data.Counts.Queued)

		require.Equal(t, http.StatusOK, in.Call(http.MethodPost, path+"/cancel", "").Code)
		e, ok = stream.next(t)
		require.True(t, ok)
		require.Equal(t, "cancelled", e.data.State)
		_, ok = stream.next(t)
		require.False(t, ok, "it ends with the campaign")

		again := watch(path + "/progress")
		e, ok = again.next(t)
		require.True(t, ok)
		require.Equal(t, "cancelled", e.data.State)
		_, ok = again.next(t)
		require.False(t, ok)
	})
}

func TestProgressStreamEndsWithTheServer(t *testing.T) {
	t.Parallel()
	served(t, func(t *testing.T, in *apitest.Installation, watch func(string) *eventStream, stop func()) {
		stream := watch(fmt.Sprintf("/manage/v1/campaigns/%d/progress", draft(t, in)))
		_, ok := stream.next(t)
		require.True(t, ok)
		began := time.Now()
		stop()
		_, ok = stream.next(t)
		require.False(t, ok)
		require.Zero(t, time.Since(began))
	})
}

func TestProgressStreamEndsWithItsReader(t *testing.T) {
	t.Parallel()
	served(t, func(t *testing.T, in *apitest.Installation, watch func(string) *eventStream, _ func()) {
		stream := watch(fmt.Sprintf("/manage/v1/campaigns/%d/progress", draft(t, in)))
		_, ok := stream.next(t)
		require.True(t, ok)
		stream.leave()
		synctest.Wait()
		require.Contains(t, in.Log.String(), `"path":"/manage/v1/campaigns/1/progress"`, "the request is over")
	})
}

// Who may not see a campaign any more is not shown what happens to it.
func TestProgressStreamEndsWithTheKey(t *testing.T) {
	t.Parallel()
	served(t, func(t *testing.T, in *apitest.Installation, watch func(string) *eventStream, _ func()) {
		stream := watch(fmt.Sprintf("/manage/v1/campaigns/%d/progress", draft(t, in)))
		for range 5 {
			_, ok := stream.next(t)
			require.True(t, ok)
		}
		keys, err := in.Config.Keys.Keys(t.Context(), 1)
		require.NoError(t, err)
		for _, k := range keys {
			_, err = in.Config.Keys.RevokeKey(t.Context(), 1, k.ID)
			require.NoError(t, err)
		}
		revoked := time.Now()
		_, ok := stream.next(t)
		require.False(t, ok)
		require.LessOrEqual(t, time.Since(revoked), 15*time.Second)
	})
}
