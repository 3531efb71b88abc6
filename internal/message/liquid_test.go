package message_test

import (
	"bytes"
	"encoding/json"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"bellman/internal/message"
)

// ann is whom the tests write to.
func ann(data string) *message.Person {
	p := &message.Person{
		ContactID: 7, Phone: "+380441234567", Email: "ann@example.com", FirstName: "Ann", LanguageCode: "uk-UA", TimeZone: "Europe/Kyiv",
	}
	if data != "" {
		p.Data = json.RawMessage(data)
	}
	return p
}

// compose writes the content for a person; values of the call are read with
// [field].
func compose(t require.TestingT, c message.Content, to message.Recipient) (message.Call, error) {
	template, err := message.Compile(c)
	require.NoError(t, err)
	return template.Compose(nil, to)
}

// body decodes the body of a call.
func body(t require.TestingT, call message.Call) map[string]any {
	d := json.NewDecoder(bytes.NewReader(call.Body))
	d.UseNumber()
	var v map[string]any
	require.NoError(t, d.Decode(&v), "%s", call.Body)
	return v
}

func TestRender(t *testing.T) {
	t.Parallel()
	const data = `{"order":{"id":9007199254740993,"total":1250.5,"at":"2026-05-31T18:00:00Z","paid":true,"note":"<b>&</b>"},
		"items":[{"name":"tea","price":3},{"name":"jam","price":2}],"empty":"","nothing":null,"tags":["b","a","b"],"html":"<i>x</i>"}`
	for _, tt := range []struct{ text, want string }{
		{"Hi {{ contact.firstName }}", "Hi Ann"},
		{"{{ contact.lastName | default: \"friend\" }}", "friend"},
		{"{{ contact['firstName'] }}{{ contact.id }}", "Ann7"},
		{"{{ data.order.id }} {{ data.order.total }} {{ data.order.paid }}", "9007199254740993 1250.5 true"},
		{"{{ data.order.note }}", "&lt;b&gt;&amp;&lt;/b&gt;"},
		{"{{ data.html | safe }}", "<i>x</i>"},
		{"[{{ data.order }}{{ data.nothing }}{{ data.no.such.thing }}]", "[]"},
		{"{{ data.items[1].name }} {{ data.items.size }} {{ data.items | map: 'name' | join: ', ' }}", "jam 2 tea, jam"},
		{"{% if contact.lastName %}a{% elsif data.order.total > 1000 %}b{% else %}c{% endif %}", "b"},
		{"{% unless contact.lastName %}a{% endunless %}", "a"},
		{"{% case contact.languageCode %}{% when 'en', 'uk-UA' %}a{% else %}b{% endcase %}", "a"},
		{"{% for i in data.items %}{{ forloop.index }}.{{ i.name }}{% unless forloop.last %}, {% endunless %}{% endfor %}", "1.tea, 2.jam"},
		{"{% for i in data.none %}x{% else %}none{% endfor %}", "none"},
		{"{% for i in (1..9) offset: 2 limit: 3 reversed %}{{ i }}{% endfor %}", "543"},
		{"{% for i in (1..9) %}{% if i == 3 %}{% continue %}{% endif %}{% if i > 5 %}{% break %}{% endif %}{{ i }}{% endfor %}", "1245"},
		{"{% for p in data.items[0] %}{{ p[0] }}={{ p[1] }};{% endfor %}", "name=tea;price=3;"},
		{"{% assign x = data.order.total | times: 2 %}{{ x }}", "2501"},
		{"{% capture x %}{{ contact.firstName }}!{% endcapture %}{{ x | upcase }}", "ANN!"},
		{"{% comment %}{{ contact.no }}{% endcomment %}a{% raw %}{{ b }}{% endraw %}", "a{{ b }}"},
		{"a  {%- if true -%}  b  {%- endif -%}  c", "abc"},
		{"{{ data.order.at | date: '%d.%m.%Y %H:%M', contact.timeZone }}", "31.05.2026 21:00"},
		{"{{ data.order.at | date: '%-d %b %y, %A %%' }}{{ data.nothing | date: '%Y' }}", "31 May 26, Sunday %"},
		{"{{ 1780250400 | date: '%F %T' }}", "2026-05-31 18:00:00"},
		{"{{ data.order.total | decimals }} {{ 2.345 | round: 2 }} {{ 7 | divided_by: 2 }} {{ 7.0 | divided_by: 2 }}", "1250.50 2.35 3 3.5"},
		{"{{ '5' | plus: 2 }} {{ 5 | minus: 7 }} {{ -7 | modulo: 3 }} {{ 2.1 | ceil }} {{ 2.9 | floor }} {{ -3 | abs }}", "7 -2 2 3 2 3"},
		{"{{ 3 | at_least: 5 }} {{ 9223372036854775807 | plus: 1 }}", "5 9223372036854776000"},
		{"{{ 'ґанок' | capitalize }} {{ 'Привіт, світе' | truncate: 9 }} {{ 'a b c' | truncatewords: 2 }}", "Ґанок Привіт... a b..."},
		{"{{ 'привіт' | slice: -3, 2 }} {{ 'привіт' | size }} {{ 'a-b' | split: '-' | last }}", "ві 6 b"},
		{"{{ data.tags | uniq | sort | join }} {{ data.tags | reverse | first }} {{ data.items | sort: 'price' | map: 'name' | first }}",
			"a b b jam"},
		{"{{ 'abab' | replace_first: 'a', 'x' | remove: 'b' | append: '!' | prepend: '?' }}", "?xa!"},
		{"{{ 'a&b' | escape }} {{ 'a b' | url_encode }}", "a&amp;b a%20b"},
		{"{{ data.empty | default: 'x' }}{{ data.order.paid | default: 'x' }}", "xtrue"},
		{`<a href="https://x.y/?{{ 'a=1&b=2' | safe }}">x</a>`, `<a href="https://x.y/?a=1&amp;b=2">x</a>`},
		{`<a href="{% if data.no %}https://x.y{% else %} {% endif %}{{ data.order.note }}">x</a>`, `<a href="%3Cb%3E%26%3C%2Fb%3E">x</a>`},
		{`<a href="{% if data.no %}https://x.y{% else %}{{ 'https://x.y/?a=1&b=2' }}{% endif %}">x</a>`,
			`<a href="https://x.y/?a=1&amp;b=2">x</a>`},
		{`<a href="https://x.y/{{ contact.email }}?q={{ data.order.note }}">{{ contact.email }}</a>`,
			`<a href="https://x.y/ann%40example.com?q=%3Cb%3E%26%3C%2Fb%3E">ann@example.com</a>`},
	} {
		c := message.Text(tt.text)
		require.NoError(t, c.Check(), tt.text)
		call, err := compose(t, c, message.Recipient{ChatID: 1, Person: ann(data)})
		require.NoError(t, err, tt.text)
		require.Equal(t, tt.want, body(t, call)["text"], tt.text)
	}
}

