package manage_test

import (
	"encoding/json"
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"bellman/internal/api/apitest"
)

func TestStats(t *testing.T) {
	t.Parallel()
	in := apitest.New(t)
	app := in.Connect(t)
	added := in.Call(http.MethodPost, "/api/v1/apps/"+app+"/tokens",
		`{"tokens":[{"token":"1","email":"a@x.ua"},{"token":"2","email":"b@x.ua"}]}`)
	require.Less(t, added.Code, 300, added.Body.String())
	type stat struct {
		BotID      int64
		Subscribed int64
		Left       int64
		Sent       int64
		Reasons    []any
	}
	ask := func(query string) (items []stat) {
		t.Helper()
		got := in.Call(http.MethodGet, "/manage/v1/stats"+query, "")
		require.Equal(t, http.StatusOK, got.Code, got.Body.String())
		var answer struct{ Items []stat }
		require.NoError(t, json.Unmarshal(got.Body.Bytes(), &answer))
		return answer.Items
	}
	days := ask("")
	require.Len(t, days, 31, "30 days, and the one that they begin in")
	require.EqualValues(t, 2, days[30].Subscribed)
	require.Zero(t, days[0].Subscribed)
	require.NotNil(t, days[0].Reasons)
	require.Equal(t, []stat{{BotID: 1, Subscribed: 2, Reasons: []any{}}}, ask("?interval=total&by=bot,kind&timeZone=Europe/Kyiv"))
	require.Empty(t, ask("?by=bot&botId=2"))

	for query, want := range map[string]string{
		"?timeZone=Mars": `"code":"time_zone_unknown"`, "?timeZone=Local": `"code":"time_zone_unknown"`,
		"?interval=week": `"location":"query.interval"`, "?by=day": `"location":"query.by`, "?kind=x": `"location":"query.kind"`,
		"?from=2026-03-02T00:00:00Z&to=2026-03-01T00:00:00Z":                  `"code":"time_reversed"`,
		"?from=2020-01-01T00:00:00Z&to=2026-01-01T00:00:00Z&interval=quarter": `"code":"interval_too_short"`,
		"?from=yesterday": `"location":"query.from"`,
	} {
		got := in.Call(http.MethodGet, "/manage/v1/stats"+query, "")
		require.Equal(t, http.StatusUnprocessableEntity, got.Code, query)
		require.Contains(t, got.Body.String(), want, query)
	}
}
