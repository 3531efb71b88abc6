package api_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"bellman/internal/access"
	"bellman/internal/contact"
)

func TestContact(t *testing.T) {
	t.Parallel()
	in := setup(t)
	_, err := in.config.Contacts.CreateField(t.Context(), access.DefaultWorkspace, 0, "Card", contact.Number)
	require.NoError(t, err)
	const path = "/api/v1/contact"
	for _, s := range []scenario{
		{method: http.MethodPost, path: path, status: 200, is: `{"id":1}`,
			body: `{"externalCustomerId":"C1","firstName":"Олена","lastName":"Koval","languageCode":"uk","timeZone":"Europe/Kyiv","contactKey":7,
				"channels":[{"type":"email","value":"a@b.c"},{"type":"sms","value":380501234567},{"type":"telegram","value":"5"},{"type":"viber","value":7},
					{"type":"mobilepush","value":"tok","device":{"appId":"app","deviceModel":"Pixel","os":"ANDROID","active":"false","clientVersion":1.5}},
					{"type":"webpush","value":"web","webPushSubscription":{"appId":12,"os":"mac"}},{"type":"webpush","value":""},{"type":"email","value":null}],
				"address":{"town":"Kyiv","postcode":1001,"region":null},"fields":{"id":"1","value":42.50},"ordersInfo":{"lastDate":"2026-03-01T15:04","count":"3"},
				"addressBookId":7,"groups":[{"id":9,"name":"x"}]}`},
		{method: http.MethodGet, path: path + "/1", status: 200,
			is: `{"id":1,"externalCustomerId":"C1","firstName":"Олена","lastName":"Koval",` +
				`"channels":[{"type":"email","value":"a@b.c"},{"type":"sms","value":"+380501234567"},` +
				`{"type":"mobilepush","value":"tok","device":{"appId":"app","deviceModel":"Pixel","os":"ANDROID","clientVersion":"1.5","active":false}},` +
				`{"type":"webpush","value":"web","device":{"appId":"12","os":"mac","active":true}}],` +
				`"address":{"town":"Kyiv","postcode":"1001"},"fields":[{"id":1,"value":"42.5"}],"addressBookId":1,"contactKey":"7",` +
				`"ordersInfo":{"lastDate":"2026-03-01T15:04:00Z","count":3},"groups":[],"languageCode":"uk","timeZone":"Europe/Kyiv"}`},
		{method: http.MethodPost, path: "/v1/contact/", body: `{"id":"1","lastName":null,"firstName":"","channels":{"type":"email","value":""},"fields":[{"id":1,"value":null}],"address":null,"ordersInfo":null}`, status: 200, is: `{"id":1}`},
		{method: http.MethodGet, path: "/v2//contact/1/", body: "{not read}", status: 200,
			contains: []string{`"lastName":"Koval","channels":[{"type":"sms","value":"+380501234567"},`, `"fields":[{"id":1,"value":"42.5"}]`, `"town":"Kyiv"`},
			lacks:    []string{"firstName", "email"}},
		{method: http.MethodPost, path: path, body: `{"id":1,"fields":[{"id":1,"value":""}]}`, status: 200},
		{method: http.MethodGet, path: path + "/1", status: 200, contains: []string{`"fields":[]`}},
		{method: http.MethodPost, path: path, body: `{"channels":[{"type":"sms","value":"+380501234567"}],"externalCustomerId":null}`, status: 200, is: `{"id":1}`},
		{method: http.MethodPost, path: path, body: `{"id":9}`, status: 404, is: "there is no contact with this id"},
		{method: http.MethodPost, path: path, body: ``, status: 400, is: "Contact must be specified"},
		{method: http.MethodPost, path: path, body: `{}`, status: 400, contains: []string{"name the contact"}},
		{method: http.MethodPost, path: path, body: `{"id":"x"}`, status: 400, is: "id must be a whole number from 1 to 9007199254740991"},
		{method: http.MethodPost, path: path, body: `{"firstName":{}}`, status: 400, is: "firstName must be a string"},
		{method: http.MethodPost, path: path, body: `{"channels":[{"type":"email","value":"x"}]}`, status: 400, is: "email: this is not an email address"},
		{method: http.MethodPost, path: path, body: `{"channels":[{"type":"email","value":"a@b.c"},{"type":"email","value":"d@e.f"}]}`, status: 400, is: "channels[1] must be the only channel of type email"},
		{method: http.MethodPost, path: path, body: `{"channels":[{"type":"email","value":true}]}`, status: 400, is: "channels[0].value must be a string"},
		{method: http.MethodPost, path: path, body: `{"channels":[[]]}`, status: 400, is: "channels[0] must be a JSON object"},
		{method: http.MethodPost, path: path, body: `{"id":1,"fields":[{"id":1,"value":[]}]}`, status: 400, is: "fields[0].value must be a string, a number, true or false"},
		{method: http.MethodPost, path: path, body: `{"id":1,"fields":[{"value":"x"}]}`, status: 400, is: "fields[0].id must be that of a custom field"},
		// A field that nobody has made is made: what others know by a number is kept.
		{method: http.MethodPost, path: path, body: `{"id":1,"fields":[{"id":161733,"value":"x"}]}`, status: 200},
		{method: http.MethodPost, path: path, body: `{"id":1,"fields":[{"id":1,"value":"much"}]}`, status: 400, contains: []string{"fields: "}},
		{method: http.MethodPost, path: path, body: `{"id":1,"ordersInfo":{"lastDate":"soon"}}`, status: 400, contains: []string{"ordersInfo.lastDate must be a time"}},
		{method: http.MethodPost, path: path, body: `{"id":1,"ordersInfo":{"count":1.5}}`, status: 400, is: "ordersInfo.count must be a whole number"},
		{method: http.MethodGet, path: path + "/2", status: 404, is: "there is no contact with this id", answered: []string{"Content-Type", "text/plain; charset=utf-8"}},
		{method: http.MethodGet, path: path + "/abc", status: 400, contains: []string{"A contact id is"}},
		{method: http.MethodGet, path: path + "/-1", status: 400, contains: []string{"A contact id is"}},
		{method: http.MethodGet, path: path + "/9223372036854775808", status: 400, contains: []string{"A contact id is"}},
		{method: http.MethodGet, path: path, status: 405, answered: []string{"Allow", "DELETE, POST"}},
	} {
		s.check(t, in)
	}
}

