package integration_test

import (
	"encoding/json"
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"bellman/internal/api/apitest"
	"bellman/internal/fault"
)

// importedBy makes the plugins' call for many contacts, runs its import, and returns how
// it ended.
func importedBy(t *testing.T, in *apitest.Installation, id int64, body string) (ended struct {
	Status  string
	Mapping []struct{ ContactID int64 }
},
) {
	t.Helper()
	w := in.Call(http.MethodPost, "/api/v1/contacts", body, "Content-Type", "application/json")
	require.Equal(t, http.StatusOK, w.Code, w.Body)
	session := apitest.Field[string](t, w, "asyncSessionId")
	require.NoError(t, json.Unmarshal([]byte(importOf(t, in, id, session)), &ended))
	return ended
}

// The vendor's plugin for WooCommerce sends contacts and orders in these forms, re-typed
// from its public source, and relies on what is checked of the answers: blanks for what
// it does not know, ids as numbers, phones as digits, sums as text.
//
// spec: account-info contact-upsert orders-events
func TestWooCommerce(t *testing.T) {
	t.Parallel()
	in := apitest.New(t)
	account := in.Call(http.MethodGet, "/api/v1/account/info", "")
	require.NotEmpty(t, apitest.Field[string](t, account, "userEmail"))
	require.NotEmpty(t, apitest.Field[string](t, account, "organisationName"))
	wrong := in.Call(http.MethodGet, "/api/v1/account/info", "", "Authorization", "Bearer wrong")
	require.Equal(t, 401, apitest.Field[int](t, wrong, "status"), "in the body too")

	const shopper = `{"channels":[{"value":"olena@x.ua","type":"email"},{"value":" ","type":"sms"}],"externalCustomerId":7,` +
		`"firstName":"Olena",` +
		`"lastName":" ","address":{"region":" ","town":"","address":" ","postcode":""},"languageCode":"uk"}`
	saved := in.Call(http.MethodPost, "/api/v1/contact", shopper)
	require.EqualValues(t, 1, apitest.Field[int64](t, saved, "id"), "it keeps the id with the user")
	require.Equal(t, saved.Body.String(), in.Call(http.MethodPost, "/api/v1/contact", shopper).Body.String(), "again")
	apitest.Scenario{Method: http.MethodGet, Path: "/api/v1/contacts?externalCustomerId=7&startindex=1&maxrows=500", Status: 200,
		Contains: []string{`[{"id":1,`, `"channels":[{"type":"email","value":"olena@x.ua"}]`, `"firstName":"Olena"`},
		Lacks:    []string{"lastName", "address\":"}}.Check(t, in)

	// Somebody who ordered as a guest registers: the contact with the email gets the id.
	in.Call(http.MethodPost, "/api/v1/contact", `{"channels":[{"value":"guest@x.ua","type":"email"}],"firstName":"Petro"}`)
	status := importedBy(t, in, 1, `{"dedupeOn":"externalCustomerId","contacts":[`+shopper+
		`,{"channels":[{"value":"guest@x.ua","type":"email"},`+
		`{"value":"380501234567","type":"sms"}],"externalCustomerId":8,"firstName":"Petro","lastName":"Koval",`+
		`"address":{"region":"Kyiv","town":"Kyiv","address":"Main St 1","postcode":"01001"},"languageCode":"en"}]}`)
	require.Equal(t, "FINISHED", status.Status)
	require.Len(t, status.Mapping, 2)
	apitest.Scenario{Method: http.MethodGet, Path: "/api/v1/contact/2", Status: 200,
		Contains: []string{`"externalCustomerId":"8"`, `"value":"+380501234567"`, `"town":"Kyiv"`}}.Check(t, in)

	// A phone that its owner has removed in the shop.
	status = importedBy(t, in, 2, `{"dedupeOn":"email","contactFields":["sms"],`+
		`"contacts":[{"channels":[{"type":"email","value":"guest@x.ua"}]}]}`)
	require.Equal(t, "FINISHED", status.Status)
	apitest.Scenario{Method: http.MethodGet, Path: "/api/v1/contact/2", Status: 200,
		Contains: []string{`"firstName":"Petro"`, `"guest@x.ua"`}, Lacks: []string{"sms"}}.Check(t, in)

	apitest.Scenario{Method: http.MethodPost, Path: "/api/v1/orders", Status: 200,
		Body: `{"orders":[{"status":"INITIALIZED","externalOrderId":"31",` +
			`"externalCustomerId":8,"totalCost":"120.50","email":"guest@x.ua","date":"2027-01-15T10:00:00.000000+02:00","currency":"UAH",` +
			`"firstName":"Petro","lastName":"Koval","deliveryAddress":"Main St 1 Kyiv ","phone":"380501234567","shipping":"","discount":"",` +
			`"taxes":"20.10","source":"checkout","paymentMethod":"cod","items":[{"externalItemId":5,"name":"Tea","category":"no category",` +
			`"quantity":2,"cost":"60.25","url":"https://shop.example/tea","imageUrl":"","description":""}],"additionalInfo":{"comment":"ring"}},` +
			`{"status":"IN_PROGRESS","externalOrderId":"32","totalCost":"9.00","email":"new@x.ua","date":"2027-01-15T11:00:00.000000+02:00",` +
			`"currency":"UAH","deliveryAddress":"","phone":"","shipping":"","discount":"","taxes":"","source":"","paymentMethod":"","items":[]}]}`,
		Lacks: []string{"failedOrders"}}.Check(t, in)
	events := in.Call(http.MethodGet, "/manage/v1/events", "").Body.String()
	require.Contains(t, events, `"eventTypeKey":"order","keyValue":"2","contactId":2,"params":{"status":"INITIALIZED","externalOrderId":"31"`)
	require.Contains(t, events, `"eventTypeKey":"order","keyValue":"3","contactId":3`)

	// A user who is deleted in the shop, and one who asks to be forgotten.
	apitest.Scenario{Method: http.MethodDelete, Path: "/api/v1/contact?externalCustomerId=7&erase=false", Status: 200,
		Is: "Contact with id='1' has been deleted"}.Check(t, in)
	require.EqualValues(t, 1, apitest.Field[int64](t, in.Call(http.MethodPost, "/api/v1/contact", shopper), "id"),
		"who registers again is back")
	apitest.Scenario{Method: http.MethodDelete, Path: "/api/v1/contact?externalCustomerId=8&erase=true", Status: 200,
		Is: "Contact with id='2' has been deleted"}.Check(t, in)
	in.EraseAll(t)
	require.NotContains(t, in.Call(http.MethodGet, "/manage/v1/events", "").Body.String(), "guest@x.ua", "nothing personal is left")
	apitest.Scenario{Method: http.MethodDelete, Path: "/api/v1/contact?externalCustomerId=8&erase=true", Status: 404,
		Contains: []string{"ot found"}}.Check(t, in)
	_, _, err := in.Config.Contacts.Get(t.Context(), 1, 2)
	require.Equal(t, fault.NotFound, fault.KindOf(err))
}

