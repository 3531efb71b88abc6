package redirect_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"bellman/internal/message"
	"bellman/internal/sandbox"
	"bellman/internal/store"
	"bellman/internal/store/storetest"
)

// landing is where a link may lead, once without counting and once with.
type landing struct {
	*counter
	telegram *sandbox.Sandbox
	token    string
}

func newLanding(t *testing.T, s *store.DB) *landing {
	t.Helper()
	return &landing{setup(t, s), sandbox.Start(t, sandbox.Options{Rates: sandbox.Lifted()}), sandbox.Token(1)}
}

// uncounted returns where Telegram itself leads from a link with this address; empty
// when it drops the link.
func (l *landing) uncounted(t require.TestingT, content message.Content) string {
	template, err := message.Compile(content)
	require.NoError(t, err)
	call, err := template.Compose(nil, message.Recipient{ChatID: 1})
	require.NoError(t, err)
	answer, err := http.Post(l.telegram.URL()+"/bot"+l.token+"/"+call.Method, "application/json", bytes.NewReader(call.Body))
	require.NoError(t, err)
	said, err := io.ReadAll(answer.Body)
	require.NoError(t, err)
	require.NoError(t, answer.Body.Close())
	var message struct {
		Result struct {
			Entities []struct{ Type, URL string }
		}
	}
	require.NoError(t, json.Unmarshal(said, &message), "%s", said)
	for _, e := range message.Result.Entities {
		if e.Type == "text_link" {
			return e.URL
		}
	}
	return ""
}

// counted returns where a person lands who follows the counted link; false when the
// link is not counted.
func (l *landing) counted(t require.TestingT, content message.Content) (string, bool) {
	template, err := message.Compile(content)
	require.NoError(t, err)
	if len(template.Links()) == 0 {
		return "", false
	}
	path := ""
	_, err = template.Compose(nil, message.Recipient{ChatID: 1, Link: func(number int, target string) string {
		require.Zero(t, number)
		path = l.code(personal, target)
		return "https://go.example" + path
	}})
	require.NoError(t, err)
	w := l.get(http.MethodHead, path)
	require.Equal(t, http.StatusFound, w.Code, "%s", w.Body)
	return w.Header().Get("Location"), true
}

// linking is a message with one link to an address.
func linking(address string) message.Content {
	return message.Text(`<a href="` + strings.NewReplacer("&", "&amp;", `"`, "&quot;", "<", "&lt;", ">", "&gt;").Replace(address) + `">x</a>`)
}

// ascii returns an address with everything escaped that a header cannot have. Its
// host is ASCII.
func ascii(address string) string {
	var b strings.Builder
	for _, c := range []byte(address) {
		if c > ' ' && c < 0x7f {
			b.WriteByte(c)
		} else {
			fmt.Fprintf(&b, "%%%02X", c)
		}
	}
	return b.String()
}

