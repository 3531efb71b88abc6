package message_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"bellman/internal/fault"
	"bellman/internal/message"
)

// pressing is a message with a button that opens an address.
func pressing(address string) message.Content {
	return message.Content{Version: message.Version{Text: "x", Buttons: [][]message.Button{{{Text: "x", URL: address}}}}}
}

// TestAddresses lists addresses that Telegram opens, and such that it does not,
// with what their author reads.
func TestAddresses(t *testing.T) {
	t.Parallel()
	for _, address := range []string{
		"https://example.com", "HTTP://EXAMPLE.COM/a", "example.com", " example.com ", "example.com:8080/x", "example.com:1",
		"example.com:65535",
		"example.com:80?x", "example.com:80#x", "https://user:pw@example.com/", "https://example.com?q=1:2@x",
		"https://example.com#a@b", "https://example.com./", "https://пошта.укр", "https://a-b_c.com/x%20y", "a@example.com",
		"https://example.com/a b", "https://example.com/100%", "https://example.com/a\tb", "\u200bhttps://example.com\n", "\u00a0e.com/\ufeff",
		"https://a%40b:c@example.com", "https://@example.com", "https://it's.example.com", "https://..", "www.shop.example", "shop.example/sale",
		"https://[::1]/", "https://[::1]:8080", "[2001:DB8::a:1.2.3.4]/x", "https://[::ffff:1.2.3.4]", "tg://x/?a b",
		"tg://resolve?domain=x", "tg:resolve", "TG://x-y_1Z", "ton://transfer/x", "ton:a#b", "tonsite://a.b/c", "tonsite:a_b",
	} {
		require.NoError(t, pressing(address).Check(), address)
	}
	for address, reason := range map[string]string{
		" ":                         "the link has no address",
		"https:/example.com":        "write the address as https://…",
		"http:example.com":          "write the address as http://…",
		"ftp://example.com":         `"ftp:" is not a kind of address that Telegram opens`,
		"git+h2-x.y://example.com":  `"git+h2-x.y:" is not a kind of address`,
		"user:pw@example.com":       `"user:" is not a kind of address`,
		"example.com:/x":            `"example.com:" is not a kind of address`,
		"example.com:8x":            `"example.com:" is not a kind of address`,
		"https://":                  "the address has no host",
		"https:///x":                "the address has no host",
		"https://?x":                "the address has no host",
		"https://user@":             "the address has no host",
		"https://:80":               "the address has no host",
		"https://example.com:0":     `"0" is not a port`,
		"https://example.com:65536": `"65536" is not a port`,
		"example.com:99999":         `"99999" is not a port`,
		"https://example.com:8a":    `"8a" is not a port`,
		"https://example.com:/":     `"" is not a port`,
		"https://[::1]:x":           `"x" is not a port`,
		":x.y":                      "the address has no host",
		"é:x":                       `"x" is not a port`,
		"https://localhost":         `"localhost" is not the name of a site; write all of it, such as example.com`,
		"https://localhost:80":      `"localhost" is not the name of a site`,
		"https://.":                 `"." is not the name of a site`,
		"https://[":                 `"[" is not an IPv6 address`,
		"https://[::1":              "is not an IPv6 address",
		"https://[::1].com":         `"[::1].com" is not an IPv6 address`,
		"https://[x]":               `"[x]" is not an IPv6 address`,
		"https://[::g]":             `"[::g]" is not an IPv6 address`,
		"https://[g::]":             `"[g::]" is not an IPv6 address`,
		"https://a%b.com":           `the name of a site cannot have "%" in it`,
		"https://a|b.com":           `cannot have "|" in it`,
		"https://a b.com":           `cannot have " " in it`,
		"https://a\tb.com":          "cannot have",
		"https://[1.2.3.4]":         `"[1.2.3.4]" is not an IPv6 address`,
		"https://[fe80::1%eth0]":    "is not an IPv6 address",
		"https://[09afAF:.]":        "is not an IPv6 address",
		"https:// example.com":      `the name of a site cannot have " " in it`,
		"https://example.com\x7f.x": "the name of a site cannot have",
		"https://a:b:80.com":        `"80.com" is not a port`,
		"https://a:b.com:80":        `the name of a site cannot have ":" in it`,
		"https://a@b@example.com":   `what stands before the last @ cannot have "@" in it; write %40`,
		"https://a b@example.com":   `what stands before the last @ cannot have " " in it; write %20`,
		"https://a%4@example.com":   `what stands before the last @ cannot have "%" in it; write %25`,
		"tonsite://.":               `"." is nothing that a tonsite: link opens`,
		"tg:":                       "write what the tg: link opens",
		"ton://":                    "write what the ton: link opens",
		"tg:?x":                     "write what the tg: link opens",
		"tg:/x":                     "write what the tg: link opens",
		"tg://a.b":                  `"a.b" is nothing that a tg: link opens`,
		"ton://.":                   `"." is nothing that a ton: link opens`,
		"tonsite://é":               `"é" is nothing that a tonsite: link opens`,
		"https://example.com/" + strings.Repeat("x", 2029): "the address has more than 2048 bytes; shorten it",
	} {
		requireFault(t, pressing(address).Check(), "link_invalid", "buttons[0][0].url", reason)
	}
}

