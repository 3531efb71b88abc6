package api_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// ready connects a bot with two chats of one contact and writes a message.
func (in *installation) ready(tb testing.TB) (send string) {
	tb.Helper()
	app := in.connect(tb)
	w := in.call(http.MethodPost, "/v1/apps/"+app+"/tokens", `{"tokens":[{"token":501,"externalCustomerId":"C1"},{"token":-502,"externalCustomerId":"C1"}]}`)
	require.Equal(tb, http.StatusOK, w.Code, w.Body)
	w = in.call(http.MethodPost, messages, `{"name":"m","text":"x"}`)
	require.Equal(tb, http.StatusCreated, w.Code, w.Body)
	return fmt.Sprint(messages, "/", field[int64](tb, w, "id"), "/send")
}

type receipt struct{ RequestID, Status, Code, Message string }

func TestSends(t *testing.T) {
	t.Parallel()
	in := setup(t)
	send := in.ready(t)
	const body = `{"botId":1,"recipients":[{"token":"-502","data":{"code": 7, "to":["Олена"]}},{"contactId":1},{"token":501},{"token":"503"},{}]}`
	w := in.call(http.MethodPost, send, body, "Idempotency-Key", "order-1")
	require.Equal(t, http.StatusOK, w.Code, w.Body)
	results := field[[]receipt](t, w, "results")
	require.Len(t, results, 5)
	for i, want := range []string{"accepted", "accepted", "accepted", "rejected", "rejected"} {
		require.Equal(t, want, results[i].Status)
		require.Equal(t, want == "accepted", results[i].RequestID != "")
		require.Equal(t, want == "rejected", results[i].Message != "")
	}
	require.Equal(t, "token_unknown", results[3].Code)
	first := w.Body.String()
	w = in.call(http.MethodPost, send, body, "Idempotency-Key", "order-1")
	require.Equal(t, http.StatusOK, w.Code, w.Body)
	require.JSONEq(t, first, w.Body.String())

	w = in.call(http.MethodGet, "/manage/v1/deliveries/"+results[1].RequestID, "")
	require.Equal(t, http.StatusOK, w.Code, w.Body)
	require.JSONEq(t, fmt.Sprintf(`{"requestId":%q,"messageId":1,"botId":1,"campaignId":1,"deliveries":[
		{"chatId":-502,"contactId":1,"status":"queued"},{"chatId":501,"contactId":1,"status":"queued"}]}`, results[1].RequestID), w.Body.String())

	many := `{"botId":1,"recipients":[` + strings.TrimSuffix(strings.Repeat(`{"token":501},`, 1001), ",") + `]}`
	runAll(t, in, []scenario{
		{name: "key of another send", method: http.MethodPost, path: send, body: `{"botId":1,"recipients":[{"token":501}]}`, header: []string{"Idempotency-Key", "order-1"}, status: 409,
			contains: []string{`"code":"idempotency_key_reused"`}},
		{name: "key too long", method: http.MethodPost, path: send, body: body, header: []string{"Idempotency-Key", strings.Repeat("k", 256)}, status: 422, contains: []string{"Idempotency-Key"}},
		{name: "key beyond ASCII", method: http.MethodPost, path: send, body: body, header: []string{"Idempotency-Key", "\xff"}, status: 422, contains: []string{`"code":"idempotency_key_invalid"`}},
		{name: "nobody", method: http.MethodPost, path: send, body: `{"botId":1,"recipients":[]}`, status: 422, contains: []string{`"field":"recipients"`}},
		{name: "null for everybody", method: http.MethodPost, path: send, body: `{"botId":1,"recipients":null}`, status: 422, contains: []string{`"field":"recipients"`}},
		{name: "too many", method: http.MethodPost, path: send, body: many, status: 422, contains: []string{`"field":"recipients"`}},
		{name: "no such bot", method: http.MethodPost, path: send, body: `{"botId":9,"recipients":[{"token":501}]}`, status: 404, contains: []string{`"code":"bot_not_found"`, `"field":"botId"`}},
		{name: "no such message", method: http.MethodPost, path: messages + "/9/send", body: body, status: 404, contains: []string{`"code":"message_not_found"`}},
		{name: "data that is a list", method: http.MethodPost, path: send, body: `{"botId":1,"recipients":[{"token":501,"data":[1]}]}`, status: 422, contains: []string{`recipients[0].data`}},
		{name: "data that is null", method: http.MethodPost, path: send, body: `{"botId":1,"recipients":[{"token":501,"data":null,"contactId":null}]}`, status: 200, contains: []string{`"status":"accepted"`}},
		{name: "token in letters", method: http.MethodPost, path: send, body: `{"botId":1,"recipients":[{"token":"abc"}]}`, status: 422, contains: []string{`recipients[0].token`}},
		{name: "token with a fraction", method: http.MethodPost, path: send, body: `{"botId":1,"recipients":[{"token":1.5}]}`, status: 422, contains: []string{`recipients[0].token`}},
		{name: "token of 2^63", method: http.MethodPost, path: send, body: `{"botId":1,"recipients":[{"token":9223372036854775808}]}`, status: 422, contains: []string{`recipients[0].token`}},
		{name: "token in exponents", method: http.MethodPost, path: send, body: `{"botId":1,"recipients":[{"token":5e2}]}`, status: 422, contains: []string{"in digits"}},
		{name: "contact of nobody", method: http.MethodPost, path: send, body: `{"botId":1,"recipients":[{"contactId":0}]}`, status: 422, contains: []string{`recipients[0].contactId`}},
		{name: "data too large", method: http.MethodPost, path: send, body: `{"botId":1,"recipients":[{"token":501,"data":{"a":"` + strings.Repeat("x", 21000) + `"}}]}`, status: 200, contains: []string{`"code":"data_invalid"`}},
		{name: "no such request", method: http.MethodGet, path: "/manage/v1/deliveries/00000000-0000-4000-8000-000000000000", status: 404, contains: []string{`"code":"request_not_found"`}},
		{name: "request that is no id", method: http.MethodGet, path: "/manage/v1/deliveries/x", status: 404, contains: []string{`"code":"request_not_found"`}},
		{name: "in the list", method: http.MethodGet, path: campaigns, status: 200, contains: []string{`"kind":"triggered"`, `"state":"sending"`}},
		{name: "launch", method: http.MethodPost, path: campaigns + "/1/launch", status: 409, contains: []string{`"code":"campaign_state"`}},
	})
}

func FuzzSend(f *testing.F) {
	in := setup(f)
	fuzzBody(f, in, http.MethodPost, in.ready(f),
		`{"botId":1,"recipients":[{"contactId":1,"data":{"a":[1,"\ud83d\ude00"]}},{"token":"-502"},{"token":501}]}`,
		`{"botId":1,"recipients":[{"token":5e400},{"token":"0x1"},{"token":-0},{"data":{}}]}`, `{"botId":1,"recipients":{"token":[]}}`, `[]`)
}
