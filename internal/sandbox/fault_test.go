package sandbox_test

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"bellman/internal/sandbox"
)

// attempt sends one message over a connection of its own and returns what a client sees.
func attempt(ctx context.Context, s *sandbox.Sandbox) (status int, body string, err error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, s.URL()+"/bot"+token+"/sendMessage",
		strings.NewReader(`{"chat_id":42,"text":"x"}`))
	if err != nil {
		return 0, "", err
	}
	request.Header.Set("Content-Type", "application/json")
	transport := &http.Transport{DisableKeepAlives: true}
	defer transport.CloseIdleConnections()
	response, err := transport.RoundTrip(request)
	if err != nil {
		return 0, "", err
	}
	data, err := io.ReadAll(response.Body)
	return response.StatusCode, string(data), errors.Join(err, response.Body.Close())
}

func TestFaults(t *testing.T) {
	t.Parallel()
	const arrived, lost = 1, 0
	for name, c := range map[string]struct {
		fault    sandbox.Fault
		check    func(t *testing.T, status int, body string, err error)
		messages int64
	}{
		"flood": {sandbox.Fault{Kind: sandbox.FaultFlood, RetryAfter: 7}, func(t *testing.T, status int, body string, err error) {
			require.NoError(t, err)
			require.Equal(t, 429, status)
			require.JSONEq(t, `{"ok":false,"error_code":429,"description":"Too Many Requests: retry after 7","parameters":{"retry_after":7}}`, body)
		}, lost},
		"error": {sandbox.Fault{
			Kind: sandbox.FaultError, Description: "Internal Server Error: restart",
		}, func(t *testing.T, status int, body string, err error) {
			require.NoError(t, err)
			require.Equal(t, 500, status)
			require.JSONEq(t, `{"ok":false,"error_code":500,"description":"Internal Server Error: restart"}`, body)
		}, lost},
		"gateway": {sandbox.Fault{
			Kind: sandbox.FaultGateway, Code: 504, Delivered: true,
		}, func(t *testing.T, status int, body string, err error) {
			require.NoError(t, err)
			require.Equal(t, 504, status)
			require.Contains(t, body, "<h1>504 Gateway Timeout</h1>")
		}, arrived},
		"garbage": {sandbox.Fault{Kind: sandbox.FaultGarbage, Delivered: true}, func(t *testing.T, status int, body string, err error) {
			require.NoError(t, err)
			require.Equal(t, 200, status)
			require.NotContains(t, body, "message_id")
		}, arrived},
		"truncate": {sandbox.Fault{Kind: sandbox.FaultTruncate}, func(t *testing.T, status int, body string, err error) {
			require.ErrorIs(t, err, io.ErrUnexpectedEOF)
			require.Equal(t, 200, status)
			require.NotEmpty(t, body)
		}, arrived},
		"huge": {sandbox.Fault{Kind: sandbox.FaultHuge}, func(t *testing.T, status int, body string, err error) {
			require.NoError(t, err)
			require.Equal(t, 200, status)
			require.Greater(t, len(body), 10<<20)
			var answer struct {
				OK     bool
				Result struct {
					MessageID int64 `json:"message_id"`
				}
			}
			require.NoError(t, json.Unmarshal([]byte(body), &answer))
			require.True(t, answer.OK)
			require.Positive(t, answer.Result.MessageID)
		}, arrived},
		"reset": {sandbox.Fault{Kind: sandbox.FaultReset}, func(t *testing.T, _ int, _ string, err error) {
			require.ErrorContains(t, err, "reset")
		}, lost},
		"reset after delivery": {sandbox.Fault{Kind: sandbox.FaultReset, Delivered: true}, func(t *testing.T, _ int, _ string, err error) {
			require.ErrorContains(t, err, "reset")
		}, arrived},
		"refuse": {sandbox.Fault{Kind: sandbox.FaultRefuse}, func(t *testing.T, _ int, _ string, err error) {
			require.Error(t, err)
		}, lost},
		"hang for a while": {sandbox.Fault{
			Kind: sandbox.FaultHang, Delivered: true, Duration: 20 * time.Millisecond,
		}, func(t *testing.T, _ int, _ string, err error) {
			require.ErrorIs(t, err, io.EOF)
		}, arrived},
		"slow": {sandbox.Fault{Kind: sandbox.FaultSlow, Duration: 20 * time.Millisecond}, func(t *testing.T, status int, body string, err error) {
			require.NoError(t, err)
			require.Equal(t, 200, status)
			require.Contains(t, body, "message_id")
		}, arrived},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := start(t, sandbox.Options{})
			c.fault.Count = 1
			require.NoError(t, s.AddFault(c.fault))
			begun := time.Now()
			status, body, err := attempt(t.Context(), s)
			c.check(t, status, body, err)
			require.GreaterOrEqual(t, time.Since(begun), c.fault.Duration)
			require.Equal(t, c.messages, s.Stats().Messages)
			require.Equal(t, map[sandbox.FaultKind]int64{c.fault.Kind: 1}, s.Stats().Faults)

			status, _, err = attempt(t.Context(), s)
			require.NoError(t, err, "the fault is over")
			require.Equal(t, 200, status)
		})
	}
}

func TestHangUntilClientLeaves(t *testing.T) {
	t.Parallel()
	s := start(t, sandbox.Options{})
	require.NoError(t, s.AddFault(sandbox.Fault{Kind: sandbox.FaultHang, Delivered: true}))
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	_, _, err := attempt(ctx, s)
	require.ErrorIs(t, err, context.DeadlineExceeded)
	require.EqualValues(t, 1, s.Stats().Messages)
}