func TestContactUpdated(t *testing.T) {
	t.Parallel()
	in := setup(t)
	const path = "/v1/contact"
	json := []string{"Content-Type", "application/json; charset=utf-8"}
	for _, s := range []scenario{
		{method: http.MethodPost, path: path, body: `{"externalCustomerId":"C1","firstName":"Olena"}`, status: 200},
		{method: http.MethodPost, path: path, body: `{"externalCustomerId":"C2"}`, status: 200},
		{method: http.MethodPut, path: path + "/1", body: `{"id":2,"lastName":"Koval"}`, status: 200, is: "Contact with id='1' has been updated", answered: json},
		{method: http.MethodGet, path: path + "/1", status: 200, contains: []string{`"firstName":"Olena","lastName":"Koval"`}},
		{method: http.MethodPut, path: path + "/1", body: `{"externalCustomerId":"C2"}`, status: 409, contains: []string{"externalCustomerId: contact 2 has this externalCustomerId"}},
		{method: http.MethodPut, path: path + "/3", body: `{}`, status: 404, is: "there is no contact with this id"},
		{method: http.MethodPut, path: path + "/1", status: 400, is: "Contact must be specified"},
		{method: http.MethodPut, path: path + "/x", body: `{}`, status: 400},
		{method: http.MethodDelete, path: path + "/1/", body: "ignored", status: 200, is: "Contact with id='1' has been deleted", answered: json},
		{method: http.MethodDelete, path: path + "/1", status: 404, is: "there is no contact with this id"},
		{method: http.MethodGet, path: path + "/1", status: 404},
		{method: http.MethodPost, path: path, body: `{"externalCustomerId":"C1"}`, status: 200, is: `{"id":1}`},
		{method: http.MethodGet, path: path + "/1", status: 200, contains: []string{`"firstName":"Olena"`}},
		{method: http.MethodDelete, path: path + "?externalCustomerId=C1&erase=yes", status: 400, is: "erase must be true or false"},
		{method: http.MethodDelete, path: path + "?externalCustomerId=C1&erase=false", status: 200, is: "Contact with id='1' has been deleted", answered: json},
		{method: http.MethodDelete, path: path + "?externalCustomerId=C1&erase=true", status: 200, is: "Contact with id='1' has been deleted"},
		{method: http.MethodDelete, path: path + "?externalCustomerId=C1", status: 404},
		{method: http.MethodDelete, path: path, status: 400, contains: []string{"externalCustomerId: "}},
		{method: http.MethodPost, path: path, body: `{"externalCustomerId":"C1"}`, status: 200, is: `{"id":3}`},
		{method: http.MethodGet, path: path + "/3", status: 200, lacks: []string{"Olena"}},
	} {
		s.check(t, in)
	}
}

