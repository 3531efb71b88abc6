package api_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

const telegramMessages = "/api/v1/messages/telegram"

func TestTelegramMessages(t *testing.T) {
	t.Parallel()
	in := setup(t)
	in.connect(t)
	const updated = "Message with id='1' has been updated"
	const same = `"tags":["spring","sale"],"subscriptionsKeys":[],"languages":["en","uk"],`
	first := `{"id":1,"name":"Sale","languageCode":"en",` + same + `"text":"Hi <b>you</b>","imageSource":"https://shop.example/a.jpg",` +
		`"buttons":[{"text":"Shop","link":"https://shop.example"},{"text":"No","callbackData":"no|1"}],"utmEnabled":false,` +
		`"translations":[{"id":1,"name":"Sale","languageCode":"uk",` + same + `"text":"Привіт","buttons":[]}]}`
	for _, s := range []scenario{
		{method: http.MethodPost, path: telegramMessages + "/", status: 200, is: `{"id":1}`,
			body: `{"id":"77","name":"Sale","text":"Hi <b>you</b>","image":"https://shop.example/a.jpg","buttons":[{"text":"Shop","url":"https://shop.example"},
				[{"text":"No","callback_data":"no|1"}]],"tags":"spring, sale,","languageCode":"en","subscriptionsKeys":["x"],"utmEnabled":"false",
				"translations":{"uk":{"text":"Привіт","image":null}},"unknown":{"a":[1]}}`},
		{method: http.MethodGet, path: telegramMessages + "/1", body: "{not read}", status: 200, is: first},
		{method: http.MethodPut, path: "/v2//messages/telegram/1/", body: `{"name":null,"text":null,"tags":null,"buttons":null,"utmEnabled":null,"translations":null,"languageCode":null}`,
			status: 200, is: updated, answered: []string{"Content-Type", "application/json; charset=utf-8"}},
		{method: http.MethodGet, path: telegramMessages + "/1", status: 200, is: first},
		{method: http.MethodPut, path: telegramMessages + "/1", body: first, status: 200, is: updated},
		{method: http.MethodPut, path: telegramMessages + "/1", body: `{"translations":[]}`, status: 200, is: updated},
		{method: http.MethodGet, path: telegramMessages + "/1", status: 200, is: first},
		{method: http.MethodPut, path: telegramMessages + "/1", body: `{"imageUrl":"https://shop.example/b.GIF?x","tags":["a"],"utmEnabled":1,"buttons":{"text":"Go","url":"https://x.example","style":"primary"}}`, status: 200, is: updated},
		{method: http.MethodGet, path: telegramMessages + "/1", status: 200, contains: []string{
			`"imageSource":"https://shop.example/b.GIF?x"`, `"tags":["a"]`, `"utmEnabled":true`, `"buttons":[{"text":"Go","link":"https://x.example","style":"primary"}]`, `"text":"Hi <b>you</b>"`}},
		{method: http.MethodPut, path: telegramMessages + "/1", body: `{"imageSource":"","buttons":[],"tags":[]}`, status: 200},
		{method: http.MethodGet, path: telegramMessages + "/1", status: 200, lacks: []string{"imageSource"}, contains: []string{`"tags":[]`, `"buttons":[],"utmEnabled"`}},

		{method: http.MethodPut, path: telegramMessages + "/1/pt_BR", body: `{"text":"Olá"}`, status: 200, is: updated},
		{method: http.MethodPut, path: telegramMessages + "/1/pt-br", body: `{"buttons":[[{"text":"b","url":"https://x.example"}]]}`, status: 200},
		{method: http.MethodPut, path: telegramMessages + "/1/EN", body: `{"text":"Hello"}`, status: 200},
		{method: http.MethodGet, path: telegramMessages + "/1", status: 200, contains: []string{`"text":"Hello"`,
			`"languages":["en","pt_BR","uk"],"text":"Olá","buttons":[{"text":"b","link":"https://x.example"}]},{`, `"languageCode":"uk"`}},
		{method: http.MethodDelete, path: telegramMessages + "/1/UK", body: "x", status: 200, is: updated},
		{method: http.MethodDelete, path: telegramMessages + "/1/uk", status: 404, is: "The message has no version in this language"},
		{method: http.MethodDelete, path: telegramMessages + "/1/en", status: 409, contains: []string{"own language"}},
		{method: http.MethodPut, path: telegramMessages + "/1", body: `{"translations":{"de":{"text":"Hallo"}}}`, status: 200},
		{method: http.MethodGet, path: telegramMessages + "/1", status: 200, contains: []string{`"languages":["en","de"]`, `"text":"Hallo","buttons":[]}]}`}},
		{method: http.MethodPut, path: telegramMessages + "/1", body: `{"translations":[{"languageCode":"uk","text":"Так","imageSource":"https://shop.example/a.jpg"},{"languageCode":"DE","text":"Ja"}]}`, status: 200},
		{method: http.MethodGet, path: telegramMessages + "/1", status: 200, contains: []string{`"languages":["en","DE","uk"],"text":"Ja"`, `"text":"Так","imageSource":"https://shop.example/a.jpg"`}},
		{method: http.MethodPut, path: telegramMessages + "/1", body: `{"translations":{}}`, status: 200},
		{method: http.MethodGet, path: telegramMessages + "/1", status: 200, contains: []string{`"languages":["en"]`, `"translations":[]`}},

		{method: http.MethodPost, path: telegramMessages, body: `{"name":"Знижка","text":"x"}`, status: 200, is: `{"id":2}`},
		{method: http.MethodGet, path: telegramMessages + "?search=ЗНИЖ", status: 200, is: `[{"id":2,"name":"Знижка","tags":[],"subscriptionsKeys":[],"languages":[],"text":"x","buttons":[],"utmEnabled":true,"translations":[]}]`},
		{method: http.MethodGet, path: telegramMessages + "?search=none", status: 200, is: `[]`},
		{method: http.MethodGet, path: telegramMessages + "?startindex=2&maxrows=1", status: 200, contains: []string{`[{"id":1,`}, lacks: []string{`"id":2`}},

		{method: http.MethodPost, path: "/v1/message/1/smartsend", body: `{"recipients":{"contactId":1}}`, status: 200},
		{method: http.MethodDelete, path: telegramMessages + "/1", status: 200, is: "Message with id='1' has been deleted"},
		{method: http.MethodGet, path: telegramMessages + "/1", status: 404, is: "there is no message with this id"},
		{method: http.MethodDelete, path: telegramMessages + "/1", status: 404, is: "there is no message with this id"},
		{method: http.MethodPost, path: "/v1/message/1/smartsend", body: `{"recipients":{"contactId":1}}`, status: 404, is: "there is no message with this id"},
	} {
		s.check(t, in)
	}
	w := in.call(http.MethodGet, telegramMessages+"?maxrows=1", "")
	require.Equal(t, []string{"1"}, w.Header()["TotalCount"]) //nolint:staticcheck // not canonical, on purpose
}

