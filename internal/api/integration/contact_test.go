package integration_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"bellman/internal/api/apitest"
	"bellman/internal/contact"
	"bellman/internal/workspace"
)

// spec: out-sentence
func TestContact(t *testing.T) {
	t.Parallel()
	in := apitest.New(t)
	_, err := in.Config.Contacts.CreateField(t.Context(), workspace.Default, contact.Field{Name: "Card", Type: contact.Number})
	require.NoError(t, err)
	const path = "/api/v1/contact"
	for _, s := range []apitest.Scenario{
		{Method: http.MethodPost, Path: path, Status: 200, Is: `{"id":1}`,
			Body: `{"externalCustomerId":"C1","firstName":"Олена","lastName":"Koval","languageCode":"uk","timeZone":"Europe/Kyiv","contactKey":7,
				"channels":[{"type":"email","value":"a@b.c"},{"type":"sms","value":380501234567},{"type":"telegram","value":"5"},{"type":"viber",
					"value":7},
					{"type":"mobilepush","value":"tok","device":{"appId":"app","deviceModel":"Pixel","os":"ANDROID","active":"false","clientVersion":1.5}},
					{"type":"webpush","value":"web","webPushSubscription":{"appId":12,"os":"mac"}},{"type":"webpush","value":""},{"type":"email",
						"value":null}],
				"address":{"town":"Kyiv","postcode":1001,"region":null},"fields":{"id":"1","value":42.50},"ordersInfo":{"lastDate":"2026-03-01T15:04",
					"count":"3"},
				"addressBookId":7,"groups":[{"id":9,"name":"x"}]}`},
		{Method: http.MethodGet, Path: path + "/1", Status: 200,
			Is: `{"id":1,"externalCustomerId":"C1","firstName":"Олена","lastName":"Koval",` +
				`"channels":[{"type":"email","value":"a@b.c"},{"type":"sms","value":"+380501234567"},` +
				`{"type":"mobilepush","value":"tok","device":{"appId":"app","deviceModel":"Pixel","os":"ANDROID","clientVersion":"1.5",` +
				`"active":false}},` +
				`{"type":"webpush","value":"web","device":{"appId":"12","os":"mac","active":true}}],` +
				`"address":{"town":"Kyiv","postcode":"1001"},"fields":[{"id":1,"value":"42.5"}],"addressBookId":1,"contactKey":"7",` +
				`"ordersInfo":{"lastDate":"2026-03-01T15:04:00Z","count":3},"groups":[{"id":1,"name":"x","type":"Static"}],` +
				`"languageCode":"uk","timeZone":"Europe/Kyiv"}`},
		{Method: http.MethodPost, Path: "/v1/contact/",
			Body: `{"id":"1","lastName":null,"firstName":"","channels":{"type":"email","value":""},"fields":[{"id":1,"value":null}],` +
				`"address":null,"ordersInfo":null}`,
			Status: 200, Is: `{"id":1}`},
		{Method: http.MethodGet, Path: "/v2//contact/1/", Body: "{not read}", Status: 200,
			Contains: []string{`"lastName":"Koval","channels":[{"type":"sms","value":"+380501234567"},`, `"fields":[{"id":1,"value":"42.5"}]`,
				`"town":"Kyiv"`},
			Lacks: []string{"firstName", "email"}},
		{Method: http.MethodPost, Path: path, Body: `{"id":1,"fields":[{"id":1,"value":""}]}`, Status: 200},
		{Method: http.MethodGet, Path: path + "/1", Status: 200, Contains: []string{`"fields":[]`}},
		{Method: http.MethodPost, Path: path, Body: `{"channels":[{"type":"sms","value":"+380501234567"}],"externalCustomerId":null}`,
			Status: 200, Is: `{"id":1}`},
		{Method: http.MethodPost, Path: path, Body: `{"id":9}`, Status: 404, Is: "Not found: there is no contact with this id"},
		{Method: http.MethodPost, Path: path, Body: ``, Status: 400, Is: "Contact must be specified"},
		{Method: http.MethodPost, Path: path, Body: `{}`, Status: 400, Contains: []string{"name the contact"}},
		{Method: http.MethodPost, Path: path, Body: `{"id":"x"}`, Status: 400, Is: "id must be a whole number from 1 to 9007199254740991"},
		{Method: http.MethodPost, Path: path, Body: `{"firstName":{}}`, Status: 400, Is: "firstName must be a string"},
		{Method: http.MethodPost, Path: path, Body: `{"channels":[{"type":"email","value":"x"}]}`, Status: 400,
			Is: "email: this is not an email address"},
		{Method: http.MethodPost, Path: path, Body: `{"channels":[{"type":"email","value":"a@b.c"},{"type":"email","value":"d@e.f"}]}`,
			Status: 200, Is: `{"id":2}`},
		{Method: http.MethodGet, Path: path + "/2", Status: 200, Contains: []string{`"value":"a@b.c"`}, Lacks: []string{"d@e.f"}},
		{Method: http.MethodDelete, Path: path + "/2?erase=true", Status: 200},
		{Method: http.MethodPost, Path: path, Body: `{"channels":[{"type":"email","value":true}]}`, Status: 400,
			Is: "channels[0].value must be a string"},
		{Method: http.MethodPost, Path: path, Body: `{"channels":[[]]}`, Status: 400, Is: "channels[0] must be a JSON object"},
		{Method: http.MethodPost, Path: path, Body: `{"id":1,"fields":[{"id":1,"value":[]}]}`, Status: 400,
			Is: "fields[0].value must be a string, a number, true or false"},
		{Method: http.MethodPost, Path: path, Body: `{"id":1,"fields":[{"value":"x"}]}`, Status: 400,
			Is: "fields[0].id must be that of a custom field"},
		// An unknown field is created, so that values of fields known by number are
		// kept.
		{Method: http.MethodPost, Path: path, Body: `{"id":1,"fields":[{"id":161733,"value":"x"}]}`, Status: 200},
		{Method: http.MethodPost, Path: path, Body: `{"id":1,"fields":[{"id":1,"value":"much"}]}`, Status: 400, Contains: []string{"fields: "}},
		{Method: http.MethodPost, Path: path, Body: `{"id":1,"ordersInfo":{"lastDate":"soon"}}`, Status: 400,
			Contains: []string{"ordersInfo.lastDate must be a time"}},
		{Method: http.MethodPost, Path: path, Body: `{"id":1,"ordersInfo":{"count":1.5}}`, Status: 400,
			Is: "ordersInfo.count must be a whole number"},
		{Method: http.MethodGet, Path: path + "/2", Status: 404, Is: "Not found: there is no contact with this id",
			Answered: []string{"Content-Type", "text/plain; charset=utf-8"}},
		{Method: http.MethodGet, Path: path + "/abc", Status: 400, Contains: []string{"A contact id is"}},
		{Method: http.MethodGet, Path: path + "/-1", Status: 400, Contains: []string{"A contact id is"}},
		{Method: http.MethodGet, Path: path + "/9223372036854775808", Status: 400, Contains: []string{"A contact id is"}},
		{Method: http.MethodGet, Path: path, Status: 405, Answered: []string{"Allow", "DELETE, POST"}},
	} {
		s.Check(t, in)
	}
}

