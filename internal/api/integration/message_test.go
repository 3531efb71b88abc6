package integration_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"bellman/internal/api/apitest"
)

const telegramMessages = "/api/v1/messages/telegram"

func TestTelegramMessages(t *testing.T) {
	t.Parallel()
	in := apitest.New(t)
	in.Connect(t)
	const updated = "Message with id='1' has been updated"
	const same = `"tags":["spring","sale"],"subscriptionsKeys":[],"languages":["en","uk"],`
	first := `{"id":1,"name":"Sale","languageCode":"en",` + same + `"text":"Hi <b>you</b>","imageSource":"https://shop.example/a.jpg",` +
		`"buttons":[{"text":"Shop","link":"https://shop.example"},{"text":"No","callbackData":"no|1"}],"utmEnabled":false,` +
		`"translations":[{"id":1,"name":"Sale","languageCode":"uk",` + same + `"text":"Привіт","buttons":[]}]}`
	for _, s := range []apitest.Scenario{
		{Method: http.MethodPost, Path: telegramMessages + "/", Status: 200, Is: `{"id":1}`,
			Body: `{"id":"77","name":"Sale","text":"Hi <b>you</b>","image":"https://shop.example/a.jpg","buttons":[{"text":"Shop",
				"url":"https://shop.example"},
				[{"text":"No","callback_data":"no|1"}]],"tags":"spring, sale,","languageCode":"en","subscriptionsKeys":["x"],"utmEnabled":"false",
				"translations":{"uk":{"text":"Привіт","image":null}},"unknown":{"a":[1]}}`},
		{Method: http.MethodGet, Path: telegramMessages + "/1", Body: "{not read}", Status: 200, Is: first},
		{Method: http.MethodPut, Path: "/v2//messages/telegram/1/",
			Body:   `{"name":null,"text":null,"tags":null,"buttons":null,"utmEnabled":null,"translations":null,"languageCode":null}`,
			Status: 200, Is: updated, Answered: []string{"Content-Type", "application/json; charset=utf-8"}},
		{Method: http.MethodGet, Path: telegramMessages + "/1", Status: 200, Is: first},
		{Method: http.MethodPut, Path: telegramMessages + "/1", Body: first, Status: 200, Is: updated},
		{Method: http.MethodPut, Path: telegramMessages + "/1", Body: `{"translations":[]}`, Status: 200, Is: updated},
		{Method: http.MethodGet, Path: telegramMessages + "/1", Status: 200, Is: first},
		{Method: http.MethodPut, Path: telegramMessages + "/1",
			Body: `{"imageUrl":"https://shop.example/b.GIF?x","tags":["a"],"utmEnabled":1,"buttons":{"text":"Go","url":"https://x.example",` +
				`"style":"primary"}}`,
			Status: 200, Is: updated},
		{Method: http.MethodGet, Path: telegramMessages + "/1", Status: 200, Contains: []string{
			`"imageSource":"https://shop.example/b.GIF?x"`, `"tags":["a"]`, `"utmEnabled":true`,
			`"buttons":[{"text":"Go","link":"https://x.example","style":"primary"}]`, `"text":"Hi <b>you</b>"`}},
		{Method: http.MethodPut, Path: telegramMessages + "/1", Body: `{"imageSource":"","buttons":[],"tags":[]}`, Status: 200},
		{Method: http.MethodGet, Path: telegramMessages + "/1", Status: 200, Lacks: []string{"imageSource"},
			Contains: []string{`"tags":[]`, `"buttons":[],"utmEnabled"`}},

		{Method: http.MethodPut, Path: telegramMessages + "/1", Body: `{"text":"Hi %FIRSTNAME%"}`, Status: 400,
			Contains: []string{"line 1, column 4: %FIRSTNAME% would be sent as it stands; write {{ contact.firstName }}"}},
		{Method: http.MethodPut, Path: telegramMessages + "/1/pt_BR", Body: `{"text":"$!data.get('x')"}`, Status: 400,
			Contains: []string{"{{ data.x }}"}},

		{Method: http.MethodPut, Path: telegramMessages + "/1/pt_BR", Body: `{"text":"Olá"}`, Status: 200, Is: updated},
		{Method: http.MethodPut, Path: telegramMessages + "/1/pt-br", Body: `{"buttons":[[{"text":"b","url":"https://x.example"}]]}`,
			Status: 200},
		{Method: http.MethodPut, Path: telegramMessages + "/1/EN", Body: `{"text":"Hello"}`, Status: 200},
		{Method: http.MethodGet, Path: telegramMessages + "/1", Status: 200, Contains: []string{`"text":"Hello"`,
			`"languages":["en","pt_BR","uk"],"text":"Olá","buttons":[{"text":"b","link":"https://x.example"}]},{`, `"languageCode":"uk"`}},
		{Method: http.MethodDelete, Path: telegramMessages + "/1/UK", Body: "x", Status: 200, Is: updated},
		{Method: http.MethodDelete, Path: telegramMessages + "/1/uk", Status: 404, Is: "The message has no version in this language"},
		{Method: http.MethodDelete, Path: telegramMessages + "/1/en", Status: 409, Contains: []string{"own language"}},
		{Method: http.MethodPut, Path: telegramMessages + "/1", Body: `{"translations":{"de":{"text":"Hallo"}}}`, Status: 200},
		{Method: http.MethodGet, Path: telegramMessages + "/1", Status: 200,
			Contains: []string{`"languages":["en","de"]`, `"text":"Hallo","buttons":[]}]}`}},
		{Method: http.MethodPut, Path: telegramMessages + "/1",
			Body: `{"translations":[{"languageCode":"uk","text":"Так","imageSource":"https://shop.example/a.jpg"},{"languageCode":"DE",` +
				`"text":"Ja"}]}`,
			Status: 200},
		{Method: http.MethodGet, Path: telegramMessages + "/1", Status: 200,
			Contains: []string{`"languages":["en","DE","uk"],"text":"Ja"`, `"text":"Так","imageSource":"https://shop.example/a.jpg"`}},
		{Method: http.MethodPut, Path: telegramMessages + "/1", Body: `{"translations":{}}`, Status: 200},
		{Method: http.MethodGet, Path: telegramMessages + "/1", Status: 200, Contains: []string{`"languages":["en"]`, `"translations":[]`}},

		{Method: http.MethodPost, Path: telegramMessages, Body: `{"name":"Знижка","text":"x"}`, Status: 200, Is: `{"id":2}`},
		{Method: http.MethodGet, Path: telegramMessages + "?search=ЗНИЖ", Status: 200,
			Is: `[{"id":2,"name":"Знижка","tags":[],"subscriptionsKeys":[],"languages":[],"text":"x","buttons":[],"utmEnabled":true,` +
				`"translations":[]}]`},
		{Method: http.MethodGet, Path: telegramMessages + "?search=none", Status: 200, Is: `[]`},
		{Method: http.MethodGet, Path: telegramMessages + "?startindex=2&maxrows=1", Status: 200, Contains: []string{`[{"id":1,`},
			Lacks: []string{`"id":2`}},

		{Method: http.MethodPost, Path: "/v1/message/1/smartsend", Body: `{"recipients":{"contactId":1}}`, Status: 200},
		{Method: http.MethodDelete, Path: telegramMessages + "/1", Status: 200, Is: "Message with id='1' has been deleted"},
		{Method: http.MethodGet, Path: telegramMessages + "/1", Status: 404, Is: "Not found: there is no message with this id"},
		{Method: http.MethodDelete, Path: telegramMessages + "/1", Status: 404, Is: "Not found: there is no message with this id"},
		{Method: http.MethodPost, Path: "/v1/message/1/smartsend", Body: `{"recipients":{"contactId":1}}`, Status: 404,
			Is: "Not found: there is no message with this id"},
	} {
		s.Check(t, in)
	}
	w := in.Call(http.MethodGet, telegramMessages+"?maxrows=1", "")
	require.Equal(t, []string{"1"}, w.Header()["TotalCount"]) //nolint:staticcheck // not canonical, on purpose
}