// A message that was written with more than this API has keeps it.
func TestTelegramMessagesKeepTheRest(t *testing.T) {
	t.Parallel()
	in := setup(t)
	for _, s := range []scenario{
		{method: http.MethodPost, path: messages, status: 201, body: `{"name":"m","text":"a","silent":true,"media":[{"kind":"photo","url":"https://x.example/1.jpg","spoiler":true}]}`},
		{method: http.MethodGet, path: telegramMessages + "/1", status: 200, contains: []string{`"media":[{"kind":"photo","url":"https://x.example/1.jpg","spoiler":true}]`}, lacks: []string{"imageSource"}},
		{method: http.MethodPut, path: telegramMessages + "/1", body: `{"text":"b"}`, status: 200},
		{method: http.MethodGet, path: messages + "/1", status: 200, contains: []string{`"text":"b"`, `"silent":true`, `"spoiler":true`}},
	} {
		s.check(t, in)
	}
}

// The vendor's list of buttons says what rows there are, and what it says comes
// back.
func TestTelegramMessagesRows(t *testing.T) {
	t.Parallel()
	in := setup(t)
	const rows = `"buttons":[{"text":"a","link":"https://x.example","row":1},{"text":"b","link":"tg://resolve?domain=x","row":1},{"text":"c","copyText":"C"},` +
		`{"text":"d","webApp":"https://x.example","row":3},{"text":"e","link":"https://x.example","untracked":true,"row":3}]`
	stored := []string{`"buttons":[[{"text":"a","url":"https://x.example"},{"text":"b","url":"tg://resolve?domain=x"}],[{"text":"c","copyText":"C"}],` +
		`[{"text":"d","webApp":"https://x.example"},{"text":"e","url":"https://x.example","untracked":true}]]`}
	for _, s := range []scenario{
		{method: http.MethodPost, path: telegramMessages, status: 200, body: `{"name":"m","text":"x","buttons":[[{"text":"a","link":"https://x.example"},{"text":"b","link":"tg://resolve?domain=x"}],
			{"text":"c","copyText":"C"},[{"text":"d","webApp":"https://x.example"},{"text":"e","url":"https://x.example","untracked":true}]]}`},
		{method: http.MethodGet, path: telegramMessages + "/1", status: 200, contains: []string{rows}},
		{method: http.MethodGet, path: messages + "/1", status: 200, contains: stored},
		{method: http.MethodPut, path: telegramMessages + "/1", body: "{" + rows + "}", status: 200},
		{method: http.MethodGet, path: messages + "/1", status: 200, contains: stored},
		{method: http.MethodPut, path: telegramMessages + "/1", body: `{"buttons":[{"text":"a","link":"https://x.example"},{"text":"b","link":"https://x.example"}]}`, status: 200},
		{method: http.MethodGet, path: messages + "/1", status: 200, contains: []string{`"buttons":[[{"text":"a","url":"https://x.example"}],[{"text":"b","url":"https://x.example"}]]`}},
	} {
		s.check(t, in)
	}
}