func TestContactUpdated(t *testing.T) {
	t.Parallel()
	in := apitest.New(t)
	const path = "/v1/contact"
	json := []string{"Content-Type", "application/json; charset=utf-8"}
	for _, s := range []apitest.Scenario{
		{Method: http.MethodPost, Path: path, Body: `{"externalCustomerId":"C1","firstName":"Olena"}`, Status: 200},
		{Method: http.MethodPost, Path: path, Body: `{"externalCustomerId":"C2"}`, Status: 200},
		{Method: http.MethodPut, Path: path + "/1", Body: `{"id":2,"lastName":"Koval"}`, Status: 200, Is: "Contact with id='1' has been updated",
			Answered: json},
		{Method: http.MethodGet, Path: path + "/1", Status: 200, Contains: []string{`"firstName":"Olena","lastName":"Koval"`}},
		{Method: http.MethodPut, Path: path + "/1", Body: `{"externalCustomerId":"C2"}`, Status: 409,
			Contains: []string{"externalCustomerId: contact 2 has this externalCustomerId"}},
		{Method: http.MethodPut, Path: path + "/3", Body: `{}`, Status: 404, Is: "Not found: there is no contact with this id"},
		{Method: http.MethodPut, Path: path + "/1", Status: 400, Is: "Contact must be specified"},
		{Method: http.MethodPut, Path: path + "/x", Body: `{}`, Status: 400},
		{Method: http.MethodDelete, Path: path + "/1/", Body: "ignored", Status: 200, Is: "Contact with id='1' has been deleted", Answered: json},
		{Method: http.MethodDelete, Path: path + "/1", Status: 404, Is: "Not found: there is no contact with this id"},
		{Method: http.MethodGet, Path: path + "/1", Status: 404},
		{Method: http.MethodPost, Path: path, Body: `{"externalCustomerId":"C1"}`, Status: 200, Is: `{"id":1}`},
		{Method: http.MethodGet, Path: path + "/1", Status: 200, Contains: []string{`"firstName":"Olena"`}},
		{Method: http.MethodDelete, Path: path + "?externalCustomerId=C1&erase=yes", Status: 400, Is: "erase must be true or false"},
		{Method: http.MethodDelete, Path: path + "?externalCustomerId=C1&erase=false", Status: 200, Is: "Contact with id='1' has been deleted",
			Answered: json},
		{Method: http.MethodDelete, Path: path + "?externalCustomerId=C1&erase=true", Status: 200, Is: "Contact with id='1' has been deleted"},
		{Method: http.MethodDelete, Path: path + "?externalCustomerId=C1", Status: 404},
		{Method: http.MethodDelete, Path: path, Status: 400, Contains: []string{"externalCustomerId: "}},
		{Method: http.MethodPost, Path: path, Body: `{"externalCustomerId":"C1"}`, Status: 200, Is: `{"id":3}`},
		{Method: http.MethodGet, Path: path + "/3", Status: 200, Lacks: []string{"Olena"}},
		// In an envelope, into groups, and back from the deleted.
		{Method: http.MethodDelete, Path: path + "/3", Status: 200},
		{Method: http.MethodPut, Path: path + "/3", Body: `{"contact":{"firstName":"Oksana","groups":[{"name":"VIP"},{"id":7,"name":"New"}]}}`,
			Status: 200},
		{Method: http.MethodGet, Path: path + "/3", Status: 200, Contains: []string{
			`"firstName":"Oksana"`, `"externalCustomerId":"C1"`,
			`"groups":[{"id":1,"name":"VIP","type":"Static"},{"id":2,"name":"New","type":"Static"}]`}},
		{Method: http.MethodPost, Path: path, Body: `{"externalCustomerId":"C9","groups":{"name":"VIP"}}`, Status: 200, Is: `{"id":4}`},
		{Method: http.MethodGet, Path: path + "/4", Status: 200, Contains: []string{`"name":"VIP"`}},
		{Method: http.MethodPost, Path: path, Body: `{"externalCustomerId":"C10","groups":[{"name":" "}]}`, Status: 400,
			Contains: []string{"groups[0]: "}},
		{Method: http.MethodPut, Path: path + "/1", Body: `{"firstName":"x"}`, Status: 404},
	} {
		s.Check(t, in)
	}
	for _, path := range []string{path + "/99", "/v1/nothing", path + "/x"} {
		text := in.Call(http.MethodGet, path, "").Body.String()
		require.Equal(t, strings.TrimSpace(text), text, "no newline behind a sentence")
	}
}