func TestSubscribe(t *testing.T) {
	t.Parallel()
	in := setup(t)
	const path = "/v1/contact/subscribe"
	contactOf := `{"contact":{"channels":{"type":"email","value":"a@b.c"},"firstName":"%s"}`
	for _, s := range []scenario{
		{method: http.MethodPost, path: path, body: fmt.Sprintf(contactOf, "A") + `,"groups":["Підписники"," VIP "],"subscriptions":"news"}`, status: 200, is: `{"id":1}`},
		{method: http.MethodGet, path: "/v1/contact/1", status: 200, contains: []string{`"groups":[{"id":1,"name":"Підписники","type":"Static"},{"id":2,"name":"VIP","type":"Static"}]`}},
		{method: http.MethodPost, path: path, body: fmt.Sprintf(contactOf, "B") + `,"groups":"підписники","formType":"footer","subscriptions":["sale","news"]}`, status: 200, is: `{"id":1}`},
		{method: http.MethodGet, path: "/v1/contact/1", status: 200, contains: []string{`"firstName":"B"`}},
		{method: http.MethodGet, path: "/v1/contact/1/subscriptions", status: 200, is: `[{"key":"news","name":"news"},{"key":"sale","name":"sale"}]`},
		{method: http.MethodGet, path: "/manage/v1/events", status: 200, contains: []string{
			`"eventTypeKey":"subscribeFromApi","keyValue":"1","contactId":1,"params":{"ContactId":1,"EmailAddress":"a@b.c"}`,
			`"eventTypeKey":"subscribeUpdateFromApi-footer","keyValue":"1","contactId":1`,
		}},
		{method: http.MethodPost, path: path, body: `{"contact":{"channels":[{"type":"sms","value":"+380501234567"}]}}`, status: 200, is: `{"id":2}`},
		{method: http.MethodGet, path: "/manage/v1/events?contactId=2", status: 200, contains: []string{`"params":{"ContactId":2}`}},
		{method: http.MethodPost, path: path, status: 400, is: "Contact must be specified"},
		{method: http.MethodPost, path: path, body: `{"groups":["x"]}`, status: 400, is: "Contact must be specified"},
		{method: http.MethodPost, path: path, body: `{"contact":{}}`, status: 400, contains: []string{"name the contact"}},
		{method: http.MethodPost, path: path, body: `{"contact":{"firstName":[]}}`, status: 400, is: "contact.firstName must be a string"},
		{method: http.MethodPost, path: path, body: `{"contact":{"channels":{"type":"email","value":"n@b.c"}},"formType":"a;b"}`, status: 400, contains: []string{"formType: "}},
		{method: http.MethodPost, path: path, body: `{"contact":{"channels":{"type":"email","value":"n@b.c"}},"groups":["x",""]}`, status: 400, contains: []string{"groups[1]: "}},
		{method: http.MethodPost, path: path, body: `{"contact":{"channels":{"type":"email","value":"n@b.c"}},"subscriptions":[" "]}`, status: 400, contains: []string{"subscriptions[0]: "}},
		{method: http.MethodPost, path: path, body: `{"contact":{"channels":{"type":"email","value":"nobody"}},"groups":["new"]}`, status: 400},
		{method: http.MethodGet, path: "/v1/contacts?email=n@b.c", status: 200, is: "[]"},
		{method: http.MethodGet, path: "/v1/groups?name=new", status: 200, is: "[]"},
	} {
		s.check(t, in)
	}
}

