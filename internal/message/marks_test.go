package message_test

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"
	"unicode/utf16"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"bellman/internal/message"
	"bellman/internal/message/markup"
	"bellman/internal/sandbox"
)

// entity is one of a message that Telegram has taken.
type entity struct {
	Type           string
	Offset, Length int
	URL            string
	CustomEmojiID  string `json:"custom_emoji_id"`
	UnixTime       int    `json:"unix_time"`
}

// telegram sends texts to a sandbox.
type telegram struct{ url string }

func newTelegram(t *testing.T) telegram {
	t.Helper()
	s := sandbox.Start(t, sandbox.Options{Rates: sandbox.Lifted()})
	return telegram{s.URL() + "/bot" + sandbox.Token(1) + "/sendMessage"}
}

// show returns what people see of a text in Telegram's HTML.
func (c telegram) show(t require.TestingT, html string) (text string, entities []entity) {
	request, err := json.Marshal(map[string]any{"chat_id": 1, "text": html, "parse_mode": "HTML"})
	require.NoError(t, err)
	answer, err := http.Post(c.url, "application/json", bytes.NewReader(request))
	require.NoError(t, err)
	said, err := io.ReadAll(answer.Body)
	require.NoError(t, err)
	require.NoError(t, answer.Body.Close())
	var got struct {
		Result struct {
			Text     string
			Entities []entity
		}
	}
	require.NoError(t, json.Unmarshal(said, &got), "%s", said)
	require.NotEmpty(t, got.Result.Text, "%s: %s", html, said)
	return got.Result.Text, got.Result.Entities
}

// marked is a tree of tags with its text.
type marked struct {
	html strings.Builder
	// units are the characters in UTF-16 so far; tags what each of the tags covers.
	units int
	tags  []entity
}

// tagsOf are the tags by the entities that they make.
var tagsOf = map[string][2]string{
	"bold": {"<b>", "</b>"}, "italic": {"<em>", "</em>"}, "underline": {"<u>", "</u>"}, "strikethrough": {"<del>", "</del>"},
	"spoiler": {"<tg-spoiler>", "</tg-spoiler>"}, "text_link": {`<a href="https://e.com/%d">`, "</a>"}, "code": {"<code>", "</code>"},
	"pre": {"<pre>", "</pre>"}, "custom_emoji": {`<tg-emoji emoji-id="%d">`, "</tg-emoji>"},
	"date_time": {`<tg-time unix="%d">`, "</tg-time>"}, "blockquote": {"<blockquote>", "</blockquote>"},
}

var tagNames = func() (names []string) {
	for name := range tagsOf {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}()

// draw adds some text and some tags.
func (m *marked) draw(t *rapid.T, depth int) {
	for range rapid.IntRange(0, 3).Draw(t, "parts") {
		if depth == 0 || rapid.Bool().Draw(t, "text") {
			text := rapid.SampledFrom([]string{"a", "ї", "😀", " ", "b c", "\r", "\n"}).Draw(t, "characters")
			m.html.WriteString(text)
			m.units += len(utf16.Encode([]rune(strings.ReplaceAll(text, "\r", ""))))
			continue
		}
		name := rapid.SampledFrom(tagNames).Draw(t, "tag")
		begin, number := m.units, m.html.Len()
		m.html.WriteString(strings.ReplaceAll(tagsOf[name][0], "%d", strconv.Itoa(number)))
		m.draw(t, depth-1)
		m.html.WriteString(tagsOf[name][1])
		if m.units > begin {
			tag := entity{Type: name, Offset: begin, Length: m.units - begin}
			switch name {
			case "text_link":
				tag.URL = "https://e.com/" + strconv.Itoa(number)
			case "custom_emoji":
				tag.CustomEmojiID = strconv.Itoa(number)
			case "date_time":
				tag.UnixTime = number
			}
			m.tags = append(m.tags, tag)
		}
	}
}

// shows tells whether each character of a tag is shown as what the tag says. Code and
// a block look alike.
func shows(tag entity, entities []entity, length int) bool {
	for at := tag.Offset; at < min(tag.Offset+tag.Length, length); at++ {
		if !slices.ContainsFunc(entities, func(e entity) bool {
			if tag.Type == "blockquote" { // one in another is not that one
				return e.Type == tag.Type && e.Offset == tag.Offset && e.Length == min(tag.Length, length-tag.Offset)
			}
			same := e.URL == tag.URL && e.CustomEmojiID == tag.CustomEmojiID && e.UnixTime == tag.UnixTime
			code := (e.Type == "pre" || e.Type == "code") && (tag.Type == "pre" || tag.Type == "code")
			return (e.Type == tag.Type && same || code) && e.Offset <= at && at < e.Offset+e.Length
		}) {
			return false
		}
	}
	return true
}

// A text passes exactly when each of its marks is shown on all of its text, and has
// as many entities as Telegram makes of it.
func TestMarksAreShownOrRefused(t *testing.T) {
	t.Parallel()
	c := newTelegram(t)
	passed, refused := 0, 0
	rapid.Check(t, func(t *rapid.T) {
		m := &marked{}
		m.html.WriteString("x")
		m.units = 1
		m.draw(t, 4)
		m.html.WriteString("y")
		html := m.html.String()
		text, entities := c.show(t, html)
		length := len(utf16.Encode([]rune(text)))
		dropped := slices.ContainsFunc(m.tags, func(tag entity) bool { return !shows(tag, entities, length) })
		err := message.Text(html).Check()
		// What shows nothing may make marks differ that look the same.
		if dropped || !strings.Contains(html, "\r") {
			require.Equal(t, dropped, err != nil, "%q: %v, %v", html, err, entities)
		}
		if err != nil {
			refused++
			return
		}
		passed++
		var p markup.Parser
		require.Nil(t, p.Parse([]byte(html)))
		require.Equal(t, len(entities), p.Entities(), "%q: %v", html, entities)
	})
	require.Positive(t, passed)
	require.Positive(t, refused)
}

// What has too many marks is sent with the first ones of them, and Telegram keeps all
// of these.
func TestMarksAreLimited(t *testing.T) {
	t.Parallel()
	c := newTelegram(t)
	rapid.Check(t, func(t *rapid.T) {
		m := &marked{}
		for range 60 {
			m.html.WriteString("x")
			m.units++
			m.draw(t, 2)
		}
		m.html.WriteString("y")
		var p markup.Parser
		require.Nil(t, p.Parse([]byte(m.html.String())))
		p.LimitEntities()
		var limited strings.Builder
		p.Rewrite(func(part []byte) { limited.Write(part) }, func(markup.Anchor, []byte) {})
		before, all := c.show(t, m.html.String())
		text, kept := c.show(t, limited.String())
		require.Equal(t, before, text)
		require.LessOrEqual(t, len(kept), 100)
		if len(all) < 100 {
			require.Equal(t, m.html.String(), limited.String())
			require.Equal(t, all, kept)
			return
		}
		require.GreaterOrEqual(t, len(kept), 100-11, "no more than the last mark was too many: %s", limited.String())
	})
}
