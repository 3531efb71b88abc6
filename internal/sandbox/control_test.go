package sandbox_test

import (
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"bellman/internal/sandbox"
)

// control makes a call of the control API.
func control(t *testing.T, s *sandbox.Sandbox, method, path, body string) (int, string) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), method, s.URL()+path, strings.NewReader(body))
	require.NoError(t, err)
	response, err := http.DefaultClient.Do(request)
	require.NoError(t, err)
	data, err := io.ReadAll(response.Body)
	require.NoError(t, err)
	require.NoError(t, response.Body.Close())
	return response.StatusCode, strings.TrimSuffix(string(data), "\n")
}

// TestControl is a conversation: each call sees what the ones before it did.
func TestControl(t *testing.T) {
	t.Parallel()
	s := start(t, sandbox.Options{Now: newClock().Now})
	for _, c := range []struct {
		method, path, body string
		status             int
		want               string // JSON, or with a leading ~ a part of the answer
	}{
		{"GET", "/sandbox", "", 200, "~POST   /sandbox/people"},
		{"POST", "/sandbox/bots", `{"id":123456,"username":"shop_bot","name":"Shop"}`, 200, `{"ok":true}`},
		{"GET", "/sandbox/bots", "", 200, `{"bots":[{"id":123456,"username":"shop_bot","name":"Shop"}]}`},
		{"POST", "/sandbox/bots", `[{"id":7},{"id":8,"token":"9:A"}]`, 400, "~item 1: the token is not one of bot 8"},
		{"POST", "/sandbox/people", `{"bot":123456,"state":"blocked","chats":[1],"first":10,"count":5}`, 200, `{"chats":6}`},
		{"GET", "/sandbox/people?bot=123456&chat=14", "", 200, `{"state":"blocked"}`},
		{"GET", "/sandbox/people?bot=123456&chat=15", "", 200, `{"state":"subscriber"}`},
		{"GET", "/sandbox/people?bot=123456", "", 400, "~bot and chat are needed"},
		{"POST", "/sandbox/people", `{"bot":123456,"state":"asleep","chats":[1]}`, 400, `{"error":"unknown state \"asleep\""}`},
		{"POST", "/sandbox/people", `{"bot":123456,"state":"blocked"}`, 400, "~chats are needed"},
		{"POST", "/sandbox/people", `{"bot":123456,"state":"blocked","chats":[1],"chat":2}`, 400, `~unknown field \"chat\"`},
		{"POST", "/sandbox/people", `{"bot":123456,"state":"blocked","chats":[1]} x`, 400, "~goes on after its end"},
		{"POST", "/sandbox/people", `{`, 400, "~the body is not what this call takes"},
		{"POST", "/sandbox/people", ``, 400, "~the body is not what this call takes"},
		{"POST", "/bot" + token + "/sendMessage?chat_id=1&text=a", "", 403, "~blocked by the user"},
		{"POST", "/bot" + token + "/sendMessage?chat_id=2&text=a", "", 200, "~message_id"},
		{"POST", "/bot" + token + "/sendMessage?chat_id=2&text=a", "", 200, "~message_id"},
		{"GET", "/sandbox/messages?bot=123456&after=1&limit=5", "", 200,
			`{"messages":[{"seq":2,"bot":123456,"chat":2,"messageId":2,"at":1700000000000,"text":"a"}]}`},
		{"GET", "/sandbox/messages?limit=0", "", 400, "~limit is not between"},
		{"GET", "/sandbox/messages?bot=x", "", 400, "~bot is not a whole number"},
		{"GET", "/sandbox/recipients?atLeast=2", "", 200, `{"recipients":[{"bot":123456,"chat":2,"count":2}]}`},
		{"PUT", "/sandbox/rates", `{"ratePerSecond":5,"latencyMs":1}`, 200,
			`{"ratePerSecond":5,"paidRatePerSecond":-1,"chatPerSecond":-1,"chatBurst":1,"groupPerMinute":-1,"latencyMs":1,"jitterMs":0}`},
		{"GET", "/sandbox/rates", "", 200,
			`{"ratePerSecond":5,"paidRatePerSecond":-1,"chatPerSecond":-1,"chatBurst":1,"groupPerMinute":-1,"latencyMs":1,"jitterMs":0}`},
		{"PUT", "/sandbox/rates", `{"latencyMs":-1}`, 400, "~cannot be negative"},
		{"POST", "/sandbox/faults", `{"kind":"gateway","code":504,"method":"getMe","count":1}`, 200, `{"ok":true}`},
		{"POST", "/sandbox/faults", `{"kind":"slow"}`, 400, "~needs a duration"},
		{"GET", "/bot" + token + "/getMe", "", 504, "~nginx"},
		{"GET", "/sandbox/faults", "", 200, `{"faults":[{"kind":"gateway","code":504,"method":"getme","count":1,"seen":1,"fired":1}]}`},
		{"DELETE", "/sandbox/faults", "", 200, `{"ok":true}`},
		{"POST", "/sandbox/updates", `{"bot":123456,"chat":2,"kind":"start","payload":"p"}`, 200, `{"updateId":1}`},
		{"POST", "/sandbox/updates", `[{"bot":123456,"chat":2,"kind":"block"},{"bot":123456,"chat":2,"kind":"unblock"}]`, 200,
			`{"results":[{"updateId":2},{"updateId":3}]}`},
		{"GET", "/sandbox/callbacks?bot=123456&query=5", "", 400, "~no such query"},
		{"GET", "/sandbox/files?bot=123456", "", 200, `{"files":[]}`},
		{"GET", "/sandbox/files?bot=x", "", 400, "~bot is not a whole number"},
		{"POST", "/bot7:A/sendPhoto?chat_id=2&photo=https://example.com/a.jpg", "", 200, "~file_id"},
		{"GET", "/sandbox/files", "", 200, `~{"files":[{"bot":7,"fileId":"photo-7-1-`},
		{"GET", "/sandbox/messages?bot=7", "", 200, `~"media":{"bot":7,"fileId":"photo-7-1-`},
		{"GET", "/sandbox/stats", "", 200,
			`{"messages":3,"recipients":2,"duplicates":1,"repeated":1,"requests":5,"limited":0,` +
				`"refused":{"403":1,"504":1},"faults":{},"uploads":0,"bots":2}`},
		{"GET", "/sandbox/nothing", "", 404, "~no such call"},
		{"PUT", "/sandbox", "", 405, "~method not allowed"},
		{"DELETE", "/sandbox", "", 200, `{"ok":true}`},
		{"GET", "/sandbox/stats", "", 200,
			`{"messages":0,"recipients":0,"duplicates":0,"repeated":0,"requests":0,"limited":0,"refused":{},"faults":{},"uploads":0,"bots":0}`},
		{"GET", "/sandbox/rates", "", 200,
			`{"ratePerSecond":-1,"paidRatePerSecond":-1,"chatPerSecond":-1,"chatBurst":1,"groupPerMinute":-1,"latencyMs":0,"jitterMs":0}`},
	} {
		status, got := control(t, s, c.method, c.path, c.body)
		require.Equal(t, c.status, status, "%s %s: %s", c.method, c.path, got)
		if part, ok := strings.CutPrefix(c.want, "~"); ok {
			require.Contains(t, got, part)
		} else {
			require.JSONEq(t, c.want, got, c.path)
		}
	}
}

// TestHelp carries out every example on the page, so that none of them is wrong.
func TestHelp(t *testing.T) {
	t.Parallel()
	s := start(t, sandbox.Options{})
	_, page := control(t, s, "GET", "/sandbox", "")
	examples := 0
	for line := range strings.Lines(page) {
		call, body, ok := strings.Cut(line, "{")
		fields := strings.Fields(call)
		if !ok || len(fields) != 2 || fields[0] == "Bot" || strings.Contains(body, `"press"`) || strings.Contains(body, `"revoked"`) {
			continue
		}
		body = "{" + body[:strings.LastIndexByte(body, '}')+1]
		s.Subscribe(123456, 42) // whatever the examples before did to them
		status, got := control(t, s, fields[0], fields[1], body)
		require.Equal(t, 200, status, "%s: %s", line, got)
		examples++
	}
	require.Greater(t, examples, 15)
}