// Parts of a message that this API does not know are kept when it is updated.
func TestTelegramMessagesKeepTheRest(t *testing.T) {
	t.Parallel()
	in := apitest.New(t)
	for _, s := range []apitest.Scenario{
		{Method: http.MethodPost, Path: apitest.Messages, Status: 201,
			Body: `{"name":"m","text":"a","silent":true,"media":[{"kind":"photo","url":"https://x.example/1.jpg","spoiler":true}]}`},
		{Method: http.MethodGet, Path: telegramMessages + "/1", Status: 200,
			Contains: []string{`"media":[{"kind":"photo","url":"https://x.example/1.jpg","spoiler":true}]`}, Lacks: []string{"imageSource"}},
		{Method: http.MethodPut, Path: telegramMessages + "/1", Body: `{"text":"b"}`, Status: 200},
		{Method: http.MethodGet, Path: apitest.Messages + "/1", Status: 200, Contains: []string{`"text":"b"`, `"silent":true`, `"spoiler":true`}},
	} {
		s.Check(t, in)
	}
}

// The rows of buttons can be written in the vendor's list, and are shown in it.
func TestTelegramMessagesRows(t *testing.T) {
	t.Parallel()
	in := apitest.New(t)
	const rows = `"buttons":[{"text":"a","link":"https://x.example","row":1},{"text":"b","link":"tg://resolve?domain=x","row":1},` +
		`{"text":"c","copyText":"C"},` +
		`{"text":"d","webApp":"https://x.example","row":3},{"text":"e","link":"https://x.example","untracked":true,"row":3}]`
	stored := []string{`"buttons":[[{"text":"a","url":"https://x.example"},{"text":"b","url":"tg://resolve?domain=x"}],[{"text":"c",` +
		`"copyText":"C"}],` +
		`[{"text":"d","webApp":"https://x.example"},{"text":"e","url":"https://x.example","untracked":true}]]`}
	for _, s := range []apitest.Scenario{
		{Method: http.MethodPost, Path: telegramMessages, Status: 200,
			Body: `{"name":"m","text":"x","buttons":[[{"text":"a","link":"https://x.example"},{"text":"b","link":"tg://resolve?domain=x"}],
			{"text":"c","copyText":"C"},[{"text":"d","webApp":"https://x.example"},{"text":"e","url":"https://x.example","untracked":true}]]}`},
		{Method: http.MethodGet, Path: telegramMessages + "/1", Status: 200, Contains: []string{rows}},
		{Method: http.MethodGet, Path: apitest.Messages + "/1", Status: 200, Contains: stored},
		{Method: http.MethodPut, Path: telegramMessages + "/1", Body: "{" + rows + "}", Status: 200},
		{Method: http.MethodGet, Path: apitest.Messages + "/1", Status: 200, Contains: stored},
		{Method: http.MethodPut, Path: telegramMessages + "/1",
			Body: `{"buttons":[{"text":"a","link":"https://x.example"},{"text":"b","link":"https://x.example"}]}`, Status: 200},
		{Method: http.MethodGet, Path: apitest.Messages + "/1", Status: 200,
			Contains: []string{`"buttons":[[{"text":"a","url":"https://x.example"}],[{"text":"b","url":"https://x.example"}]]`}},
	} {
		s.Check(t, in)
	}
}