func TestLiquidRefused(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct{ text, code, part string }{
		"a typo": {"Hi {{ contact.fistName }}", "liquid_variable_unknown",
			"line 1, column 7: there is no contact.fistName; did you mean contact.firstName?"},
		"another case":        {"{{ contact.firstname }}", "liquid_variable_unknown", "did you mean contact.firstName?"},
		"without its contact": {"{{ firstName }}", "liquid_variable_unknown", "did you mean contact.firstName?"},
		"without its data": {"\n{{ order.total }}", "liquid_variable_unknown",
			"line 2, column 4: there is no order.total; what comes with a send is in data: data.order.total"},
		"a variable of its own": {"{% assign total = 1 %}{{ totl }}", "liquid_variable_unknown", "did you mean total?"},
		"the contact itself":    {"{{ contact }}", "liquid_variable_unknown", "there is no contact"},
		"beyond a loop":         {"{% for i in data.x %}{% endfor %}{{ i }}", "liquid_variable_unknown", "there is no i"},
		"in a condition":        {"{% if contact.vip == true %}x{% endif %}", "liquid_variable_unknown", "column 7: there is no contact.vip"},
		"in an argument":        {"{{ data.x | default: y }}", "liquid_variable_unknown", "column 22: there is no y"},
		"in brackets":           {"{{ data[z] }}", "liquid_variable_unknown", "there is no z"},
		"a filter": {"{{ contact.firstName | upcas }}", "liquid_filter_unknown",
			"column 24: there is no filter upcas; did you mean upcase?"},
		"a filter of ours":      {"{{ contact.firstName | _address }}", "liquid_filter_unknown", "_address"},
		"a tag":                 {"{% fore x in data.y %}", "liquid_tag_unknown", "there is no {% fore %}; did you mean {% for %}?"},
		"an include":            {"{% include 'x' %}", "liquid_tag_unknown", "not for messages"},
		"a table":               {"{% tablerow x in data.y %}{% endtablerow %}", "liquid_tag_unknown", "not for messages"},
		"an open output":        {"a {{ contact.firstName", "liquid_unclosed", "column 3: {{ begins"},
		"an open tag":           {"a {% if data.x", "liquid_unclosed", "{% begins"},
		"two lines":             {"{{ contact.firstName |\ndefault: 'x' }}", "liquid_unclosed", "on one line"},
		"an open block":         {"{% if data.x %}a", "liquid_tag_unclosed", "column 1: {% if %} is never ended; write {% endif %}"},
		"a stray end":           {"a{% endif %}", "liquid_tag_unexpected", "column 2: {% endif %} belongs to no block"},
		"a wrong end":           {"{% if data.x %}a{% endfor %}", "liquid_tag_unexpected", "{% endfor %} stands where {% endif %} should"},
		"a stray break":         {"{% break %}", "liquid_tag_unexpected", "in no loop"},
		"an else if":            {"{% if data.x %}a{% else if data.y %}b{% endif %}", "liquid_syntax", "{% elsif data.y %}"},
		"an expression":         {"{{ contact.firstName | }}", "liquid_syntax", "cannot be read"},
		"a quote":               {"{{ 'a }}", "liquid_syntax", "cannot be read"},
		"a large number":        {"{{ 99999999999999999999 }}", "liquid_syntax", "cannot be read"},
		"a loop":                {"{% for x of data.y %}{% endfor %}", "liquid_syntax", "a loop reads"},
		"a taken name":          {"{% assign contact = 1 %}", "liquid_syntax", "has a meaning already"},
		"safe too early":        {"{{ data.x | safe | upcase }}", "liquid_syntax", "column 13: safe comes last"},
		"safe in an assignment": {"{% assign y = data.x | safe %}", "liquid_syntax", "safe comes last"},
		"loops in loops": {"{% for a in data.x %}{% for b in data.x %}{% for c in data.x %}{% endfor %}{% endfor %}{% endfor %}",
			"liquid_too_much", "column 43"},
		"blocks in blocks":    {strings.Repeat("{% if data.x %}", 9) + "a" + strings.Repeat("{% endif %}", 9), "liquid_too_much", "8 blocks"},
		"filters":             {"{{ data.x " + strings.Repeat("| upcase ", 201) + "}}", "liquid_too_much", "200 filters"},
		"pieces":              {strings.Repeat("{{ data.x }}", 2001), "liquid_too_much", "1000 pieces"},
		"an endless loop":     {"{% for i in (1..1000000000) %}{% endfor %}x", "liquid_failed", "more than 1000 times"},
		"in a tag":            {"<a {{ data.x }}>x</a>", "liquid_in_tag", "column 4"},
		"without quotes":      {"<a href={{ data.x }}>x</a>", "liquid_in_tag", "quotes"},
		"a broken arm":        {"{% if data.x == 'y' %}a<br>{% endif %}b", "html_tag_unknown", "column 24: <br>"},
		"a broken second arm": {"{% if data.x %}<b>a</b>{% else %}<b>b{% endif %}", "html_tag_unclosed", "column 34"},
		"a broken inner arm": {"{% if data.x %}a{% else %}{% case data.y %}{% when 1 %}b{% when 2 %}<p>{% endcase %}{% endif %}",
			"html_tag_unknown", "<p>"},
		"a long arm":             {"{% if data.x %}" + strings.Repeat("a", 4097) + "{% endif %}", "text_too_long", "4097"},
		"a loop of mark-up":      {"{% for i in (1..101) %}<b>x</b> {% endfor %}", "html_entities_too_many", "101 formatted pieces"},
		"mark-up for some":       {"{{ data.x | default: '<br>' | safe }}", "html_tag_unknown", `without values, at "<br>"`},
		"mark-up for others":     {"{% if data.x %}{{ 'a<br>' | safe }}{% endif %}", "html_tag_unknown", `with sample values, at "<br>"`},
		"mark-up from a literal": {"{{ '<br>' | safe }}", "html_tag_unknown", "with sample values, at"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			requireFault(t, message.Text(tt.text).Check(), tt.code, "text", tt.part)
		})
	}
}

