package manage_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"image"
	"image/png"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"bellman/internal/api/apitest"
)

const contacts = "/manage/v1/contacts"

// upload uploads a small picture and returns its id.
func upload(tb testing.TB, in *apitest.Installation) int64 {
	tb.Helper()
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	part, err := form.CreateFormFile("file", "sale.png")
	require.NoError(tb, err)
	require.NoError(tb, png.Encode(part, image.NewGray(image.Rect(0, 0, 8, 8))))
	require.NoError(tb, form.Close())
	w := in.Call(http.MethodPost, "/manage/v1/media", body.String(), "Content-Type", form.FormDataContentType())
	require.Equal(tb, http.StatusCreated, w.Code, w.Body)
	return apitest.Field[int64](tb, w, "id")
}

func TestMessageContent(t *testing.T) {
	t.Parallel()
	in := apitest.New(t)
	file := upload(t, in)
	body := fmt.Sprintf(`{"name":"Sale","text":"Hi {{ contact.firstName | default: \"friend\" }}","media":[{"kind":"photo",
		"id":%d,"spoiler":true}],
		"captionAbove":true,"buttons":[[{"text":"Shop","url":"https://shop.example/","style":"success"},{"text":"Code",
			"copyText":"SALE20"}],[{"text":"Rate","callbackData":"rate|5"}]],
		"language":"en","translations":{"uk":{"text":"Вітаємо, {{ contact.firstName }}"}},"silent":true,"tags":["sale"]}`, file)
	w := in.Call(http.MethodPost, messages, body)
	require.Equal(t, http.StatusCreated, w.Code, w.Body)
	one := fmt.Sprint(messages, "/", apitest.Field[int64](t, w, "id"))
	w = in.Call(http.MethodGet, one, "")
	for _, part := range []string{`"spoiler":true`, `"copyText":"SALE20"`, `"callbackData":"rate|5"`,
		`"translations":{"uk":{"text":"Вітаємо, {{ contact.firstName }}"}}`,
		`"silent":true`, `"tags":["sale"]`, `"language":"en"`, `"captionAbove":true`, `"style":"success"`} {
		require.Contains(t, w.Body.String(), part)
	}
	w = in.Call(http.MethodDelete, fmt.Sprint("/manage/v1/media/", file), "")
	require.Equal(t, http.StatusConflict, w.Code, w.Body)
	require.Contains(t, w.Body.String(), "media_in_use")
}

// A message that Telegram would refuse is not saved; the answer says where the
// fault is and why.
func TestMessageContentFaults(t *testing.T) {
	t.Parallel()
	in := apitest.New(t)
	file := upload(t, in)
	nine := "[" + strings.TrimSuffix(strings.Repeat(`{"text":"x","url":"https://a.example"},`, 9), ",") + "]"
	for name, c := range map[string]struct{ content, code, field string }{
		"unknown tag":    {`"text":"a<br>b"`, "html_tag_unknown", "text"},
		"unclosed tag":   {`"text":"<b>a"`, "html_tag_unclosed", "text"},
		"broken Liquid":  {`"text":"{{ contact.firstName"`, "liquid_unclosed", "text"},
		"endless loop":   {`"text":"{% for i in (1..1000000000) %}x{% endfor %}"`, "liquid_failed", "text"},
		"misspelt value": {`"text":"{{ contact.fistName }}"`, "liquid_variable_unknown", "text"},
		"too long":       {`"text":"` + strings.Repeat("😀", 4097) + `"`, "text_too_long", "text"},
		"script in link": {`"text":"x","buttons":[[{"text":"x","url":"javascript:alert(1)"}]]`, "link_invalid", "buttons[0][0].url"},
		"no row":         {`"text":"x","buttons":[[]]`, "buttons_row_empty", "buttons[0]"},
		"nine in a row":  {`"text":"x","buttons":[` + nine + `]`, "buttons_too_many", "buttons[0]"},
		"override":       {`"text":"a\u202eb"`, "text_direction", "text"},
		"file not there": {`"text":"x","media":[{"kind":"photo","id":99}]`, "media_not_found", "media[0].id"},
		"wrong kind":     {fmt.Sprintf(`"text":"x","media":[{"kind":"voice","id":%d}]`, file), "media_kind_mismatch", "media[0].kind"},
		"in translation": {`"text":"x","translations":{"uk":{"text":"<i>"}}`, "html_tag_unclosed", "translations.uk.text"},
		"nothing":        {`"text":""`, "text_missing", "text"},
		"album's buttons": {fmt.Sprintf(`"text":"x","media":[{"kind":"photo","id":%[1]d},{"kind":"photo","id":%[1]d}],`+
			`"buttons":[[{"text":"x","url":"https://a.example"}]]`,
			file),
			"", "buttons"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := in.Call(http.MethodPost, messages, `{"name":"m",`+c.content+`}`)
			require.Equal(t, http.StatusUnprocessableEntity, w.Code, w.Body)
			if c.code != "" {
				require.Equal(t, c.code, apitest.Field[string](t, w, "code"), w.Body)
			}
			require.Equal(t, c.field, apitest.Field[string](t, w, "field"), w.Body)
			w = in.Call(http.MethodPost, messages+"/check", `{`+c.content+`}`)
			require.Equal(t, http.StatusOK, w.Code, w.Body)
			require.NotEmpty(t, apitest.Field[[]any](t, w, "faults"))
		})
	}
	t.Cleanup(func() {
		require.JSONEq(t, `{"items":[]}`, in.Call(http.MethodGet, messages, "").Body.String())
	})
}

