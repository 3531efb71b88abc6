package integration_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"bellman/internal/api/apitest"
)

// spellings are identifiers of a contact, each in the forms in which systems write
// it.
var spellings = []struct {
	// region is the workspace's.
	region string
	// kind is the identifier's name in the tokens call.
	kind, stored string
	written      []string
}{
	{"UA", "phone", "+380501234567", []string{
		"+380501234567", "380501234567", "00380501234567", "00 380 50 123-45-67", "0501234567", "050 123 45 67", "(050) 123-45-67",
		" +380 (50) 123.45.67 ", "+380\u00a050\u00a01234567", "+380 50/123-45-67",
		"8 (050) 123-45-67", "380501234567.0", "\u202a+380501234567\u202c",
	}},
	{"", "phone", "+380501234567", []string{"+380501234567", "380501234567", "00380501234567", "00 380 (50) 123-45-67", "+380 50/123.45.67"}},
	{"DE", "phone", "+380671234567", []string{"380671234567", "+380671234567"}},
	// No numbering plan in the library contains this number.
	{"UA", "phone", "+9990123456789", []string{"+9990123456789", "009990123456789", "+999 012 345-67-89"}},
	{"", "email", "olena@example.com", []string{"olena@example.com", "OLENA@Example.com", " Olena@example.com\n"}},
	{"", "email", "олена@пошта.укр", []string{"олена@пошта.укр", "ОЛЕНА@Пошта.укр", "\tОлена@пошта.укр"}},
	{"UA", "externalCustomerId", "C-1", []string{"C-1"}},
	{"UA", "externalCustomerId", " padded ", []string{" padded "}},
	{"UA", "externalCustomerId", "00380501234567", []string{"00380501234567"}},
}

// lookup is one identifier in one spelling, as a call gets it.
type lookup struct {
	*testing.T
	in   *apitest.Installation
	app  string
	kind string
	text string
	// turn counts the spellings of this installation, from 1.
	turn int64
}

// answer returns the answer to a call that has to succeed.
func (l lookup) answer(method, path string, body any) *httptest.ResponseRecorder {
	l.Helper()
	text, err := json.Marshal(body)
	require.NoError(l, err)
	w := l.in.Call(method, path, string(text))
	require.Less(l, w.Code, 300, "%s %s: %s: %s", method, path, text, w.Body)
	return w
}

// contact returns the identifier as a contact of the integration API.
func (l lookup) contact() map[string]any {
	switch l.kind {
	case "phone":
		return map[string]any{"channels": []any{map[string]any{"type": "sms", "value": l.text}}}
	case "email":
		return map[string]any{"channels": []any{map[string]any{"type": "email", "value": l.text}}}
	}
	return map[string]any{l.kind: l.text}
}

// event returns the contact of the newest event.
func (l lookup) event() int64 {
	w := l.answer(http.MethodGet, "/manage/v1/events?limit=1", nil)
	var page struct{ Items []struct{ ContactID int64 } }
	require.NoError(l, json.Unmarshal(w.Body.Bytes(), &page))
	return page.Items[0].ContactID
}