// What values make too many pieces of goes out without the marks of the last ones:
// Telegram would drop them, or refuse the message.
func TestTooManyPiecesOutOfValues(t *testing.T) {
	t.Parallel()
	content := message.Text(`{% for i in data.x %}<b>{{ i }}</b> <a href="https://e.com/{{ i }}">x</a> {% endfor %}<i>end</i>`)
	require.NoError(t, content.Check())
	values := func(n int) *message.Person { return ann(`{"x":[` + strings.Repeat("1,", n-1) + `1]}`) }
	link := func(int, string) string { return "https://go.example/r/x" }
	call, err := compose(t, content, message.Recipient{ChatID: 1, Person: values(51), Link: link})
	require.NoError(t, err)
	const piece = `<b>1</b> <a href="https://go.example/r/x">x</a> `
	require.Equal(t, strings.Repeat(piece, 50)+"1 x end", body(t, call)["text"])
	call, err = compose(t, content, message.Recipient{ChatID: 1, Person: values(49), Link: link})
	require.NoError(t, err)
	require.Equal(t, strings.Repeat(piece, 49)+"<i>end</i>", body(t, call)["text"])
}

// A time out of a value is shown as one; without a value the text in its tag is.
func TestTimesOutOfValues(t *testing.T) {
	t.Parallel()
	content := message.Text(`Until <tg-time unix="{{ data.at }}" format="wDT">Sunday</tg-time>`)
	require.NoError(t, content.Check())
	for at, want := range map[string]string{`1`: "1", `"1764300000"`: "1764300000", `""`: "", `"soon"`: "soon", `null`: ""} {
		call, err := compose(t, content, message.Recipient{ChatID: 1, Person: ann(`{"at":` + at + `}`)})
		require.NoError(t, err, at)
		require.Equal(t, `Until <tg-time unix="`+want+`" format="wDT">Sunday</tg-time>`, body(t, call)["text"])
	}
}