func TestCheckMessage(t *testing.T) {
	t.Parallel()
	in := apitest.New(t)
	w := in.Call(http.MethodPost, messages+"/check",
		`{"text":"<b>{{ contact.firstName }}</b> <a href=\"https://shop.example/{{ data.sku }}\">x</a>","buttons":[[{"text":"Go",`+
			`"url":"https://b.example"}]],"language":"en"}`)
	require.JSONEq(t, `{"faults":[],"variables":["contact.firstName","data.sku"],"links":[
		{"target":"https://shop.example/{{ data.sku }}","language":"en"},{"target":"https://b.example","button":"Go",
			"language":"en","address":"https://b.example/?utm_source=bellman-promo&utm_medium=telegram&utm_content=0"}]}`, w.Body.String())
	w = in.Call(http.MethodPost, messages+"/check",
		`{"name":"Sale","text":"<a href=\"https://b.example/?utm_source=mine\">x</a>","tags":["a"]}`)
	require.Contains(t, w.Body.String(), `?utm_source=mine&utm_medium=telegram&utm_campaign=Sale&utm_content=0`)
	w = in.Call(http.MethodPost, messages+"/check", `{"text":"<a href=\"https://b.example/\">x</a>","noUtm":true}`)
	require.Contains(t, w.Body.String(), `"address":"https://b.example/"`)
	w = in.Call(http.MethodPost, messages+"/check", `{"text":"<b>","buttons":[[{"text":"","url":"https://b.example"}]]}`)
	require.Len(t, apitest.Field[[]any](t, w, "faults"), 2, w.Body)
	// A name is checked if there is one, and everything at once.
	w = in.Call(http.MethodPost, messages+"/check", `{"name":"Sale","text":"x"}`)
	require.Equal(t, http.StatusOK, w.Code, w.Body)
	require.Empty(t, apitest.Field[[]any](t, w, "faults"), w.Body)
	w = in.Call(http.MethodPost, messages+"/check",
		`{"name":" ","text":"<br><p>x</p> < <b>y","buttons":[[{"text":"","url":"https://a@b@shop.example"}]]}`)
	var codes []string
	for _, f := range apitest.Field[[]any](t, w, "faults") {
		codes = append(codes, f.(map[string]any)["code"].(string))
	}
	require.Equal(t, []string{"name_invalid", "html_tag_unknown", "html_tag_unknown", "html_less_than", "html_tag_unclosed",
		"button_text_missing", "link_invalid"}, codes)
}