func TestTelegramMessagesFaults(t *testing.T) {
	t.Parallel()
	in := apitest.New(t)
	apitest.Scenario{Method: http.MethodPost, Path: telegramMessages, Body: `{"name":"m","text":"x","languageCode":"en"}`, Status: 200,
		Is: `{"id":1}`}.Check(t, in)
	scenarios := []apitest.Scenario{
		{Name: "no body", Status: 400, Is: "Message must be specified"},
		{Name: "null", Body: `null`, Status: 400, Contains: []string{"name: "}},
		{Name: "no name", Body: `{"text":"x"}`, Status: 400, Contains: []string{"name: write a name"}},
		{Name: "no text", Body: `{"name":"x"}`, Status: 400, Contains: []string{"text: write the text"}},
		{Name: "bad HTML", Body: `{"name":"x","text":"a\n<b>x"}`, Status: 400, Contains: []string{"text: line 2, column "}},
		{Name: "bad HTML in a translation", Body: `{"name":"x","text":"x","translations":{"uk":{"text":"<x>"}}}`, Status: 400,
			Contains: []string{"translations.uk.text: line 1"}},
		{Name: "no picture there", Body: `{"name":"x","text":"x","imageUrl":"ftp://x"}`, Status: 400, Contains: []string{"imageSource: "}},
		{Name: "no language", Body: `{"name":"x","text":"x","languageCode":"12345678901"}`, Status: 400, Contains: []string{"languageCode: "}},
		{Name: "button without an action", Body: `{"name":"x","text":"x","buttons":[[{"text":"x"}]]}`, Status: 400,
			Contains: []string{"buttons[0][0]: "}},
		{Name: "list for name", Body: `{"name":[]}`, Status: 400, Is: "name must be a string"},
		{Name: "text for buttons", Body: `{"buttons":"x"}`, Status: 400, Is: "buttons must be an array"},
		{Name: "text for a row", Body: `{"buttons":["x"]}`, Status: 400, Is: "buttons[0] must be a JSON object"},
		{Name: "word for a row's number", Body: `{"buttons":[{"row":"x"}]}`, Status: 400, Is: "buttons[0].row must be a whole number"},
		{Name: "button without a link", Body: `{"name":"x","text":"x","buttons":[{"text":"x"}]}`, Status: 400,
			Contains: []string{"buttons[0][0]: "}},
		{Name: "text for a button", Body: `{"buttons":[["x"]]}`, Status: 400, Is: "buttons[0][0] must be a JSON object"},
		{Name: "object for a url", Body: `{"buttons":[[{"url":{}}]]}`, Status: 400, Is: "buttons[0][0].url must be a string"},
		{Name: "word for a switch", Body: `{"utmEnabled":"maybe"}`, Status: 400, Is: "utmEnabled must be true or false"},
		{Name: "text for translations", Body: `{"translations":"x"}`, Status: 400, Is: "translations must be a JSON object"},
		{Name: "text for a listed translation", Body: `{"translations":["x"]}`, Status: 400, Is: "translations[0] must be a JSON object"},
		{Name: "a translation into nothing", Body: `{"translations":[{"text":"x"}]}`, Status: 400,
			Is: "translations[0].languageCode must be a language"},
		{Name: "list for a translation", Body: `{"translations":{"uk":[]}}`, Status: 400, Is: "translations.uk must be a JSON object"},
		{Name: "list for the body", Body: `[]`, Status: 400, Is: "the body must be a JSON object"},
		{Name: "half JSON", Body: `{"name":`, Status: 400, Contains: []string{"not valid JSON"}},
		{Name: "a change that leaves nothing", Method: http.MethodPut, Path: telegramMessages + "/1", Body: `{"text":""}`, Status: 400,
			Contains: []string{"text: "}},
		{Name: "a translation without a body", Method: http.MethodPut, Path: telegramMessages + "/1/uk", Status: 400,
			Is: "Message must be specified"},
		{Name: "a translation into no language", Method: http.MethodPut, Path: telegramMessages + "/1/12345678901", Body: `{"text":"x"}`,
			Status: 400, Contains: []string{"is not a language"}},
		{Name: "no id", Method: http.MethodGet, Path: telegramMessages + "/x", Status: 400, Is: "A message id is a whole number"},
		{Name: "id of 2^53", Method: http.MethodDelete, Path: telegramMessages + "/9007199254740992", Status: 400,
			Is: "A message id is a whole number"},
		{Name: "nobody's message", Method: http.MethodPut, Path: telegramMessages + "/9", Body: `{}`, Status: 404,
			Is: "Not found: there is no message with this id"},
		{Name: "too many rows", Method: http.MethodGet, Path: telegramMessages + "?maxrows=501", Status: 400,
			Is: "maxrows must be a whole number from 1 to 500"},
		{Name: "broken search", Method: http.MethodGet, Path: telegramMessages + "?search=%FF%00", Status: 400,
			Is: "the query of the address is not valid UTF-8"},
		{Name: "wrong method", Method: http.MethodPost, Path: telegramMessages + "/1", Body: `{}`, Status: 405,
			Answered: []string{"Allow", "DELETE, GET, HEAD, PUT"}},
	}
	for i := range scenarios {
		s := &scenarios[i]
		if s.Path == "" {
			s.Method, s.Path = http.MethodPost, telegramMessages
		}
		if s.Status != 200 {
			s.Answered = append(s.Answered, "Content-Type", "text/plain; charset=utf-8")
		}
	}
	t.Run("refused", func(t *testing.T) {
		t.Parallel()
		apitest.RunAll(t, in, scenarios)
	})
	t.Cleanup(func() {
		apitest.Scenario{Method: http.MethodGet, Path: telegramMessages, Status: 200, Contains: []string{`[{"id":1,"name":"m",`, `"text":"x",`},
			Lacks: []string{`"id":2`, "uk"}}.Check(t, in)
	})
}

func FuzzTelegramMessage(f *testing.F) {
	in := apitest.New(f)
	apitest.FuzzBody(f, in, http.MethodPost, telegramMessages,
		`{"name":"m","text":"<b>x</b>","imageUrl":"https://x.example/a.gif","buttons":[[{"text":"a","url":"https://x.example"}]],`+
			`"translations":{"\u0075k":{"text":1}}}`,
		`{"name":"m","text":"{{ data.x }}","tags":"a,b","utmEnabled":"1","buttons":{"text":1}}`, `{"translations":{"":{}}}`,
		`{"name":"m","text":"x","buttons":[{"text":"a","link":"https://x.example","row":"1"},{"row":1}],"translations":[{"languageCode":"uk",`+
			`"imageSource":null}]}`,
		strings.Repeat(`[`, 50))
}

func FuzzTranslation(f *testing.F) {
	in := apitest.New(f)
	in.Call(http.MethodPost, telegramMessages, `{"name":"m","text":"x"}`)
	apitest.FuzzBody(f, in, http.MethodPut, telegramMessages+"/1/uk", `{"text":"x","buttons":[[]]}`, `{"image":null}`)
}