func TestComposeRefused(t *testing.T) {
	t.Parallel()
	button := func(b message.Button) message.Content {
		return message.Content{Version: message.Version{Text: "x", Buttons: [][]message.Button{{b}}}}
	}
	for name, tt := range map[string]struct {
		content                 message.Content
		data, code, field, part string
	}{
		"too long": {message.Text("{{ data.x }}"), `{"x":"` + strings.Repeat("a", 4097) + `"}`, "text_too_long", "text", "4097"},
		"empty":    {message.Text("{{ data.x }}"), `{}`, "text_missing", "text", "empty"},
		"broken":   {message.Text("a{{ data.x | safe }}"), `{"x":"<b>"}`, "html_tag_unclosed", "text", "<b>"},
		"not a number": {message.Text("{{ data.x | plus: 1 }}"), `{"x":"many"}`, "liquid_failed", "text",
			`the filter plus: "many" is not a number`},
		"by nothing": {message.Text("{{ 1 | divided_by: data.x }}"), `{}`, "liquid_failed", "text", "divided by 0"},
		"endless": {message.Text("a{% for i in data.x %}{% for j in data.x %}{% endfor %}{% endfor %}"),
			`{"x":[` + strings.Repeat("1,", 99) + `1]}`, "liquid_failed", "text", "1000 times"},
		"no data": {message.Text("{{ data.x }}"), `{"x":`, "data_invalid", "data", "JSON"},
		"much data": {message.Text("{{ data.x }}"), `{"x":"` + strings.Repeat("a", message.MaxData) + `"}`, "data_invalid", "data",
			"20480"},
		"no link": {button(message.Button{Text: "x", URL: "{{ data.x }}"}), `{"x":"javascript:alert(1)"}`, "link_invalid",
			"buttons[0][0].url", "javascript"},
		"no address": {button(message.Button{Text: "x", URL: "{{ data.x }}"}), `{}`, "link_invalid", "buttons[0][0].url", "no address"},
		"no text": {button(message.Button{Text: "{{ data.x }}", CopyText: "x"}), `{}`, "button_text_missing", "buttons[0][0].text",
			"text"},
		"too much to press": {button(message.Button{Text: "x", CallbackData: "{{ data.x }}"}), `{"x":"` + strings.Repeat("a", 65) + `"}`,
			"button_data_invalid", "buttons[0][0].callbackData", "65"},
		"nothing to copy": {button(message.Button{Text: "x", CopyText: "{{ data.x }}"}), `{}`, "button_copy_invalid",
			"buttons[0][0].copyText", "empty"},
		"an open app": {button(message.Button{Text: "x", WebApp: "{{ data.x }}"}), `{"x":"http://example.com"}`, "link_invalid",
			"buttons[0][0].webApp", "https"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			require.NoError(t, tt.content.Check())
			_, err := compose(t, tt.content, message.Recipient{ChatID: 1, Person: ann(tt.data)})
			requireFault(t, err, tt.code, tt.field, tt.part)
		})
	}
}