func TestContactsListed(t *testing.T) {
	t.Parallel()
	in := setup(t)
	for i := range 5 {
		body := fmt.Sprintf(`{"externalCustomerId":"C%d","firstName":"ОЛЕНА","lastName":"L%d","channels":[{"type":"email","value":"P%d@x.ua"},{"type":"sms","value":"+38050123456%d"}]}`, i, i, i, i)
		require.Equal(t, http.StatusOK, in.call(http.MethodPost, "/v1/contact", body).Code)
	}
	require.Equal(t, http.StatusOK, in.call(http.MethodDelete, "/v1/contact/2", "").Code)
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
		w := in.call(http.MethodGet, path+c.query, `{"ignored":`)
		require.Equal(t, http.StatusOK, w.Code, w.Body)
		// The case of the name counts, which Header.Get would hide.
		require.Equal(t, []string{c.total}, w.Header()["TotalCount"], c.query) //nolint:staticcheck // not canonical, on purpose
		var list []struct{ ID int64 }
		require.NoError(t, json.Unmarshal(w.Body.Bytes(), &list))
		var ids []string
		for _, one := range list {
			ids = append(ids, fmt.Sprint(one.ID))
		}
		require.Equal(t, c.ids, strings.Join(ids, " "), c.query)
	}
	for _, s := range []scenario{
		{path: path + "?maxrows=501", status: 400, is: "maxrows must be a whole number from 1 to 500"},
		{path: path + "?maxrows=0", status: 400},
		{path: path + "?startindex=-1", status: 400, contains: []string{"startindex must be"}},
		{path: path + "?startindex=x", status: 400, contains: []string{"startindex must be"}},
		{path: path + "?email=x", status: 400, contains: []string{"email: "}},
		{path: "/v1/contacts/email?ids=1,%203,2,99", status: 200, is: `{"results":[{"contactId":1,"email":"P0@x.ua"},{"contactId":3,"email":"P2@x.ua"}]}`},
		{path: "/v1/contacts/email?ids=1", status: 200, is: `{"results":{"contactId":1,"email":"P0@x.ua"}}`},
		{path: "/v1/contacts/email?ids=2", status: 200, is: `{"results":[]}`},
		{path: "/v1/contacts/email", status: 400, is: "ids must be specified"},
		{path: "/v1/contacts/email?ids=1,x", status: 400, contains: []string{"ids must be"}},
		{path: "/v1/contacts/email?ids=0", status: 400, contains: []string{"ids must be"}},
	} {
		s.method = http.MethodGet
		s.check(t, in)
	}
}

func TestSubscriptions(t *testing.T) {
	t.Parallel()
	in := setup(t)
	for _, external := range []string{"C1", "C2", "C3"} {
		in.call(http.MethodPost, "/v1/contact", `{"externalCustomerId":"`+external+`","channels":[{"type":"email","value":"`+external+`@x.ua"}]}`)
	}
	for _, s := range []scenario{
		{method: http.MethodGet, path: "/v1/contact/1/subscriptions", status: 200, is: `[]`},
		{method: http.MethodPut, path: "/v1/contact/1/subscriptions", body: `{"subscriptions":["news","sale","news"]}`, status: 200, is: `[{"key":"news","name":"news"},{"key":"sale","name":"sale"}]`},
		{method: http.MethodPut, path: "/v1/contact/2/subscriptions", body: ` ["news"]`, status: 200, is: `[{"key":"news","name":"news"}]`},
		{method: http.MethodPut, path: "/v1/contact/3/subscriptions", body: `{"subscriptions":"gone"}`, status: 200},
		{method: http.MethodGet, path: "/v1/subscriptions", status: 200,
			is: `[{"key":"gone","name":"gone","contactsCount":1},{"key":"news","name":"news","contactsCount":2},{"key":"sale","name":"sale","contactsCount":1}]`},
		{method: http.MethodPut, path: "/v1/contact/3/subscriptions", body: `{"subscriptions":[]}`, status: 200, is: `[]`},
		{method: http.MethodGet, path: "/v1/subscriptions", status: 200, lacks: []string{"gone"}},
		{method: http.MethodPut, path: "/v1/contact/1/subscriptions", body: `{}`, status: 400, is: "Subscriptions must be specified"},
		{method: http.MethodPut, path: "/v1/contact/1/subscriptions", status: 400, is: "Subscriptions must be specified"},
		{method: http.MethodPut, path: "/v1/contact/1/subscriptions", body: `{"subscriptions":[{}]}`, status: 400, is: "subscriptions[0] must be a string"},
		{method: http.MethodPut, path: "/v1/contact/1/subscriptions", body: `{"subscriptions":[""]}`, status: 400},
		{method: http.MethodPut, path: "/v1/contact/9/subscriptions", body: `{"subscriptions":["x"]}`, status: 404},
		{method: http.MethodGet, path: "/v1/contact/9/subscriptions", status: 404},
		{method: http.MethodPost, path: "/v1/emails/unsubscribed/add", body: `{"emails":["c1@X.ua","nobody@x.ua","rubbish"]}`, status: 200, answered: []string{"Content-Type", ""}},
		{method: http.MethodGet, path: "/manage/v1/contacts/1", status: 200, contains: []string{"unsubscribedAt"}},
		{method: http.MethodPost, path: "/v1/emails/unsubscribed/delete", body: `{"emails":"C1@x.ua"}`, status: 200},
		{method: http.MethodGet, path: "/manage/v1/contacts/1", status: 200, lacks: []string{"unsubscribedAt"}},
		{method: http.MethodPost, path: "/v1/emails/unsubscribed/add", body: `{"emails":[]}`, status: 400, is: "Emails must be specified"},
		{method: http.MethodPost, path: "/v1/emails/unsubscribed/delete", status: 400, is: "Emails must be specified"},
		{method: http.MethodPost, path: "/v1/emails/unsubscribed/add", body: `{"emails":[true]}`, status: 400, is: "emails[0] must be a string"},
	} {
		s.check(t, in)
	}
}

