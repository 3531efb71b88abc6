package integration_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"bellman/internal/api/apitest"
)

// Orders as the vendor's plugins for shops send them: each is an event about its
// customer, who is made when there is none; one that cannot be used is named and holds
// up nobody.
//
// spec: orders-events
func TestOrders(t *testing.T) {
	t.Parallel()
	in := apitest.New(t)
	const path = "/v1/orders"
	in.Call(http.MethodPost, "/v1/contact", `{"externalCustomerId":"C1","firstName":"Anna","channels":[{"type":"email","value":"a@x.ua"}]}`)
	whole := func(id, rest string) string {
		return `{"externalOrderId":"` + id + `","totalCost":100.50,"status":"DELIVERED",` +
			`"date":"2027-01-15T10:00:00.1234567+02:00","currency":"UAH"` + rest + `}`
	}
	for _, s := range []apitest.Scenario{
		{Body: `{"orders":[` + whole("1", `,"externalCustomerId":"C1","email":"a@x.ua","firstName":"Other",`+
			`"items":[{"externalItemId":"7","quantity":2}]`) + `,` +
			whole("2", `,"email":"new@x.ua","firstName":"Olena","phone":null`) + `]}`, Status: 200, Is: ""},
		{Body: `{"orders":` + whole("3", "") + `}`, Status: 200,
			Is: `{"failedOrders":[{"order":` + whole("3", "") + `,"error":"name the customer: externalCustomerId, email or phone"}]}`},
		{Body: `{"orders":[` + whole("4", `,"email":"rubbish"`) + `,5,{"externalOrderId":"5","email":"b@x.ua"},` +
			whole("6", `,"date":"soon","email":"c@x.ua"`) + `,` + whole("7", `,"externalCustomerId":"C1"`) + `]}`, Status: 200, Contains: []string{
			`"error":"email: this is not an email address"`, `{"order":5,"error":"write a JSON object"}`,
			`"error":"status: an order has an externalOrderId, status, date, totalCost and currency"`, `"error":"date: write a time`,
		}, Lacks: []string{`"7"`}},
		{Method: http.MethodDelete, Body: `{"orders":[{"externalOrderId":"1","externalCustomerId":"C1"}]}`, Status: 200},
		{Method: http.MethodDelete, Body: `{"orders":[{"externalOrderId":"1"}]}`, Status: 200, Contains: []string{"name the customer"}},
		{Body: `{}`, Status: 400, Is: "Orders must be specified"},
		{Body: `{"orders":[]}`, Status: 400, Is: "Orders must be specified"},
		{Body: `{"orders":[` + strings.Repeat("{},", 1000) + `{}]}`, Status: 400, Is: "At most 1000 orders per request"},
		{Method: http.MethodGet, Status: 405},
	} {
		s.Path = path
		if s.Method == "" {
			s.Method = http.MethodPost
		}
		s.Check(t, in)
	}
	events := in.Call(http.MethodGet, "/manage/v1/events", "").Body.String()
	require.Contains(t, events, `"eventTypeKey":"order","keyValue":"1","contactId":1,"params":{`+
		`"externalOrderId":"1","totalCost":100.50,"status":"DELIVERED"`)
	require.Contains(t, events, `"items":[{"externalItemId":"7","quantity":2}]}`)
	require.Contains(t, events, `"eventTypeKey":"order","keyValue":"2","contactId":2,"params":{"externalOrderId":"2"`)
	require.Contains(t, events, `"eventTypeKey":"orderDeleted","keyValue":"1","contactId":1`)
	require.Equal(t, 3, strings.Count(events, `"eventTypeKey":"order"`))
	for path, contains := range map[string]string{"/v1/contact/1": `"firstName":"Anna"`, "/v1/contact/2": `"firstName":"Olena"`} {
		apitest.Scenario{Method: http.MethodGet, Path: path, Status: 200, Contains: []string{contains}}.Check(t, in)
	}
}

// A thousand orders, more than events fit one call, are all recorded.
func TestManyOrders(t *testing.T) {
	t.Parallel()
	in := apitest.New(t)
	var b strings.Builder
	for i := range 1000 {
		fmt.Fprintf(&b, `,{"externalOrderId":%d,"totalCost":1,"status":"NEW","date":"2020-01-15","currency":"UAH",`+
			`"externalCustomerId":"C%d"}`, i, i%700)
	}
	apitest.Scenario{Method: http.MethodPost, Path: "/v1/orders", Body: `{"orders":[` + b.String()[1:] + `]}`, Status: 200}.Check(t, in)
	contacts := in.Call(http.MethodGet, "/v1/contacts?startindex=700", "").Body.String()
	require.Equal(t, 1, strings.Count(contacts, `"externalCustomerId"`), "700 customers")
	events := in.Call(http.MethodGet, "/manage/v1/events?limit=100&eventTypeKey=order", "").Body.String()
	require.Equal(t, 100, strings.Count(events, `"eventTypeKey":"order"`))
	require.Contains(t, events, `"externalOrderId":999`)
	require.Contains(t, events, `"past":true`)
}