// The syntax of other systems is refused with what to write instead, and translated
// by a call of its own.
func TestTranslateMessage(t *testing.T) {
	t.Parallel()
	in := apitest.New(t)
	const content = `{"text":"Hi %FIRSTNAME|friend%, **$!data.get('total')**",
		"buttons":[[{"text":"{name}","url":"https://b.example/$!data.get('x')"}]],"translations":{"uk":{"text":"%PROMO_CODE%"}}}`
	w := in.Call(http.MethodPost, messages+"/check", content)
	type found struct{ Code, Field, Message string }
	faults := apitest.Field[[]found](t, w, "faults")
	require.Len(t, faults, 6, w.Body)
	require.Equal(t, found{"foreign_syntax", "text", `line 1, column 4: %FIRSTNAME|friend% would be sent as it stands; write ` +
		`{{ contact.firstName | default: "friend" }}, or put it between {% raw %} and {% endraw %} if it is to be shown so`}, faults[0])
	w = in.Call(http.MethodPost, messages, `{"name":"m",`+content[1:])
	require.Equal(t, http.StatusUnprocessableEntity, w.Code, w.Body)
	require.Equal(t, "foreign_syntax", apitest.Field[string](t, w, "code"))

	w = in.Call(http.MethodPost, messages+"/translate", content)
	require.Equal(t, http.StatusOK, w.Code, w.Body)
	left := apitest.Field[[]found](t, w, "untranslated")
	require.Len(t, left, 1)
	require.Equal(t, "translations.uk.text", left[0].Field)
	translated := apitest.Field[map[string]any](t, w, "content")
	require.Equal(t, `Hi {{ contact.firstName | default: "friend" }}, <b>{{ data.total }}</b>`, translated["text"])
	delete(translated, "translations")
	translated["name"] = "m"
	body, err := json.Marshal(translated)
	require.NoError(t, err)
	w = in.Call(http.MethodPost, messages, string(body))
	require.Equal(t, http.StatusCreated, w.Code, w.Body)
	require.Contains(t, w.Body.String(), "https://b.example/{{ data.x }}")
}

func TestPreview(t *testing.T) {
	t.Parallel()
	in := apitest.New(t)
	w := in.Call(http.MethodPost, "/v1/contact", `{"externalCustomerId":"c1","firstName":"O<lena","languageCode":"uk-UA"}`)
	require.Equal(t, http.StatusOK, w.Code, w.Body)
	w = in.Call(http.MethodPost, messages,
		`{"name":"m","text":"Hi {{ contact.firstName }}{{ data.sum }}","translations":{"uk":{"text":"Вітаємо, {{ contact.firstName }} {{ `+
			`contact.lastName }}"}}}`)
	require.Equal(t, http.StatusCreated, w.Code, w.Body)
	preview := messages + "/1/preview"
	w = in.Call(http.MethodPost, preview, `{"contactId":1}`)
	require.Equal(t, http.StatusOK, w.Code, w.Body)
	require.JSONEq(t,
		`{"method":"sendMessage","parameters":{"text":"Вітаємо, O&lt;lena ","parse_mode":"HTML"},"missing":["contact.lastName"]}`,
		w.Body.String())
	w = in.Call(http.MethodPost, preview, `{"contactId":1,"languageCode":"en","data":{"sum":"!"}}`)
	require.JSONEq(t, `{"method":"sendMessage","parameters":{"text":"Hi O&lt;lena!","parse_mode":"HTML"},"missing":[]}`, w.Body.String())
	w = in.Call(http.MethodPost, preview, `{}`)
	require.Equal(t, []string{"contact.firstName", "data.sum"}, apitest.Field[[]string](t, w, "missing"))
	w = in.Call(http.MethodPost, messages+"/preview", `{"contactId":1,"content":{"text":"<b>{{ contact.firstName }}</b>"}}`)
	require.JSONEq(t, `{"method":"sendMessage","parameters":{"text":"<b>O&lt;lena</b>","parse_mode":"HTML"},"missing":[]}`, w.Body.String())
	w = in.Call(http.MethodPost, messages+"/preview", `{"content":{"text":"<h1>no</h1>"}}`)
	require.Equal(t, http.StatusUnprocessableEntity, w.Code)
	require.Contains(t, w.Body.String(), "html_tag_unknown")
	apitest.RunAll(t, in, []apitest.Scenario{
		{Name: "no such contact", Method: http.MethodPost, Path: preview, Body: `{"contactId":9}`, Status: 404,
			Contains: []string{"contact_not_found"}},
		{Name: "no such message", Method: http.MethodPost, Path: messages + "/9/preview", Body: `{}`, Status: 404,
			Contains: []string{"message_not_found"}},
	})
}