// TestRunaway writes sources that would fill memory, or never end, in the
// library. Which limit stopped them says how far they came.
func TestRunaway(t *testing.T) {
	t.Parallel()
	const long, endless = "longer than a message can be", "the loops run more than 1000 times"
	for name, tt := range map[string]struct{ text, stop string }{
		"doubling": {"{% assign x = 'aaaaaaaaaa' %}{% for i in (1..1000) %}{% assign x = x | append: x %}{% endfor %}{{ x }}", long},
		"capturing": {"{% assign x = 'aaaaaaaaaa' %}{% for i in (1..100) %}{% capture x %}{{ x }}{{ x }}{% endcapture %}{% endfor" +
			" %}{{ x }}", long},
		"replacing":       {"{% assign x = 'a' | append: data.big %}{{ x | replace: '', x }}", long},
		"joining":         {"{{ data.big | split: '' | join: data.big }}", long},
		"a range":         {"{{ (1..4000000000) | join }}", long},
		"writing":         {"{% for i in (1..1000) %}{{ data.big }}{% endfor %}", long},
		"writing at once": {strings.Repeat("{{ data.big }}", 4), long},
		"a broken range":  {"{% for i in (1..data.big) %}x{% endfor %}", "can't convert"},
		"a wide date":     {"{{ 1 | date: data.percent }}", `"%9" is no part of a date`},
		"many steps":      {"{% for i in (1..1000) %}" + strings.Repeat("{{ data.no | upcase }}", 50) + "{% endfor %}x", endless},
		"a slice of much": {"{{ data.big | slice: 0, 9223372036854775807 | slice: -9223372036854775807, 9223372036854775807 }}",
			"the text is empty"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			data := `{"big":"` + strings.Repeat("ab ", 6000) + `","percent":"%99999999Y"}`
			_, err := compose(t, message.Text(tt.text), message.Recipient{ChatID: 1, Person: ann(data)})
			require.ErrorContains(t, err, tt.stop)
		})
	}
}

