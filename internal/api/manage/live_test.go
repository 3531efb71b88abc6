package manage_test

import (
	"bufio"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"bellman/internal/access"
	"bellman/internal/api/apitest"
	"bellman/internal/store"
	"bellman/internal/store/storetest"
)

// liveEvent is an event of the stream.
type liveEvent struct {
	id, name string
	data     struct {
		Changes []struct {
			Type, ID string
			Progress *struct{ State string }
		}
	}
}

// texts returns what has changed.
func (e liveEvent) texts() (all []string) {
	for _, c := range e.data.Changes {
		all = append(all, strings.TrimSuffix(c.Type+" "+c.ID, " "))
	}
	return all
}

// liveStream reads the stream of a server.
type liveStream struct {
	*http.Response
	lines *bufio.Scanner
}

func watchLive(t *testing.T, address, key, last string) *liveStream {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, address+"/manage/v1/live", nil)
	require.NoError(t, err)
	r.SetBasicAuth("any", key)
	if last != "" {
		r.Header.Set("Last-Event-ID", last)
	}
	w, err := http.DefaultClient.Do(r)
	require.NoError(t, err)
	t.Cleanup(func() { _ = w.Body.Close() })
	return &liveStream{w, bufio.NewScanner(w.Body)}
}

// next returns the next event that is no comment; false when the stream has ended.
func (s *liveStream) next(t *testing.T) (e liveEvent, ok bool) {
	t.Helper()
	for s.lines.Scan() {
		kind, value, _ := strings.Cut(s.lines.Text(), ": ")
		switch kind {
		case "":
			if e.name != "" {
				return e, true
			}
		case "id":
			e.id = value
		case "event":
			e.name = value
		case "data":
			require.NoError(t, json.Unmarshal([]byte(value), &e.data))
		}
	}
	return e, false
}

// until reads until something has changed.
func (s *liveStream) until(t *testing.T, text string) liveEvent {
	t.Helper()
	for {
		e, ok := s.next(t)
		require.True(t, ok, "the stream has ended")
		if slices.Contains(e.texts(), text) {
			return e
		}
	}
}

// process is a process over a database, with its address.
func process(t *testing.T, in *apitest.Installation) string {
	t.Helper()
	server := httptest.NewServer(in.Handler)
	t.Cleanup(func() {
		server.CloseClientConnections()
		server.Close()
	})
	return server.URL
}

// What is done by one process, the screens of another are told, on either engine; each is
// told what its key may see, and goes on where it was.
func TestLiveOfTwoProcesses(t *testing.T) {
	t.Parallel()
	storetest.EachAddress(t, func(t *testing.T, address string) {
		db := storetest.Open(t, address)
		in := apitest.NewOn(t, db)
		there := process(t, in)
		run(t, in)
		other := in
		if store.IsPostgres(address) {
			other = apitest.NewOn(t, storetest.Open(t, address))
			run(t, other)
		}
		s := watchLive(t, there, in.Key, "")
		require.Equal(t, http.StatusOK, s.StatusCode)
		require.Equal(t, "text/event-stream", s.Header.Get("Content-Type"))
		first, _ := s.next(t)
		require.Equal(t, "ready", first.name)
		require.Equal(t, http.StatusCreated, other.Call(http.MethodPost, "/manage/v1/messages", `{"name":"m","text":"hello"}`).Code)
		s.until(t, "message")
		require.Equal(t, http.StatusOK, other.Call(http.MethodPut, "/manage/v1/messages/1", `{"name":"n","text":"hello"}`).Code)
		e := s.until(t, "message 1")
		require.Equal(t, "change", e.name)

		// What is refused has changed nothing, and what systems do has.
		require.Equal(t, http.StatusNotFound, other.Call(http.MethodDelete, "/manage/v1/groups/77", "").Code)
		require.Equal(t, http.StatusOK, other.Call(http.MethodPost, "/v1/contact", `{"channels":[{"type":"email","value":"a@x.ua"}]}`).Code)
		for {
			e, ok := s.next(t)
			require.True(t, ok)
			require.NotContains(t, e.texts(), "group 77")
			if len(e.texts()) > 0 {
				require.Contains(t, e.texts(), "contact")
				break
			}
		}

		// Somebody else's key sees less.
		narrow, err := in.Config.Keys.CreateKey(t.Context(), 1, "n", access.ScopeEvents)
		require.NoError(t, err)
		require.Equal(t, http.StatusForbidden, watchLive(t, there, narrow, "").StatusCode)
		again := watchLive(t, there, in.Key, first.id)
		require.Equal(t, []string{"contact", "group", "message"}, again.until(t, "message").texts())
		lost, _ := watchLive(t, there, in.Key, "nowhere-1").next(t)
		require.Equal(t, "reset", lost.name)
	})
}

// run runs the hub of a process.
func run(t *testing.T, in *apitest.Installation) {
	t.Helper()
	done := make(chan struct{})
	go func() {
		defer close(done)
		in.Config.Live.Run(t.Context())
	}()
	t.Cleanup(func() { <-done })
}

// A campaign that goes out is told with how far it is, whoever sends it.
func TestLiveCampaigns(t *testing.T) {
	t.Parallel()
	in := apitest.New(t)
	id := draft(t, in)
	s := watchLive(t, process(t, in), in.Key, "")
	s.next(t)
	path := fmt.Sprintf("/manage/v1/campaigns/%d", id)
	require.Equal(t, http.StatusOK, in.Call(http.MethodPost, path+"/launch", `{}`).Code)
	e := s.until(t, fmt.Sprint("campaign ", id))
	for e.data.Changes[0].Progress == nil {
		e = s.until(t, fmt.Sprint("campaign ", id))
	}
	require.Equal(t, "launching", e.data.Changes[0].Progress.State)
	require.Equal(t, http.StatusOK, in.Call(http.MethodPost, path+"/cancel", "").Code)
	e = s.until(t, fmt.Sprint("campaign ", id))
	for e.data.Changes[0].Progress != nil {
		e = s.until(t, fmt.Sprint("campaign ", id))
	}
}

// Streams take no place among the requests that are worked on, and end with the server.
func TestLiveStreamsDoNotKeepOthersOut(t *testing.T) {
	t.Parallel()
	in := apitest.New(t)
	stopping := make(chan struct{})
	in.Config.Stopping = stopping
	in.Rebuild(t)
	address := process(t, in)
	streams := make([]*liveStream, 50)
	for i := range streams {
		streams[i] = watchLive(t, address, in.Key, "")
		e, _ := streams[i].next(t)
		require.Equal(t, "ready", e.name)
	}
	require.Equal(t, http.StatusCreated, in.Call(http.MethodPost, "/manage/v1/groups", `{"name":"g"}`).Code)
	for _, s := range streams {
		s.until(t, "group")
	}
	close(stopping)
	done := time.AfterFunc(10*time.Second, func() { panic("the streams do not end") })
	for _, s := range streams {
		for {
			if _, ok := s.next(t); !ok {
				break
			}
		}
	}
	done.Stop()
}
