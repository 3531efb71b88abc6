package manage_test

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"bellman/internal/api/apitest"
)

// A key asks and is told of nobody; what is no thing is refused. Who is there is tested
// with people, in package live and in a browser.
func TestPresence(t *testing.T) {
	t.Parallel()
	in := apitest.New(t)
	const presence = "/manage/v1/presence"
	for _, s := range []apitest.Scenario{
		{Method: http.MethodPost, Path: presence, Body: `{"type":"message","id":"7"}`, Status: 200, Is: `{"people":[]}`},
		{Method: http.MethodPost, Path: presence, Body: `{"type":"message","id":"7"}`, Status: 200, Is: `{"people":[]}`},
		{Method: http.MethodPost, Path: presence, Body: `{"type":"bot","id":"7"}`, Status: 422},
		{Method: http.MethodPost, Path: presence, Body: `{"type":"message","id":"x"}`, Status: 422},
	} {
		s.Check(t, in)
	}
	require.Equal(t, http.StatusMethodNotAllowed, in.Call(http.MethodGet, presence, "").Code)
}