// spec: subscribe-status
func TestSubscribe(t *testing.T) {
	t.Parallel()
	in := apitest.New(t)
	const path = "/v1/contact/subscribe"
	contactOf := `{"contact":{"channels":{"type":"email","value":"a@b.c"},"firstName":"%s"}`
	for _, s := range []apitest.Scenario{
		{Method: http.MethodPost, Path: path, Body: fmt.Sprintf(contactOf, "A") + `,"groups":["Підписники"," VIP "],"subscriptions":"news"}`,
			Status: 200, Is: `{"id":1,"new":true,"emailStatus":"SUBSCRIBED"}`},
		{Method: http.MethodGet, Path: "/v1/contact/1", Status: 200,
			Contains: []string{`"groups":[{"id":1,"name":"Підписники","type":"Static"},{"id":2,"name":"VIP","type":"Static"}]`}},
		{Method: http.MethodPost, Path: path,
			Body: fmt.Sprintf(contactOf, "B") + `,"groups":"підписники","formType":"footer","subscriptions":["sale","news"]}`, Status: 200,
			Is: `{"id":1,"new":false,"emailStatus":"ALREADY_SUBSCRIBED"}`},
		{Method: http.MethodGet, Path: "/v1/contact/1", Status: 200, Contains: []string{`"firstName":"B"`}},
		{Method: http.MethodGet, Path: "/v1/contact/1/subscriptions", Status: 200,
			Is: `[{"key":"news","name":"news"},{"key":"sale","name":"sale"}]`},
		{Method: http.MethodGet, Path: "/manage/v1/events", Status: 200, Contains: []string{
			`"eventTypeKey":"subscribeFromApi","keyValue":"1","contactId":1,"params":{"ContactId":1,"EmailAddress":"a@b.c"}`,
			`"eventTypeKey":"subscribeUpdateFromApi-footer","keyValue":"1","contactId":1`,
		}},
		{Method: http.MethodPost, Path: path, Body: `{"contact":{"channels":[{"type":"sms","value":"+380501234567"}]}}`, Status: 200,
			Is: `{"id":2,"new":true}`},
		{Method: http.MethodPost, Path: "/v1/emails/unsubscribed/add", Body: `{"emails":["A@b.c"]}`, Status: 200},
		{Method: http.MethodPost, Path: path, Body: fmt.Sprintf(contactOf, "B") + `}`, Status: 200,
			Is: `{"id":1,"new":false,"emailStatus":"BLACKLISTED"}`},
		{Method: http.MethodPost, Path: path, Body: `{"contact":{"channels":[{"type":"sms","value":"+380501234567"},` +
			`{"type":"email","value":"two@b.c"}]}}`, Status: 200, Is: `{"id":2,"new":false,"emailStatus":"SUBSCRIBED"}`},
		{Method: http.MethodGet, Path: "/manage/v1/events?contactId=2", Status: 200, Contains: []string{`"params":{"ContactId":2}`}},
		{Method: http.MethodPost, Path: path, Status: 400, Is: "Contact must be specified"},
		{Method: http.MethodPost, Path: path, Body: `{"groups":["x"]}`, Status: 400, Is: "Contact must be specified"},
		{Method: http.MethodPost, Path: path, Body: `{"contact":{}}`, Status: 400, Contains: []string{"name the contact"}},
		{Method: http.MethodPost, Path: path, Body: `{"contact":{"firstName":[]}}`, Status: 400, Is: "contact.firstName must be a string"},
		{Method: http.MethodPost, Path: path, Body: `{"contact":{"channels":{"type":"email","value":"n@b.c"}},"formType":"a;b"}`, Status: 400,
			Contains: []string{"formType: "}},
		{Method: http.MethodPost, Path: path, Body: `{"contact":{"channels":{"type":"email","value":"n@b.c"}},"groups":["x",""]}`, Status: 400,
			Contains: []string{"groups[1]: "}},
		{Method: http.MethodPost, Path: path, Body: `{"contact":{"channels":{"type":"email","value":"n@b.c"}},"subscriptions":[" "]}`,
			Status: 400, Contains: []string{"subscriptions[0]: "}},
		{Method: http.MethodPost, Path: path, Body: `{"contact":{"channels":{"type":"email","value":"nobody"}},"groups":["new"]}`, Status: 400},
		{Method: http.MethodGet, Path: "/v1/contacts?email=n@b.c", Status: 200, Is: "[]"},
		{Method: http.MethodGet, Path: "/v1/groups?name=new", Status: 200, Is: "[]"},
	} {
		s.Check(t, in)
	}
}