func TestTelegramMessagesFaults(t *testing.T) {
	t.Parallel()
	in := setup(t)
	scenario{method: http.MethodPost, path: telegramMessages, body: `{"name":"m","text":"x","languageCode":"en"}`, status: 200, is: `{"id":1}`}.check(t, in)
	scenarios := []scenario{
		{name: "no body", status: 400, is: "Message must be specified"},
		{name: "null", body: `null`, status: 400, contains: []string{"name: "}},
		{name: "no name", body: `{"text":"x"}`, status: 400, contains: []string{"name: write a name"}},
		{name: "no text", body: `{"name":"x"}`, status: 400, contains: []string{"text: write the text"}},
		{name: "bad HTML", body: `{"name":"x","text":"a\n<b>x"}`, status: 400, contains: []string{"text: line 2, column "}},
		{name: "bad HTML in a translation", body: `{"name":"x","text":"x","translations":{"uk":{"text":"<x>"}}}`, status: 400, contains: []string{"translations.uk.text: line 1"}},
		{name: "no picture there", body: `{"name":"x","text":"x","imageUrl":"ftp://x"}`, status: 400, contains: []string{"imageSource: "}},
		{name: "no language", body: `{"name":"x","text":"x","languageCode":"12345678901"}`, status: 400, contains: []string{"languageCode: "}},
		{name: "button without an action", body: `{"name":"x","text":"x","buttons":[[{"text":"x"}]]}`, status: 400, contains: []string{"buttons[0][0]: "}},
		{name: "list for name", body: `{"name":[]}`, status: 400, is: "name must be a string"},
		{name: "text for buttons", body: `{"buttons":"x"}`, status: 400, is: "buttons must be an array"},
		{name: "text for a row", body: `{"buttons":["x"]}`, status: 400, is: "buttons[0] must be a JSON object"},
		{name: "word for a row's number", body: `{"buttons":[{"row":"x"}]}`, status: 400, is: "buttons[0].row must be a whole number"},
		{name: "button without a link", body: `{"name":"x","text":"x","buttons":[{"text":"x"}]}`, status: 400, contains: []string{"buttons[0][0]: "}},
		{name: "text for a button", body: `{"buttons":[["x"]]}`, status: 400, is: "buttons[0][0] must be a JSON object"},
		{name: "object for a url", body: `{"buttons":[[{"url":{}}]]}`, status: 400, is: "buttons[0][0].url must be a string"},
		{name: "word for a switch", body: `{"utmEnabled":"maybe"}`, status: 400, is: "utmEnabled must be true or false"},
		{name: "text for translations", body: `{"translations":"x"}`, status: 400, is: "translations must be a JSON object"},
		{name: "text for a listed translation", body: `{"translations":["x"]}`, status: 400, is: "translations[0] must be a JSON object"},
		{name: "a translation into nothing", body: `{"translations":[{"text":"x"}]}`, status: 400, is: "translations[0].languageCode must be a language"},
		{name: "list for a translation", body: `{"translations":{"uk":[]}}`, status: 400, is: "translations.uk must be a JSON object"},
		{name: "list for the body", body: `[]`, status: 400, is: "the body must be a JSON object"},
		{name: "half JSON", body: `{"name":`, status: 400, contains: []string{"not valid JSON"}},
		{name: "a change that leaves nothing", method: http.MethodPut, path: telegramMessages + "/1", body: `{"text":""}`, status: 400, contains: []string{"text: "}},
		{name: "a translation without a body", method: http.MethodPut, path: telegramMessages + "/1/uk", status: 400, is: "Message must be specified"},
		{name: "a translation into no language", method: http.MethodPut, path: telegramMessages + "/1/12345678901", body: `{"text":"x"}`, status: 400, contains: []string{"is not a language"}},
		{name: "no id", method: http.MethodGet, path: telegramMessages + "/x", status: 400, is: "A message id is a whole number"},
		{name: "id of 2^53", method: http.MethodDelete, path: telegramMessages + "/9007199254740992", status: 400, is: "A message id is a whole number"},
		{name: "nobody's message", method: http.MethodPut, path: telegramMessages + "/9", body: `{}`, status: 404, is: "there is no message with this id"},
		{name: "too many rows", method: http.MethodGet, path: telegramMessages + "?maxrows=501", status: 400, is: "maxrows must be a whole number from 1 to 500"},
		{name: "broken search", method: http.MethodGet, path: telegramMessages + "?search=%FF%00", status: 200, is: "[]"},
		{name: "wrong method", method: http.MethodPost, path: telegramMessages + "/1", body: `{}`, status: 405, answered: []string{"Allow", "DELETE, GET, HEAD, PUT"}},
	}
	for i := range scenarios {
		s := &scenarios[i]
		if s.path == "" {
			s.method, s.path = http.MethodPost, telegramMessages
		}
		if s.status != 200 {
			s.answered = append(s.answered, "Content-Type", "text/plain; charset=utf-8")
		}
	}
	t.Run("refused", func(t *testing.T) {
		t.Parallel()
		runAll(t, in, scenarios)
	})
	t.Cleanup(func() {
		scenario{method: http.MethodGet, path: telegramMessages, status: 200, contains: []string{`[{"id":1,"name":"m",`, `"text":"x",`}, lacks: []string{`"id":2`, "uk"}}.check(t, in)
	})
}

func FuzzTelegramMessage(f *testing.F) {
	in := setup(f)
	fuzzBody(f, in, http.MethodPost, telegramMessages,
		`{"name":"m","text":"<b>x</b>","imageUrl":"https://x.example/a.gif","buttons":[[{"text":"a","url":"https://x.example"}]],"translations":{"\u0075k":{"text":1}}}`,
		`{"name":"m","text":"{{ data.x }}","tags":"a,b","utmEnabled":"1","buttons":{"text":1}}`, `{"translations":{"":{}}}`,
		`{"name":"m","text":"x","buttons":[{"text":"a","link":"https://x.example","row":"1"},{"row":1}],"translations":[{"languageCode":"uk","imageSource":null}]}`, strings.Repeat(`[`, 50))
}

func FuzzTranslation(f *testing.F) {
	in := setup(f)
	in.call(http.MethodPost, telegramMessages, `{"name":"m","text":"x"}`)
	fuzzBody(f, in, http.MethodPut, telegramMessages+"/1/uk", `{"text":"x","buttons":[[]]}`, `{"image":null}`)
}