// A counted link leads where the same link leads without counting, and where it
// does not lead anywhere without, it cannot be saved.
func TestCountedLinksLeadWhereTelegramLeads(t *testing.T) {
	t.Parallel()
	l := newLanding(t, storetest.Open(t, storetest.SQLite(t)))
	for address, want := range map[string]string{
		"https://shop.example/sale":                 "https://shop.example/sale",
		"shop.example/sale":                         "http://shop.example/sale",
		"www.shop.example":                          "http://www.shop.example/",
		"HTTPS://Shop.Example":                      "https://shop.example/",
		" https://shop.example/sale\n":              "https://shop.example/sale",
		"\u200bshop.example\u00a0":                  "http://shop.example/",
		"https://shop.example/100%":                 "https://shop.example/100%",
		"https://shop.example/%zz?q=50%&r=%D0%B0":   "https://shop.example/%zz?q=50%&r=%D0%B0",
		"https://shop.example/a b\tc?d e#f g":       "https://shop.example/a%20b%09c?d%20e#f%20g",
		"https://shop.example?x=1":                  "https://shop.example/?x=1",
		"https://shop.example#top":                  "https://shop.example/#top",
		"https://shop.example:0443/x":               "https://shop.example:443/x",
		"https://anna:secret@shop.example/x":        "https://anna:secret@shop.example/x",
		"@shop.example":                             "http://shop.example/",
		"https://[2001:DB8::1]:8080":                "https://[2001:db8::1]:8080/",
		"https://shop.example/знижки?що=це":         "https://shop.example/%D0%B7%D0%BD%D0%B8%D0%B6%D0%BA%D0%B8?%D1%89%D0%BE=%D1%86%D0%B5",
		"https://пошта.укр/ї":                       "https://xn--80a1acn3a.xn--j1amh/%D1%97",
		"https://Пошта.укр:8080":                    "https://xn--80a1acn3a.xn--j1amh:8080/",
		"bücher.example":                            "http://xn--bcher-kva.example/",
		"https://shop.example/\"<>\\^`{|}'":         "https://shop.example/\"<>\\^`{|}'",
		"https://shop.example/;a,b!$(c)*+=~:@/[d]":  "https://shop.example/;a,b!$(c)*+=~:@/[d]",
		"https://shop.example//double//slash/../up": "https://shop.example//double//slash/../up",
	} {
		content := linking(address)
		require.NoError(t, content.Check(), "%q", address)
		got, ok := l.counted(t, content)
		require.True(t, ok, "%q", address)
		require.Equal(t, want, got, "%q", address)
		if own := l.uncounted(t, content); ascii(own) == own {
			require.Equal(t, own, got, "%q", address)
		} else {
			require.NotEmpty(t, own, "%q", address)
		}
	}
	for _, address := range []string{
		"https://a@b@shop.example", "https://shop example/", "https:// shop.example", "https://shop.example:0", "shop", "//shop.example",
		"https://a b@shop.example", "https://[::z]/", "https://shop.example\x7f/", "ftp://shop.example",
	} {
		content := linking(address)
		require.Error(t, content.Check(), "%q", address)
		require.Empty(t, l.uncounted(t, content), "%q", address)
		_, ok := l.counted(t, content)
		require.False(t, ok, "%q", address)
	}
}

// What the table shows for some addresses is so for all that can be saved.
func TestCountedLinksLeadWhereTelegramLeadsAlways(t *testing.T) {
	t.Parallel()
	l := newLanding(t, storetest.Open(t, storetest.SQLite(t)))
	passed := 0
	rapid.Check(t, func(t *rapid.T) {
		address := rapid.SampledFrom([]string{"", "https://", "http://", "HTTP://", " https://", "//"}).Draw(t, "scheme") +
			rapid.SampledFrom([]string{"", "", "", "a@", "a:b@", "a@b@", "%40@", "%@"}).Draw(t, "user") +
			rapid.OneOf(rapid.SampledFrom([]string{"shop.example", "SHOP.example.", "[::1]", "shop", "a..b", "x_y.z"}),
				rapid.StringOfN(rapid.RuneFrom([]rune("ab.-_%~'* \n[]")), 1, 6, -1)).Draw(t, "host") +
			rapid.SampledFrom([]string{"", "", ":80", ":00443", ":0", ":"}).Draw(t, "port") +
			rapid.SampledFrom([]string{"", "/", "?", "#", "\n"}).Draw(t, "mark") +
			rapid.StringOfN(rapid.RuneFrom([]rune("ab/?#%&=+ :@\t\"<>[]|ї\u200b")), 0, 12, -1).Draw(t, "path")
		content := linking(address)
		if content.Check() != nil {
			return
		}
		passed++
		got, counted := l.counted(t, content)
		require.True(t, counted, "%q", address)
		own := l.uncounted(t, content)
		if i := strings.Index(own, "ї"); i >= 0 && i < strings.LastIndexByte(own, '/') {
			return // in a host it becomes punycode, as the table shows
		}
		require.Equal(t, ascii(own), got, "%q", address)
	})
	require.Positive(t, passed)
}

// A link without values leads by the message alone, with the address as it was
// written there.
func TestLinksOfTheMessageLeadWhereTelegramLeads(t *testing.T) {
	t.Parallel()
	c := setup(t, storetest.Open(t, storetest.SQLite(t)))
	for place, want := range map[int]string{blank: "http://shop.example/sale", percent: "https://shop.example/100%"} {
		w := c.get(http.MethodGet, c.code(place, ""))
		require.Equal(t, http.StatusFound, w.Code, w.Body)
		require.Equal(t, want, w.Header().Get("Location"))
	}
	require.Len(t, c.clicks(t), 2)
}