// spec: out-total-count page-start page-rows
func TestContactsListed(t *testing.T) {
	t.Parallel()
	in := apitest.New(t)
	for i := range 5 {
		body := fmt.Sprintf(`{"externalCustomerId":"C%d","firstName":"ОЛЕНА","lastName":"L%d","channels":[{"type":"email","value":"P%d@x.ua"}`+
			`,{"type":"sms","value":"+38050123456%d"}]}`,
			i, i, i, i)
		require.Equal(t, http.StatusOK, in.Call(http.MethodPost, "/v1/contact", body).Code)
	}
	require.Equal(t, http.StatusOK, in.Call(http.MethodDelete, "/v1/contact/2", "").Code)
	const path = "/api/v1/contacts"
	for _, c := range []struct{ query, ids, total string }{
		{"", "1 3 4 5", "4"},
		{"?startindex=0&sortBy=contactId", "1 3 4 5", "4"},
		{"?startindex=2&maxrows=2", "3 4", "4"},
		{"?startindex=9", "", "4"},
		{"?email=p3@X.ua", "4", "1"},
		{"?sms=380501234564", "5", "1"},
		{"?firstname=%D0%BE%D0%BB%D0%B5%D0%BD%D0%B0&maxrows=1", "1", "4"},
		{"?firstname=%D0%BE%D0%BB%D0%B5%D0%BD%D0%B0&lastname=l4", "5", "1"},
		{"?externalCustomerId=C0", "1", "1"},
		{"?externalCustomerId=C1", "", "0"},
		{"?externalCustomerId=C0&email=p3@x.ua", "", "0"},
	} {
		w := in.Call(http.MethodGet, path+c.query, `{"ignored":`)
		require.Equal(t, http.StatusOK, w.Code, w.Body)
		// The case of the name matters; Header.Get would hide it.
		require.Equal(t, []string{c.total}, w.Header()["TotalCount"], c.query) //nolint:staticcheck // not canonical, on purpose
		var list []struct{ ID int64 }
		require.NoError(t, json.Unmarshal(w.Body.Bytes(), &list))
		var ids []string
		for _, one := range list {
			ids = append(ids, fmt.Sprint(one.ID))
		}
		require.Equal(t, c.ids, strings.Join(ids, " "), c.query)
	}
	for _, s := range []apitest.Scenario{
		{Path: path + "?maxrows=501", Status: 400, Is: "maxrows must be a whole number from 1 to 500"},
		{Path: path + "?maxrows=0", Status: 400},
		{Path: path + "?startindex=-1", Status: 400, Contains: []string{"startindex must be"}},
		{Path: path + "?startindex=x", Status: 400, Contains: []string{"startindex must be"}},
		{Path: path + "?email=x", Status: 400, Contains: []string{"email: "}},
		{Path: "/v1/contacts/email?ids=1,%203,2,99", Status: 200,
			Is: `{"results":[{"contactId":1,"email":"P0@x.ua"},{"contactId":3,"email":"P2@x.ua"}]}`},
		{Path: "/v1/contacts/email?ids=1", Status: 200, Is: `{"results":{"contactId":1,"email":"P0@x.ua"}}`},
		{Path: "/v1/contacts/email?ids=2", Status: 200, Is: `{"results":[]}`},
		{Path: "/v1/contacts/email", Status: 400, Is: "ids must be specified"},
		{Path: "/v1/contacts/email?ids=1,x", Status: 400, Contains: []string{"ids must be"}},
		{Path: "/v1/contacts/email?ids=0", Status: 400, Contains: []string{"ids must be"}},
	} {
		s.Method = http.MethodGet
		s.Check(t, in)
	}
}