// ways are the calls in which an identifier names a contact. Each returns the
// contact that was found; kinds that it does not know are left out.
var ways = map[string]struct {
	kinds string
	find  func(l lookup) int64
}{
	"tokens": {"phone email externalCustomerId", func(l lookup) int64 {
		w := l.answer(http.MethodPost, "/api/v1/apps/"+l.app+"/tokens",
			map[string]any{"tokens": []any{map[string]any{"token": l.turn, l.kind: l.text}}})
		var a struct{ Results []struct{ ContactID int64 } }
		require.NoError(l, json.Unmarshal(w.Body.Bytes(), &a))
		return a.Results[0].ContactID
	}},
	"contact": {"phone email externalCustomerId", func(l lookup) int64 {
		return apitest.Field[int64](l, l.answer(http.MethodPost, "/v1/contact", l.contact()), "id")
	}},
	"management": {"phone email externalCustomerId", func(l lookup) int64 {
		return apitest.Field[int64](l, l.answer(http.MethodPost, "/manage/v1/contacts", map[string]any{l.kind: l.text}), "id")
	}},
	"import": {"phone email externalCustomerId", func(l lookup) int64 {
		on := map[string]string{"phone": "sms", "email": "email"}[l.kind]
		if on == "" {
			on = l.kind
		}
		w := l.answer(http.MethodPost, "/v1/contacts", map[string]any{"dedupeOn": on, "contacts": []any{l.contact()}})
		var a struct{ Mapping []struct{ ContactID int64 } }
		require.NoError(l, json.Unmarshal([]byte(importOf(l, l.in, l.turn, sessionOf(l, w.Body.String()))), &a))
		return a.Mapping[0].ContactID
	}},
	"subscribe": {"phone email externalCustomerId", func(l lookup) int64 {
		return apitest.Field[int64](l, l.answer(http.MethodPost, "/v1/contact/subscribe", map[string]any{"contact": l.contact()}), "id")
	}},
	"list": {"phone email externalCustomerId", func(l lookup) int64 {
		name := map[string]string{"phone": "sms"}[l.kind]
		if name == "" {
			name = l.kind
		}
		w := l.answer(http.MethodGet, "/v1/contacts?"+url.Values{name: {l.text}}.Encode(), nil)
		var found []struct{ ID int64 }
		require.NoError(l, json.Unmarshal(w.Body.Bytes(), &found))
		require.Len(l, found, 1)
		return found[0].ID
	}},
	"search": {"phone email", func(l lookup) int64 {
		w := l.answer(http.MethodGet, "/manage/v1/contacts?"+url.Values{"search": {l.text}}.Encode(), nil)
		var page struct{ Items []struct{ ID int64 } }
		require.NoError(l, json.Unmarshal(w.Body.Bytes(), &page))
		require.Len(l, page.Items, 1)
		return page.Items[0].ID
	}},
	"history": {"phone email externalCustomerId", func(l lookup) int64 {
		// It is 404 for an unknown contact.
		l.answer(http.MethodGet, "/v1/contacts/messages?"+url.Values{l.kind: {l.text}}.Encode(), nil)
		return 1
	}},
	"event by a parameter": {"phone email externalCustomerId", func(l lookup) int64 {
		l.answer(http.MethodPost, "/v1/event", map[string]any{
			"eventTypeKey": "seen", "keyValue": "k", "params": []any{map[string]any{"name": l.kind, "value": l.text}},
		})
		return l.event()
	}},
	"event by its key": {"phone email externalCustomerId", func(l lookup) int64 {
		// A key has neither slashes nor control characters.
		l.answer(http.MethodPost, "/v1/event", map[string]any{
			"eventTypeKey": "seen", "keyValue": strings.NewReplacer("/", " ", "\n", " ", "\t", " ").Replace(l.text),
		})
		return l.event()
	}},
	"unsubscribe": {"email", func(l lookup) int64 {
		l.answer(http.MethodPost, "/v1/emails/unsubscribed/add", map[string]any{"emails": []string{l.text}})
		require.Contains(l, l.answer(http.MethodGet, "/manage/v1/contacts/1", nil).Body.String(), `"unsubscribedAt"`)
		l.answer(http.MethodPost, "/v1/emails/unsubscribed/delete", map[string]any{"emails": []string{l.text}})
		require.NotContains(l, l.answer(http.MethodGet, "/manage/v1/contacts/1", nil).Body.String(), `"unsubscribedAt"`)
		return 1
	}},
}

// An identifier names the same contact in every spelling and in every call.
func TestIdentifiersReadAlike(t *testing.T) {
	t.Parallel()
	for _, s := range spellings {
		for name, way := range ways {
			if !strings.Contains(way.kinds, s.kind) {
				continue
			}
			t.Run(fmt.Sprintf("%s/%s/%s", name, s.stored, s.region), func(t *testing.T) {
				t.Parallel()
				in := apitest.New(t)
				l := lookup{T: t, in: in, app: in.Connect(t), kind: s.kind, text: s.stored}
				l.answer(http.MethodPatch, "/manage/v1/workspace", map[string]any{"phoneRegion": s.region})
				l.answer(http.MethodPost, "/manage/v1/contacts", map[string]any{s.kind: s.stored})
				for _, l.text = range s.written {
					l.turn++
					require.EqualValues(t, 1, way.find(l), "%q", l.text)
				}
				l.answer(http.MethodGet, "/manage/v1/contacts/1", nil)
				require.Equal(t, http.StatusNotFound, in.Call(http.MethodGet, "/manage/v1/contacts/2", "").Code, "nobody is made")
			})
		}
	}
}