// What Telegram gets has no blanks around an address, wherever it stands and
// whoever brought them.
func TestAddressesAreSentWithoutBlanks(t *testing.T) {
	t.Parallel()
	person := ann(`{"u":" https://e.com/?a=1&b=\"2\"\n"}`)
	for text, want := range map[string]string{
		`<a href=" https://e.com/a b ">x</a>`:                                `<a href="https://e.com/a b">x</a>`,
		"<a href='\n&#32;https://e.com/?a&amp;b&quot;' data-track=off>x</a>": `<a href="https://e.com/?a&amp;b&quot;">x</a>`,
		`<a href="{{ data.u }}">x</a>`:                                       `<a href="https://e.com/?a=1&amp;b=&quot;2&quot;">x</a>`,
		"{{ data.none }}<a href=' https://e.com/\u200b'>x</a><b>'&amp;'</b>": `<a href="https://e.com/">x</a><b>'&amp;'</b>`,
		`<a href="https://e.com/ ">e.com</a>`:                                `<a href="https://e.com/">e.com</a>`,
	} {
		call, err := compose(t, message.Text(text), message.Recipient{ChatID: 1, Person: person})
		require.NoError(t, err, text)
		require.Equal(t, want, body(t, call)["text"], text)
	}
	// Of nothing but blanks there is nothing to send.
	requireFault(t, message.Text(`<a href=" ">x</a>`).Check(), "link_invalid", "text", "is not the name of a site")
	// The text of a link is what Telegram reads its address from; it stays as it is.
	requireFault(t, message.Text("<a> e.com</a>").Check(), "link_invalid", "text", `cannot have " " in it`)
}

// Clicks are counted on what leads out of Telegram.
func TestCountedAddresses(t *testing.T) {
	t.Parallel()
	for address, counted := range map[string]bool{
		"https://example.com": true, "HTTP://example.com": true, "example.com": true, "https://at.me": true,
		"https://t.me.example.com": true,
		"https://example.com/t.me": true, "https://t.me@example.com": true, "https://mytelegram.dog": true,
		"https://t.me/x": false, "http://T.ME": false, "t.me/x": false, "https://x.t.me": false, "https://t.me:443/x": false,
		"https://telegram.me/x": false, "https://telegram.dog/x": false, "https://a.telegram.dog": false, "https://a@t.me": false,
		"tg://resolve?domain=x": false, "ton://transfer/x": false, "tonsite://a.b": false, "ftp://example.com": false,
		"https://localhost": false,
	} {
		template, err := message.Compile(pressing(address))
		require.NoError(t, err)
		require.Equal(t, counted, len(template.Links()) == 1, address)
		inText, err := message.Compile(message.Text(`<a href="` + address + `">x</a>`))
		require.NoError(t, err)
		require.Equal(t, counted, len(inText.Links()) == 1, address)
	}
}

// TestFileAddresses lists where Telegram can fetch a file, and where not.
func TestFileAddresses(t *testing.T) {
	t.Parallel()
	file := func(address string) message.Content {
		return message.Content{Version: message.Version{Media: []message.Media{{Kind: message.Photo, URL: address}}}}
	}
	for _, address := range []string{
		"https://example.com/x.jpg", "HTTP://example.com/x.jpg", "http://8.8.8.8/x", "http://172.15.0.1/", "http://172.32.0.1/",
		"http://169.253.1.1/",
		"http://192.167.1.1/", "http://11.0.0.1/", "http://1.10.0.1/", "https://localhost.example.com/", "https://mylocal.example/",
		"https://thelan.com/", "https://10.example.com/", "https://example.com:8443/x", "https://example.com/a b",
	} {
		require.NoError(t, file(address).Check(), address)
	}
	const outside = "Telegram cannot reach this address from outside; upload the file instead"
	for address, reason := range map[string]string{
		"http://10.0.0.1/": outside, "http://0.0.0.0/": outside, "http://127.1.2.3:80/": outside, "http://172.16.0.1/": outside,
		"http://172.31.255.1/": outside, "http://169.254.169.254/": outside, "http://192.168.0.1/": outside,
		"https://[2001:db8::1]/": outside,
		"http://a.local/":        outside, "http://a.lan/": outside, "http://home.arpa/": outside, "http://a.home.arpa/": outside,
		"http://x.intranet/": outside, "http://x.localhost/": outside, "http://localhost./": outside, "http://FILES.INTERNAL:80/x": outside,
		"http://a.internal./x":        outside,
		"https://example.com/a\u202e": "there is a character in the address that nobody can see; take it out",
		"https://example.com/a\x01":   "there is a character in the address that nobody can see",
		"https://example.com/{% x %}": "without Liquid", "https://example.com/{{ x }}": "without Liquid",
		" https://example.com/x": "Telegram fetches files from addresses that begin with https:// or http://",
		"example.com/x":          "that begin with",
		"tg://resolve?domain=x":  "that begin with", "ton:transfer": "that begin with",
		"https://localhost/x": "is not the name of a site",
	} {
		requireFault(t, file(address).Check(), "media_url_invalid", "media[0].url", reason)
	}
}