func TestSubscriptions(t *testing.T) {
	t.Parallel()
	in := apitest.New(t)
	for _, external := range []string{"C1", "C2", "C3"} {
		in.Call(http.MethodPost, "/v1/contact", `{"externalCustomerId":"`+external+`","channels":[{"type":"email","value":"`+external+`@x.ua"}]}`)
	}
	for _, s := range []apitest.Scenario{
		{Method: http.MethodGet, Path: "/v1/contact/1/subscriptions", Status: 200, Is: `[]`},
		{Method: http.MethodPut, Path: "/v1/contact/1/subscriptions", Body: `{"subscriptions":["news","sale","news"]}`, Status: 200,
			Is: `[{"key":"news","name":"news"},{"key":"sale","name":"sale"}]`},
		{Method: http.MethodPut, Path: "/v1/contact/2/subscriptions", Body: ` ["news"]`, Status: 200, Is: `[{"key":"news","name":"news"}]`},
		{Method: http.MethodPut, Path: "/v1/contact/3/subscriptions", Body: `{"subscriptions":"gone"}`, Status: 200},
		{Method: http.MethodGet, Path: "/v1/subscriptions", Status: 200,
			Is: `[{"key":"gone","name":"gone","contactsCount":1},{"key":"news","name":"news","contactsCount":2},{"key":"sale","name":"sale",` +
				`"contactsCount":1}]`},
		{Method: http.MethodPut, Path: "/v1/contact/3/subscriptions", Body: `{"subscriptions":[]}`, Status: 200, Is: `[]`},
		{Method: http.MethodGet, Path: "/v1/subscriptions", Status: 200, Lacks: []string{"gone"}},
		{Method: http.MethodPut, Path: "/v1/contact/1/subscriptions", Body: `{}`, Status: 400, Is: "Subscriptions must be specified"},
		{Method: http.MethodPut, Path: "/v1/contact/1/subscriptions", Status: 400, Is: "Subscriptions must be specified"},
		{Method: http.MethodPut, Path: "/v1/contact/1/subscriptions", Body: `{"subscriptions":[{}]}`, Status: 400,
			Is: "subscriptions[0] must be a string"},
		{Method: http.MethodPut, Path: "/v1/contact/1/subscriptions", Body: `{"subscriptions":[""]}`, Status: 400},
		{Method: http.MethodPut, Path: "/v1/contact/9/subscriptions", Body: `{"subscriptions":["x"]}`, Status: 404},
		{Method: http.MethodGet, Path: "/v1/contact/9/subscriptions", Status: 404},
		{Method: http.MethodPost, Path: "/v1/emails/unsubscribed/add", Body: `{"emails":["c1@X.ua","nobody@x.ua","rubbish"]}`, Status: 200,
			Answered: []string{"Content-Type", ""}},
		{Method: http.MethodGet, Path: "/manage/v1/contacts/1", Status: 200, Contains: []string{"unsubscribedAt"}},
		{Method: http.MethodPost, Path: "/v1/emails/unsubscribed/delete", Body: `{"emails":"C1@x.ua"}`, Status: 200},
		{Method: http.MethodGet, Path: "/manage/v1/contacts/1", Status: 200, Lacks: []string{"unsubscribedAt"}},
		{Method: http.MethodPost, Path: "/v1/emails/unsubscribed/add", Body: `{"emails":[]}`, Status: 400, Is: "Emails must be specified"},
		{Method: http.MethodPost, Path: "/v1/emails/unsubscribed/delete", Status: 400, Is: "Emails must be specified"},
		{Method: http.MethodPost, Path: "/v1/emails/unsubscribed/add", Body: `{"emails":[true]}`, Status: 400, Is: "emails[0] must be a string"},
	} {
		s.Check(t, in)
	}
}