// Test sends are a campaign of their own, and do not wait for the other one.
func TestTestSends(t *testing.T) {
	t.Parallel()
	in := apitest.New(t)
	send := in.Prepare(t)
	test := strings.TrimSuffix(send, "send") + "test"
	const body = `{"botId":1,"recipients":[{"contactId":1,"languageCode":"uk","data":{"a":1}},{"token":"9"}]}`
	w := in.Call(http.MethodPost, test, body)
	require.Equal(t, http.StatusOK, w.Code, w.Body)
	results := apitest.Field[[]receipt](t, w, "results")
	require.Equal(t, "accepted", results[0].Status)
	require.Equal(t, "rejected", results[1].Status)
	require.Equal(t, http.StatusOK, in.Call(http.MethodPost, send, body).Code)
	w = in.Call(http.MethodGet, campaigns, "")
	require.Equal(t, 1, strings.Count(w.Body.String(), `"test":true`))
	require.Len(t, apitest.Field[[]any](t, w, "items"), 2)
	// A paused test campaign is replaced by the next one.
	require.Equal(t, http.StatusOK, in.Call(http.MethodPost, campaigns+"/1/pause", "").Code)
	require.Equal(t, http.StatusOK, in.Call(http.MethodPost, test, body).Code)
	w = in.Call(http.MethodGet, campaigns+"/3", "")
	require.Equal(t, "sending", apitest.Field[string](t, w, "state"))
}

func TestPreflight(t *testing.T) {
	t.Parallel()
	in := apitest.New(t)
	in.Config.Campaigns.LinksUntracked()
	in.Prepare(t)
	w := in.Call(http.MethodPost, messages,
		`{"name":"m","text":"{{ contact.firstName }}{{ contact.externalCustomerId }}{{ contact.email | default: '-' }}{{ data.x }} <a `+
			`href=\"https://a.example\">x</a>"}`)
	require.Equal(t, http.StatusCreated, w.Code, w.Body)
	w = in.Call(http.MethodPost, campaigns, `{"name":"c","botId":1,"messageId":2,"audience":{"all":true}}`)
	require.Equal(t, http.StatusCreated, w.Code, w.Body)
	one := fmt.Sprint(campaigns, "/", apitest.Field[int64](t, w, "id"))
	w = in.Call(http.MethodGet, one+"/check", "")
	require.Equal(t, http.StatusOK, w.Code, w.Body)
	require.EqualValues(t, 2, apitest.Field[int64](t, w, "recipients"))
	type missing struct {
		Variable   string
		Recipients int64
	}
	require.Equal(t, []missing{{"contact.firstName", 2}, {"data.x", 2}}, apitest.Field[[]missing](t, w, "missing"))
	require.Contains(t, w.Body.String(), "links_untracked")
	require.Equal(t, map[string]int64{"audience": 2, "excluded": 0, "inactive": 0, "muted": 0, "reached": 2},
		apitest.Field[map[string]int64](t, w, "reach"))
	require.Contains(t, w.Body.String(), `"overlaps":{"recipients":0,"campaigns":[]}`)
	w = in.Call(http.MethodPost, one+"/launch", "")
	require.Equal(t, http.StatusOK, w.Code, w.Body)
	require.Contains(t, w.Body.String(), "--public-url")
	w = in.Call(http.MethodGet, campaigns+"/99/check", "")
	require.Equal(t, http.StatusNotFound, w.Code)
}

// An unknown link shows a page of text, and leads nowhere.
func TestUnknownLink(t *testing.T) {
	t.Parallel()
	in := apitest.New(t)
	r := httptest.NewRequest(http.MethodGet, "http://bellman.test/r/AAAA", nil)
	w := httptest.NewRecorder()
	in.Handler.ServeHTTP(w, r)
	require.Equal(t, http.StatusNotFound, w.Code)
	require.Empty(t, w.Header().Get("Location"))
	require.Contains(t, w.Body.String(), "This link does not work")
}
