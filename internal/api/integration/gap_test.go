package integration_test

import (
	"fmt"
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"bellman/internal/api/apitest"
)

// A recipient whose jsonParam has no value for what the text writes gets the message,
// and the sender is told, also when the request is repeated under its name.
func TestSmartSendTellsGaps(t *testing.T) {
	t.Parallel()
	in := apitest.New(t)
	in.Prepare(t)
	w := in.Call(http.MethodPost, telegramMessages, `{"name":"m","text":"{{ data.name }}: {{ data.total }}"}`)
	require.Equal(t, http.StatusOK, w.Code, w.Body)
	path := fmt.Sprint("/api/v1/message/", apitest.Field[int64](t, w, "id"), "/smartsend")
	const body = `{"recipients":[{"locator":"501","jsonParam":"{\"name\":\"Olena\"}","externalRequestId":"a"},
		{"locator":"-502","jsonParam":"{\"name\":\"Olena\",\"total\":5}"}]}`
	for range 2 {
		got := results(t, in.Call(http.MethodPost, path, body))
		require.Equal(t, "OK", got[0].Status)
		require.Equal(t, "The text has gaps: jsonParam has no value for data.total", got[0].Message)
		require.Equal(t, "OK", got[1].Status)
		require.Empty(t, got[1].Message)
	}
}