func TestAddressBooks(t *testing.T) {
	t.Parallel()
	in := apitest.New(t)
	apitest.Scenario{Method: http.MethodGet, Path: "/v1/additionalfields", Status: 200, Is: `[]`}.Check(t, in)
	for name, kind := range map[string]contact.Type{"Card": contact.Number} {
		_, err := in.Config.Contacts.CreateField(t.Context(), workspace.Default, contact.Field{Name: name, Type: kind})
		require.NoError(t, err)
	}
	const field = `{"id":1,"name":"Card","fieldKey":"CARD","description":{"type":"DECIMAL","required":false,"readonly":false}}`
	for _, s := range []apitest.Scenario{
		{Method: http.MethodGet, Path: "/v1/additionalfields", Status: 200, Is: "[" + field + "]"},
		{Method: http.MethodGet, Path: "/v1/addressbooks/", Status: 200,
			Is: `{"addressBook":{"addressBookId":1,"name":"Contacts","fieldGroups":[` +
				`{"name":"Additional fields","profileKey":"FIELDS","fields":[` + field + `]}]}}`},
	} {
		s.Check(t, in)
	}
}

func FuzzSubscribe(f *testing.F) {
	in := apitest.New(f)
	apitest.FuzzBody(f, in, http.MethodPost, "/v1/contact/subscribe",
		`{"contact":{"channels":[{"type":"email","value":"a@b.c"}]},"groups":["x"],"formType":"f","subscriptions":["k"]}`,
		`{"contact":[],"groups":{}}`)
}