func TestAnswerWithoutAnEnd(t *testing.T) {
	t.Parallel()
	for name, delivered := range map[string]bool{"carried out": true, "not carried out": false} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := start(t, sandbox.Options{})
			require.NoError(t, s.AddFault(sandbox.Fault{Kind: sandbox.FaultEndless, Count: 1, Delivered: delivered}))
			response, err := http.Post(s.URL()+"/bot"+token+"/sendMessage", "application/json", strings.NewReader(`{"chat_id":42,"text":"x"}`))
			require.NoError(t, err)
			n, err := io.CopyN(io.Discard, response.Body, 20<<20)
			require.NoError(t, err)
			require.EqualValues(t, 20<<20, n)
			require.NoError(t, response.Body.Close())
			require.EqualValues(t, btoi(delivered), s.Stats().Messages)
			require.NoError(t, s.Close(), "nobody is answered any more")
		})
	}
}

func TestHangUntilClose(t *testing.T) {
	t.Parallel()
	s := sandbox.New(sandbox.Options{})
	require.NoError(t, s.AddFault(sandbox.Fault{Kind: sandbox.FaultHang, Delivered: true}))
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	served := make(chan error, 1)
	go func() { served <- s.Serve(l) }()
	require.Eventually(t, func() bool { return s.URL() != "" }, 20*time.Second, time.Millisecond)
	failed := make(chan error, 1)
	go func() {
		_, _, err := attempt(context.Background(), s)
		failed <- err
	}()
	require.Eventually(t, func() bool { return s.Stats().Messages == 1 }, 20*time.Second, time.Millisecond)
	require.NoError(t, s.Close())
	require.Error(t, <-failed)
	require.NoError(t, <-served)
	require.NoError(t, s.Close())
	require.Error(t, s.Serve(l))
}

// TestFaultRules checks which calls a rule picks.
func TestFaultRules(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		rules []sandbox.Fault
		want  string // one letter a call: . for none, otherwise the first of the kind
	}{
		"every third":     {[]sandbox.Fault{{Kind: sandbox.FaultError, Every: 3}}, "..e..e..e."},
		"skip":            {[]sandbox.Fault{{Kind: sandbox.FaultError, Skip: 4, Every: 2}}, ".....e.e.e"},
		"count":           {[]sandbox.Fault{{Kind: sandbox.FaultError, Skip: 1, Count: 2}}, ".ee......."},
		"method":          {[]sandbox.Fault{{Kind: sandbox.FaultError, Method: "SendMessage", Count: 1}}, "e........."},
		"other method":    {[]sandbox.Fault{{Kind: sandbox.FaultError, Method: "getMe"}}, ".........."},
		"chat":            {[]sandbox.Fault{{Kind: sandbox.FaultError, Chat: 3}}, "...e......"},
		"other bot":       {[]sandbox.Fault{{Kind: sandbox.FaultError, Bot: 7}}, ".........."},
		"the first fires": {[]sandbox.Fault{{Kind: sandbox.FaultFlood, Count: 2}, {Kind: sandbox.FaultError, Count: 3}}, "ffeee....."},
		"never":           {[]sandbox.Fault{{Kind: sandbox.FaultError, Probability: 1e-12}}, ".........."},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := start(t, sandbox.Options{})
			for _, f := range c.rules {
				require.NoError(t, s.AddFault(f))
			}
			got := ""
			for chat := range len(c.want) {
				r := call(t, s, "sendMessage", object{"chat_id": chat + 100*btoi(chat == 0), "text": "x"})
				switch r.Status {
				case 200:
					got += "."
				case 429:
					got += "f"
				default:
					got += "e"
				}
			}
			require.Equal(t, c.want, got)
			require.EqualValues(t, strings.Count(got, "f"), s.Stats().Limited)
			require.EqualValues(t, strings.Count(got, "."), s.Stats().Messages)
		})
	}
}

func btoi(b bool) int {
	if b {
		return 1
	}
	return 0
}

func TestFaultProbability(t *testing.T) {
	t.Parallel()
	picks := func() (got []int) {
		s := start(t, sandbox.Options{})
		require.NoError(t, s.AddFault(sandbox.Fault{Kind: sandbox.FaultError, Probability: 0.3, Seed: 9}))
		for range 200 {
			got = append(got, call(t, s, "getMe", object{}).Status)
		}
		require.InDelta(t, 60, s.Faults()[0].Fired, 30)
		require.EqualValues(t, 200, s.Faults()[0].Seen)
		return got
	}
	first := picks()
	require.Equal(t, first, picks(), "the seed decides")
}

func TestWrongFaults(t *testing.T) {
	t.Parallel()
	s := start(t, sandbox.Options{})
	for _, f := range []sandbox.Fault{
		{}, {Kind: "fire"}, {Kind: sandbox.FaultSlow}, {Kind: sandbox.FaultRefuse, Bot: 1},
		{Kind: sandbox.FaultError, Probability: 2}, {Kind: sandbox.FaultError, Skip: -1},
		{Kind: sandbox.FaultError, Code: 200}, {Kind: sandbox.FaultError, Code: 1000},
	} {
		require.Error(t, s.AddFault(f))
	}
	require.Empty(t, s.Faults())
}

func TestLatency(t *testing.T) {
	t.Parallel()
	s := start(t, sandbox.Options{Rates: sandbox.Rates{Latency: 20 * time.Millisecond, Jitter: 5 * time.Millisecond}})
	begun := time.Now()
	require.True(t, call(t, s, "getMe", object{}).OK)
	require.GreaterOrEqual(t, time.Since(begun), 20*time.Millisecond)
}