// The vendor's app for Shopify does the same with ids that are texts, brings deleted
// contacts back in bulk, and logs under the orgId of its account.
//
// spec: account-info contact-restored-whole
func TestShopify(t *testing.T) {
	t.Parallel()
	in := apitest.New(t)
	in.Prepare(t)
	require.EqualValues(t, 1, apitest.Field[int64](t, in.Call(http.MethodGet, "/api/v1/account/info", ""), "orgId"))
	apitest.Scenario{Method: http.MethodGet, Path: "/api/v1/site/domains", Status: 200, Is: "[]"}.Check(t, in)
	grouped(t, in)
	whole := in.Call(http.MethodGet, "/api/v1/contact/1?channelTypes=telegrambot", "").Body.String()
	require.Contains(t, whole, `"telegram"`)
	require.Contains(t, whole, `"Static"`)
	apitest.Scenario{Method: http.MethodDelete, Path: "/api/v1/contact?externalCustomerId=C1&erase=false", Status: 200}.Check(t, in)
	status := importedBy(t, in, 1, `{"contacts":[{"externalCustomerId":"C1","channels":[{"type":"email","value":"c1@x.ua"}]},`+
		`{"externalCustomerId":"7001","firstName":"Ann","channels":[{"type":"sms","value":"+380501234567"}]}],`+
		`"dedupeOn":"externalCustomerId","restoreDeleted":true}`)
	require.Equal(t, "FINISHED", status.Status)
	require.Equal(t, whole, in.Call(http.MethodGet, "/api/v1/contact/1?channelTypes=telegrambot", "").Body.String())
	apitest.Scenario{Method: http.MethodPut, Path: "/api/v1/contact/1", Body: `{"contact":{"lastName":"Lee"}}`, Status: 200}.Check(t, in)
	apitest.Scenario{Method: http.MethodDelete, Path: "/api/v1/contact/1", Status: 200}.Check(t, in)
	apitest.Scenario{Method: http.MethodPut, Path: "/api/v1/contact/1", Body: `{"contact":{"firstName":"C"}}`, Status: 200,
		Is: "Contact with id='1' has been updated"}.Check(t, in)
	apitest.Scenario{Method: http.MethodGet, Path: "/api/v1/contact/1?channelTypes=telegrambot", Status: 200,
		Contains: []string{`"value":"501"`, `"value":"-502"`, `"Static"`}}.Check(t, in)
}