func FuzzContactUpdate(f *testing.F) {
	in := apitest.New(f)
	in.Call(http.MethodPost, "/v1/contact", `{"externalCustomerId":"C1"}`)
	apitest.FuzzBody(f, in, http.MethodPut, "/v1/contact/1",
		`{"address":{"town":"x"},"fields":[{"id":1,"value":true}],"ordersInfo":{"lastDate":"2026-01-01","count":1},`+
			`"channels":[{"type":"mobilepush","value":"t","device":{"os":"x","active":1}}]}`)
}

func FuzzSubscriptions(f *testing.F) {
	in := apitest.New(f)
	in.Call(http.MethodPost, "/v1/contact", `{"externalCustomerId":"C1"}`)
	apitest.FuzzBody(f, in, http.MethodPut, "/v1/contact/1/subscriptions", `{"subscriptions":["a","b"]}`, ` ["a"]`, `{"subscriptions":{}}`)
}

func FuzzEmails(f *testing.F) {
	in := apitest.New(f)
	apitest.FuzzBody(f, in, http.MethodPost, "/v1/emails/unsubscribed/add", `{"emails":["a@b.c"]}`, `{"emails":"a@b.c"}`, `{"emails":{"a":1}}`)
}

// FuzzContactsQuery sends queries to the lists of contacts.
func FuzzContactsQuery(f *testing.F) {
	in := apitest.New(f)
	for _, seed := range []string{"startindex=1&maxrows=2", "email=a@b.c&sms=1", "firstname=%00", "ids=1,2", "externalCustomerId=%ff"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, query string) {
		for _, path := range []string{"/v1/contacts", "/v1/contacts/email", "/v1/groups"} {
			w := in.Call(http.MethodGet, path+"?"+query, "")
			require.Less(t, w.Code, 500, "%s?%q: %s", path, query, w.Body)
		}
	})
}

func FuzzContact(f *testing.F) {
	in := apitest.New(f)
	apitest.FuzzBody(f, in, http.MethodPost, "/v1/contact",
		`{"id":1,"externalCustomerId":"x","firstName":"a","channels":[{"type":"email","value":"a@b.c"},{"type":"sms","value":1}]}`,
		`{"channels":{"type":"sms","value":null},"timeZone":[]}`, `{"channels":[[{}]]}`)
}
