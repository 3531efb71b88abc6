package apitest

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// Addresses of the management API that tests of both APIs use.
const (
	Bots     = "/manage/v1/bots"
	Messages = "/manage/v1/messages"
)

// Call sends a request with the installation's key, its body as JSON. header holds names
// and values in turn; the name :host is that of the server.
func (in *Installation) Call(method, path, body string, header ...string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, "http://bellman.test/", strings.NewReader(body))
	r.URL.Path, r.URL.RawQuery, _ = strings.Cut(path, "?")
	r.SetBasicAuth("any", in.Key)
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	setHeader(r, header)
	w := httptest.NewRecorder()
	in.Handler.ServeHTTP(w, r)
	return w
}

func setHeader(r *http.Request, header []string) {
	for i := 0; i < len(header); i += 2 {
		if header[i] == ":host" {
			r.Host = header[i+1]
			continue
		}
		r.Header.Set(header[i], header[i+1])
	}
}

// Connect connects a bot and returns its app_uuid.
func (in *Installation) Connect(tb testing.TB) string {
	tb.Helper()
	w := in.Call(http.MethodPost, Bots, `{"token":"123456:AAgood"}`)
	require.Equal(tb, http.StatusCreated, w.Code, w.Body)
	return Field[string](tb, w, "appUuid")
}

// Prepare connects a bot with two chats of one contact, 501 and -502, and writes a
// message. It returns the address that sends the message.
func (in *Installation) Prepare(tb testing.TB) (send string) {
	tb.Helper()
	app := in.Connect(tb)
	w := in.Call(http.MethodPost, "/v1/apps/"+app+"/tokens",
		`{"tokens":[{"token":501,"externalCustomerId":"C1"},{"token":-502,"externalCustomerId":"C1"}]}`)
	require.Equal(tb, http.StatusOK, w.Code, w.Body)
	w = in.Call(http.MethodPost, Messages, `{"name":"m","text":"x"}`)
	require.Equal(tb, http.StatusCreated, w.Code, w.Body)
	return fmt.Sprint(Messages, "/", Field[int64](tb, w, "id"), "/send")
}

// Field returns one member of an answer that is a JSON object.
func Field[T any](tb testing.TB, w *httptest.ResponseRecorder, name string) (value T) {
	tb.Helper()
	var members map[string]json.RawMessage
	require.NoError(tb, json.Unmarshal(w.Body.Bytes(), &members), w.Body)
	require.Contains(tb, members, name, w.Body)
	require.NoError(tb, json.Unmarshal(members[name], &value))
	return value
}
