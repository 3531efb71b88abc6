package manage_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"bellman/internal/api/apitest"
)

type receipt struct{ RequestID, Status, Code, Message string }

func TestSends(t *testing.T) {
	t.Parallel()
	in := apitest.New(t)
	send := in.Prepare(t)
	const body = `{"botId":1,"recipients":[{"token":"-502","data":{"code": 7, "to":["Олена"]}},{"contactId":1},{"token":501},` +
		`{"token":"503"},{}]}`
	w := in.Call(http.MethodPost, send, body, "Idempotency-Key", "order-1")
	require.Equal(t, http.StatusOK, w.Code, w.Body)
	results := apitest.Field[[]receipt](t, w, "results")
	require.Len(t, results, 5)
	for i, want := range []string{"accepted", "accepted", "accepted", "rejected", "rejected"} {
		require.Equal(t, want, results[i].Status)
		require.Equal(t, want == "accepted", results[i].RequestID != "")
		require.Equal(t, want == "rejected", results[i].Message != "")
	}
	require.Equal(t, "token_unknown", results[3].Code)
	first := w.Body.String()
	w = in.Call(http.MethodPost, send, body, "Idempotency-Key", "order-1")
	require.Equal(t, http.StatusOK, w.Code, w.Body)
	require.JSONEq(t, first, w.Body.String())

	w = in.Call(http.MethodGet, "/manage/v1/deliveries/"+results[1].RequestID, "")
	require.Equal(t, http.StatusOK, w.Code, w.Body)
	require.JSONEq(t, fmt.Sprintf(`{"requestId":%q,"messageId":1,"botId":1,"campaignId":1,"deliveries":[
		{"chatId":-502,"contactId":1,"status":"queued"},{"chatId":501,"contactId":1,"status":"queued"}]}`, results[1].RequestID), w.Body.String())

	many := `{"botId":1,"recipients":[` + strings.TrimSuffix(strings.Repeat(`{"token":501},`, 1001), ",") + `]}`
	apitest.RunAll(t, in, []apitest.Scenario{
		{Name: "key of another send", Method: http.MethodPost, Path: send, Body: `{"botId":1,"recipients":[{"token":501}]}`,
			Header: []string{"Idempotency-Key", "order-1"}, Status: 422,
			Contains: []string{`"code":"idempotency_key_reused"`}},
		{Name: "key too long", Method: http.MethodPost, Path: send, Body: body, Header: []string{"Idempotency-Key", strings.Repeat("k", 256)},
			Status: 422, Contains: []string{"Idempotency-Key"}},
		{Name: "key beyond ASCII", Method: http.MethodPost, Path: send, Body: body, Header: []string{"Idempotency-Key", "\xff"}, Status: 422,
			Contains: []string{`"code":"idempotency_key_invalid"`}},
		{Name: "nobody", Method: http.MethodPost, Path: send, Body: `{"botId":1,"recipients":[]}`, Status: 422,
			Contains: []string{`"field":"recipients"`}},
		{Name: "null for everybody", Method: http.MethodPost, Path: send, Body: `{"botId":1,"recipients":null}`, Status: 422,
			Contains: []string{`"field":"recipients"`}},
		{Name: "too many", Method: http.MethodPost, Path: send, Body: many, Status: 422, Contains: []string{`"field":"recipients"`}},
		{Name: "no such bot", Method: http.MethodPost, Path: send, Body: `{"botId":9,"recipients":[{"token":501}]}`, Status: 404,
			Contains: []string{`"code":"bot_not_found"`, `"field":"botId"`}},
		{Name: "no such message", Method: http.MethodPost, Path: messages + "/9/send", Body: body, Status: 404,
			Contains: []string{`"code":"message_not_found"`}},
		{Name: "data that is a list", Method: http.MethodPost, Path: send, Body: `{"botId":1,"recipients":[{"token":501,"data":[1]}]}`,
			Status: 422, Contains: []string{`recipients[0].data`}},
		{Name: "data that is null", Method: http.MethodPost, Path: send,
			Body: `{"botId":1,"recipients":[{"token":501,"data":null,"contactId":null}]}`, Status: 200, Contains: []string{`"status":"accepted"`}},
		{Name: "token in letters", Method: http.MethodPost, Path: send, Body: `{"botId":1,"recipients":[{"token":"abc"}]}`, Status: 422,
			Contains: []string{`recipients[0].token`}},
		{Name: "token with a fraction", Method: http.MethodPost, Path: send, Body: `{"botId":1,"recipients":[{"token":1.5}]}`, Status: 422,
			Contains: []string{`recipients[0].token`}},
		{Name: "token of 2^63", Method: http.MethodPost, Path: send, Body: `{"botId":1,"recipients":[{"token":9223372036854775808}]}`,
			Status: 422, Contains: []string{`recipients[0].token`}},
		{Name: "token in exponents", Method: http.MethodPost, Path: send, Body: `{"botId":1,"recipients":[{"token":5e2}]}`, Status: 422,
			Contains: []string{"in digits"}},
		{Name: "contact of nobody", Method: http.MethodPost, Path: send, Body: `{"botId":1,"recipients":[{"contactId":0}]}`, Status: 422,
			Contains: []string{`recipients[0].contactId`}},
		{Name: "data too large", Method: http.MethodPost, Path: send,
			Body: `{"botId":1,"recipients":[{"token":501,"data":{"a":"` + strings.Repeat("x", 21000) + `"}}]}`, Status: 200,
			Contains: []string{`"code":"data_invalid"`}},
		{Name: "no such request", Method: http.MethodGet, Path: "/manage/v1/deliveries/00000000-0000-4000-8000-000000000000", Status: 404,
			Contains: []string{`"code":"request_not_found"`}},
		{Name: "request that is no id", Method: http.MethodGet, Path: "/manage/v1/deliveries/x", Status: 404,
			Contains: []string{`"code":"request_not_found"`}},
		{Name: "in the list", Method: http.MethodGet, Path: campaigns, Status: 200,
			Contains: []string{`"kind":"triggered"`, `"state":"sending"`}},
		{Name: "launch", Method: http.MethodPost, Path: campaigns + "/1/launch", Status: 409, Contains: []string{`"code":"campaign_state"`}},
	})
}

