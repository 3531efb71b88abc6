package manage_test

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"bellman/internal/api/apitest"
)

func FuzzCampaign(f *testing.F) {
	in := apitest.New(f)
	in.Connect(f)
	in.Call(http.MethodPost, messages, `{"name":"m","text":"x"}`)
	apitest.FuzzBody(f, in, http.MethodPost, campaigns,
		`{"name":"c","botId":1,"messageId":1,"audience":{"all":true}}`, `{"name":null,"audience":[]}`, `{"botId":1e3}`, `0`)
}

func FuzzMessage(f *testing.F) {
	in := apitest.New(f)
	apitest.FuzzBody(f, in, http.MethodPost, messages, `{"name":"c","text":"<b>x</b>"}`, `{"name":"\u0000"}`, `{"TEXT":1}`)
}

// FuzzQuery sends queries to a list.
func FuzzQuery(f *testing.F) {
	in := apitest.New(f)
	in.Connect(f)
	for _, seed := range []string{"limit=1", "cursor=MQ", "limit=%zz", "limit=1&limit=x;cursor=%00", "status=sent"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, query string) {
		w := in.Call(http.MethodGet, bots+"?"+query, "")
		require.Less(t, w.Code, 500, "%q: %s", query, w.Body)
	})
}