func TestAddressBooks(t *testing.T) {
	t.Parallel()
	in := setup(t)
	scenario{method: http.MethodGet, path: "/v1/additionalfields", status: 200, is: `[]`}.check(t, in)
	for name, kind := range map[string]contact.Type{"Card": contact.Number} {
		_, err := in.config.Contacts.CreateField(t.Context(), access.DefaultWorkspace, 0, name, kind)
		require.NoError(t, err)
	}
	const field = `{"id":1,"name":"Card","fieldKey":"CARD","description":{"type":"DECIMAL","required":false,"readonly":false}}`
	for _, s := range []scenario{
		{method: http.MethodGet, path: "/v1/additionalfields", status: 200, is: "[" + field + "]"},
		{method: http.MethodGet, path: "/v1/addressbooks/", status: 200,
			is: `{"addressBook":{"addressBookId":1,"name":"Contacts","fieldGroups":[{"name":"Additional fields","profileKey":"FIELDS","fields":[` + field + `]}]}}`},
	} {
		s.check(t, in)
	}
}

func FuzzSubscribe(f *testing.F) {
	in := setup(f)
	fuzzBody(f, in, http.MethodPost, "/v1/contact/subscribe",
		`{"contact":{"channels":[{"type":"email","value":"a@b.c"}]},"groups":["x"],"formType":"f","subscriptions":["k"]}`, `{"contact":[],"groups":{}}`)
}

func FuzzContactUpdate(f *testing.F) {
	in := setup(f)
	in.call(http.MethodPost, "/v1/contact", `{"externalCustomerId":"C1"}`)
	fuzzBody(f, in, http.MethodPut, "/v1/contact/1",
		`{"address":{"town":"x"},"fields":[{"id":1,"value":true}],"ordersInfo":{"lastDate":"2026-01-01","count":1},"channels":[{"type":"mobilepush","value":"t","device":{"os":"x","active":1}}]}`)
}

func FuzzSubscriptions(f *testing.F) {
	in := setup(f)
	in.call(http.MethodPost, "/v1/contact", `{"externalCustomerId":"C1"}`)
	fuzzBody(f, in, http.MethodPut, "/v1/contact/1/subscriptions", `{"subscriptions":["a","b"]}`, ` ["a"]`, `{"subscriptions":{}}`)
}

func FuzzEmails(f *testing.F) {
	in := setup(f)
	fuzzBody(f, in, http.MethodPost, "/v1/emails/unsubscribed/add", `{"emails":["a@b.c"]}`, `{"emails":"a@b.c"}`, `{"emails":{"a":1}}`)
}

// FuzzContactsQuery sends queries to the lists of contacts.
func FuzzContactsQuery(f *testing.F) {
	in := setup(f)
	for _, seed := range []string{"startindex=1&maxrows=2", "email=a@b.c&sms=1", "firstname=%00", "ids=1,2", "externalCustomerId=%ff"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, query string) {
		for _, path := range []string{"/v1/contacts", "/v1/contacts/email", "/v1/groups"} {
			w := in.call(http.MethodGet, path+"?"+query, "")
			require.Less(t, w.Code, 500, "%s?%q: %s", path, query, w.Body)
		}
	})
}