func FuzzSend(f *testing.F) {
	in := apitest.New(f)
	apitest.FuzzBody(f, in, http.MethodPost, in.Prepare(f),
		`{"botId":1,"recipients":[{"contactId":1,"data":{"a":[1,"\ud83d\ude00"]}},{"token":"-502"},{"token":501}]}`,
		`{"botId":1,"recipients":[{"token":5e400},{"token":"0x1"},{"token":-0},{"data":{}}]}`, `{"botId":1,"recipients":{"token":[]}}`, `[]`)
}

// What a recipient's data has no value for is told at once, and again when the send
// is repeated.
func TestSendsTellWhatIsMissing(t *testing.T) {
	t.Parallel()
	in := apitest.New(t)
	in.Prepare(t)
	w := in.Call(http.MethodPost, messages, `{"name":"m","text":"{{ data.name }}, {{ data.order.total }}{{ data.x | default: 1 }}`+
		`{{ contact.email }}","language":"en","translations":{"uk":{"text":"{{ data.code }}"}}}`)
	require.Equal(t, http.StatusCreated, w.Code, w.Body)
	send := fmt.Sprint(messages, "/", apitest.Field[int64](t, w, "id"), "/send")
	const body = `{"botId":1,"recipients":[{"token":501,"data":{"name":"Olena"}},{"token":501,"languageCode":"uk","data":{"code":0}},
		{"token":501,"languageCode":"uk"},{"token":501,"data":{"name":"a","order":{"total":""},"code":1}},{"token":9}]}`
	type told struct {
		Status  string
		Missing []string
	}
	want := []told{
		{"accepted", []string{"data.code", "data.order.total"}}, {"accepted", nil}, {"accepted", []string{"data.code"}},
		{"accepted", []string{"data.order.total"}}, {"rejected", nil},
	}
	for range 2 {
		w = in.Call(http.MethodPost, send, body, "Idempotency-Key", "k")
		require.Equal(t, http.StatusOK, w.Code, w.Body)
		require.Equal(t, want, apitest.Field[[]told](t, w, "results"), w.Body)
	}
}