func TestRequired(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		text string
		want []string
	}{
		{"Hello", nil},
		{"{{ contact.firstName }} {{ data.order.total }} {{ contact.firstName }}", []string{"contact.firstName", "data.order.total"}},
		{"{{ contact.firstName | upcase | default: 'x' }}", nil},
		{"{% if contact.firstName %}{{ contact.firstName }}{% endif %}", nil},
		{"{% if contact.firstName %}{% else %}{{ contact.firstName }}{% endif %}", []string{"contact.firstName"}},
		{"{% if data.a %}x{% elsif data.b %}{{ data.b }}{{ data.a }}{% endif %}", []string{"data.a"}},
		{"{% for i in data.items %}{{ i.name }}{% endfor %}", nil},
		{"{{ data.items[0].name }}", []string{"data.items"}},
		{"{{ data['order id'].total }}", []string{"data.order id.total"}},
		{"{% assign x = contact.email %}{{ x }}", []string{"contact.email"}},
		{"{% assign x = contact.email | default: 'y' %}{{ x }}", nil},
		{"{{ data.at | date: '%d', contact.timeZone }}{{ contact.id }}", []string{"data.at"}},
		{`<a href="https://x.y/{{ data.path }}">x</a>`, []string{"data.path"}},
	} {
		template, err := message.Compile(message.Text(tt.text))
		require.NoError(t, err, tt.text)
		require.Equal(t, tt.want, template.Required(), tt.text)
	}
}

// TestSourcesAreReadQuickly reads sources that a scanner might go over again and
// again. The measure is an ordinary text of that length, on the same machine at
// the same time.
func TestSourcesAreReadQuickly(t *testing.T) {
	t.Parallel()
	reading := func(part string) time.Duration {
		text := strings.Repeat(part, message.MaxRawText/len(part))
		best := time.Duration(math.MaxInt64)
		for range 5 {
			begin := time.Now()
			_ = message.Text(text).Check()
			best = min(best, time.Since(begin))
		}
		return best
	}
	ordinary := reading("Hi {{ contact.firstName }}, welcome to our <b>summer sale</b>! ")
	for _, part := range []string{"{{", "{%", "{{ a", "{% a ", "{{ a }", "<a", "<", "&", "&#", "<b>", "{%if a%}", "{{'", "{% raw %}",
		"<a href=\"{{", "'", "#if(", "#if($a)", "$a.get(", "$a.get($b)", "$!{", "$a[", "${a|", "**", "** **a", "__a", "[a](", "[", "%A",
		"%A|", "{a",
		"http://{{", "http://{% ", "<code>", "<!--#", "#set($a=", "(", "$a.get('"} {
		require.Less(t, reading(part), 30*ordinary, part)
	}
}

func TestCapturedLinksStayAsTheyAre(t *testing.T) {
	t.Parallel()
	c := message.Text(`{% capture x %}<a href="https://e.com">{{ contact.firstName }}</a>{% endcapture %}{{ x | safe }} {{ x }}`)
	require.NoError(t, c.Check())
	person := ann("")
	person.FirstName = "<b>"
	call, err := compose(t, c, message.Recipient{ChatID: 1, Person: person, Link: func(int, string) string { return "https://go.com" }})
	require.NoError(t, err)
	require.Equal(t, `<a href="https://e.com">&lt;b&gt;</a> &lt;a href=&quot;https://e.com&quot;&gt;&amp;lt;b&amp;gt;&lt;/a&gt;`, body(t,
		call)["text"])
}