// kinds are all kinds of files, with the method that sends one, with what an album
// of them is, and whether people see it in the chat itself.
var kinds = []struct {
	kind          message.Kind
	method, album string
	visual        bool
}{
	{message.Photo, "sendPhoto", "pictures", true}, {message.Video, "sendVideo", "pictures", true},
	{message.Animation, "sendAnimation", "", true},
	{message.Document, "sendDocument", "documents", false}, {message.Audio, "sendAudio", "audio", false},
	{message.Voice, "sendVoice", "", false},
}

func TestKindsOfFiles(t *testing.T) {
	t.Parallel()
	for _, k := range kinds {
		file := message.Media{Kind: k.kind, ID: 1}
		hidden := file
		hidden.Spoiler = true
		content := message.Content{Version: message.Version{Text: "x", Media: []message.Media{hidden}, CaptionAbove: true}}
		require.Equal(t, !k.visual, fault.Is(content.Check(), "media_spoiler_invalid"), k.kind)
		call, err := compose(t, content, message.Recipient{ChatID: 1})
		require.NoError(t, err)
		require.Equal(t, k.method, call.Method)
		require.Equal(t, []message.Upload{{Field: string(k.kind), Media: hidden}}, call.Uploads)
		for _, flag := range []string{"has_spoiler", "show_caption_above_media"} {
			require.Equal(t, k.visual, body(t, call)[flag] == true, "%s of %s", flag, k.kind)
		}
		call, err = compose(t, message.Content{Version: message.Version{Media: []message.Media{file}}}, message.Recipient{ChatID: 1})
		require.NoError(t, err)
		require.Len(t, body(t, call), 1, "the chat, and no caption")

		for _, other := range kinds {
			album := message.Content{Version: message.Version{
				Text: "x", Media: []message.Media{file, {Kind: other.kind, ID: 2}}, CaptionAbove: true,
			}}
			require.Equal(t, k.album != "" && k.album == other.album, album.Check() == nil, "%s with %s", k.kind, other.kind)
		}
	}
}

// The caption of an album is that of the first picture, or of the last document.
func TestAlbumsHaveACaption(t *testing.T) {
	t.Parallel()
	for _, k := range kinds {
		if k.album == "" {
			continue
		}
		files := []message.Media{{Kind: k.kind, ID: 1}, {Kind: k.kind, ID: 2}, {Kind: k.kind, ID: 3, Spoiler: k.visual}}
		for _, text := range []string{"x", ""} {
			call, err := compose(t, message.Content{Version: message.Version{Text: text, Media: files, CaptionAbove: true}},
				message.Recipient{ChatID: 1, File: func(m message.Media) message.File {
					if m.ID == 2 {
						return message.File{ID: "known", Kind: m.Kind}
					}
					return message.File{}
				}})
			require.NoError(t, err)
			require.Equal(t, "sendMediaGroup", call.Method)
			require.Equal(t, []message.Upload{{Field: "f0", Media: files[0]}, {Field: "f2", Media: files[2]}}, call.Uploads)
			captioned := map[bool]int{true: 0, false: 2}[k.visual]
			items := body(t, call)["media"].([]any)
			require.Len(t, items, 3)
			for i, item := range items {
				want := map[string]any{"type": string(k.kind), "media": []string{"attach://f0", "known", "attach://f2"}[i]}
				if i == captioned && text != "" {
					want["caption"], want["parse_mode"] = "x", "HTML"
				}
				if k.visual {
					want["show_caption_above_media"] = true
				}
				if files[i].Spoiler {
					want["has_spoiler"] = true
				}
				require.Equal(t, want, item, "%s %d", k.kind, i)
			}
		}
	}
}
