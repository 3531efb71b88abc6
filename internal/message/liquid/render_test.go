package liquid

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestRender renders each construct, and has the library say the same.
func TestRender(t *testing.T) {
	t.Parallel()
	o := newOracle(brackets{})
	for _, tt := range []struct{ source, want string }{
		// Literals, and what they look like.
		{"{{ 7 }} {{ -7 }} {{ 1.50 }} {{ 'a' }} {{ \"b\" }} {{ true }} {{ false }}{{ nil }}", "7 -7 1.5 a b true false"},
		{"{{ data.list }}{{ data.o }}{{ (1..3) }}", "qpr21.5true{1 3}"},
		{"{{ data.b.year }}{{ data.none.none }}", ""},
		// Lookups.
		{"{{ data['s'] }}{{ data.list[0] }}{{ data.list[-1] }}{{ data.list[9] }}{{ data.list[data.z] }}{{ data.list[1.9] }}", "aXb qtrueqp"},
		{"{{ data.list.first }}{{ data.list.last }} {{ data.list.size }} {{ data.list['size'] }}", "qtrue 6 "},
		{"{{ data.s.size }}{{ data.s['size'] }}{{ data.s.first }} {{ data.a.size }} {{ data.o.size }}{{ data.o['size'] }} {{ data.o.first }}",
			"4 3 22 2"},
		{"{{ 'я'.size }} {{ 'я' | size }} {{ data.a.b[3]['c'] }} {{ data .n }}", "2 1 1 3"},
		// Relations.
		{"{{ 1 == 1.0 }}{{ 1 == '1' }}{{ nil == false }}{{ data.none == nil }}{{ data.o == data.o }}", "truefalsefalsetruefalse"},
		{"{{ data.list == data.list }} {{ 'a' != 'b' }} {{ (1..2) == (1..2) }}", "true true true"},
		{"{{ 1 < 1.5 }}{{ 'a' < 'b' }}{{ false < true }}{{ 1 < '2' }}{{ nil < 1 }}{{ data.list < data.list }}", "truetruetruefalsefalsefalse"},
		{"{{ 2 >= 2 }}{{ 2 <= 1 }}{{ 2 > 1 }}{{ nil <= nil }}", "truefalsetruetrue"},
		{"{{ 'abc' contains 'b' }}{{ 'a1' contains 1 }}{{ data.list contains 2.0 }}{{ data.o contains 'k' }}{{ 1 contains 1 }}",
			"truetruetruetruefalse"},
		// What counts as true.
		{"{% if '' %}a{% endif %}{% if 0 %}b{% endif %}{% if data.none %}c{% endif %}{% if data.no %}d{% endif %}{% if data.o %}e{% endif %}",
			"abe"},
		{"{{ true or false and false }} {{ false and true or true }} {{ true or (false and false) }} {{ 'a' and 'b' }}", "false true true true"},
		// Blocks.
		{"{% if data.no %}a{% elsif data.n > 2 %}b{% else %}c{% endif %}", "b"},
		{"{% if data.no %}a{% else %}b{% elsif true %}c{% endif %}", "b"},
		{"{% unless data.no %}a{% endunless %}{% unless data.yes %}b{% elsif data.yes %}c{% else %}d{% endunless %}", "ac"},
		{"{% case data.n %}x{% when 1 %}a{% when 2, 3 %}b{% when 3 %}c{% else %}d{% endcase %}", "b"},
		{"{% case data.n %}{% when 9 or 3.0 %}a{% endcase %}{% case data.s %}{% when 1 %}b{% endcase %}", "a"},
		{"{% case 1 %}{% else %}a{% when 1 %}b{% endcase %}", "a"},
		{"{% assign x = data.n | plus: 1 %}{{ x }}{% assign x = x == 4 %}{{ x }}", "4true"},
		{"{% capture x %}a{{ data.n }}<{% endcapture %}{{ x }}{{ x.size }}", "a3&lt;3"},
		{"{% comment %}{{ b }}{% if %}{% endcomment %}a{% raw %}{{ b }}{% if %}{% endraw %}", "a{{ b }}{% if %}"},
		// Loops.
		{"{% for i in data.list %}{{ i }},{% endfor %}", "q,p,r,2,1.5,true,"},
		{"{% for i in (1..5) limit: 2 offset: 1 %}{{ i }}{% endfor %} {% for i in (1..5) reversed limit:2 %}{{ i }}{% endfor %}", "23 21"},
		{"{% for i in (1..5) offset: 9 %}{{ i }}{% else %}none{% endfor %}{% for i in (3..1) %}x{% else %}none{% endfor %}", "nonenone"},
		{"{% for i in (1..5) limit: nil %}{{ i }}{% else %}none{% endfor %}{% for i in (1..2) limit: '1' offset: -1 %}{{ i }}{% endfor %}",
			"none1"},
		{"{% for i in data.o %}{{ i[0] }}={{ i | last }};{% endfor %}{% for i in data.n %}{{ i }}{% endfor %}{% for i in data.none %}x{%" +
			" endfor %}", "first=2;k=1;3"},
		{"{% for i in (1..2) %}{{ forloop.index }}{{ forloop.index0 }}{{ forloop.rindex }}{{ forloop.rindex0 }}{{ forloop.first }}{{" +
			" forloop.last }}{{ forloop.length }} {% endfor %}",
			"1021truefalse2 2110falsetrue2 "},
		{"{% for i in (1..2) %}{% for j in (1..2) %}{{ forloop.index }}{% endfor %}{{ forloop.index }} {% endfor %}", "121 122 "},
		{"{% assign i = 9 %}{% for i in (1..2) %}{{ i }}{% endfor %}{{ i }}", "129"},
		{"{% for i in (1..2) %}{% assign f = forloop %}{% endfor %}{{ f.index }}{{ f.none }}{{ f.size }}{{ f }}", "27"},
		{"{% for i in (1..9) %}{% if i == 2 %}{% continue %}{% endif %}{% if i == 4 %}{% break %}{% endif %}{{ i }}{% endfor %}", "13"},
		{"{% for i in (1..2) %}{% for j in (1..9) %}{% if j == 2 %}{% break %}{% endif %}{{ i }}{{ j }} {% endfor %}{% endfor %}", "11 21 "},
		{"{% for i in (1..2) %}{% capture x %}a{% break %}{% endcapture %}{% endfor %}{{ 'b' }}", "b"},
		// White space.
		{"a {{- ' b ' -}} c", "a b c"},
		{"a {%- if true -%} b {%- else -%} c {%- endif -%} d", "abd"},
		{"a {% if true -%} b {%- endif %} d {%- if false %} x {% endif -%} e", "a b de"},
		{"a {%- comment -%} b {%- endcomment -%} c {%- raw -%} d {%- endraw -%} e", "ac d e"},
		{"a {%- assign x = 1 -%} {{ x }} {%- for i in (1..2) -%} {{ i }} {%- endfor -%} b", "a112b"},
		{"{% if true %}a {% endif %}{{- 'b' }}", "a b"},
		{"{{ ' a ' }} {{- '' -}} {{ ' b' }}", " a  b"},
		{"a {%- capture x -%} b {%- endcapture -%} {{ x }}", "ab"},
		{"{{ 'a' -}}{{ '' }} b", "a b"},
		// Filters after one another, and their arguments.
		{"{{ data.s | strip | append: data.n | upcase }} {{ data.none | default: 'x' }}{{ data.e | default: 'y' }}{{ data.no | default:" +
			" 'z' }}{{ data.z | default: 1 }}", "AXB3 xyz0"},
		{"{{ data.list | join }} {{ data.list | join: nil }}", "q p r 2 1.5 true q&lt;nil>p&lt;nil>r&lt;nil>2&lt;nil>1.5&lt;nil>true"},
		{"{{ 'a b c' | truncatewords: 2, nil }} {{ 'abc' | slice: true }} {{ 'abc' | slice: 1.9, 2 }} {{ 'abc' | slice: nil, 2 }}{{ 'abc'" +
			" | slice: 3 }}", "a b&lt;nil> b bc ab"},
	} {
		v := newVariables(libraryData)
		template := Parse(tt.source, testScope)
		require.Empty(t, template.Flaws, tt.source)
		var r Renderer
		got, err := r.Render([]byte("before "), template, v, brackets{})
		require.NoError(t, err, tt.source)
		require.Equal(t, "before "+tt.want, string(got), tt.source)
		require.True(t, requireAlike(t, o, tt.source, libraryData), tt.source)
	}
}

// TestReuse renders with what another rendering has left behind.
func TestReuse(t *testing.T) {
	t.Parallel()
	var r Renderer
	render := func(source string) (string, error) {
		out, err := r.Render(nil, Parse(source, testScope), newVariables(libraryData), verbatim{})
		return string(out), err
	}
	_, err := render("{% for i in (1..3) %}{% assign x = i %}{{ x | plus: 'y' -}}{% endfor %}")
	require.Error(t, err)
	got, err := render(" {% for i in (1..3) %}{% if forloop.last %}{% assign x = i %}{% endif %}{% if forloop.first %}a{% endif %}{%" +
		" endfor %}{{ 1 }}")
	require.NoError(t, err)
	require.Equal(t, " a1", got)
	// A variable has no value from before.
	got, err = render("{% if false %}{% assign x = 1 %}{% endif %}[{{ x }}]")
	require.NoError(t, err)
	require.Equal(t, "[]", got)
}

func TestRenderRefused(t *testing.T) {
	t.Parallel()
	for source, reason := range map[string]string{
		"{{ 'x' | plus: 1 }}":                                    `the filter plus: "x" is not a number`,
		"{{ 1 | plus: 'x' }}":                                    `the filter plus: "x" is not a number`,
		"{{ 1 | divided_by: 0 }}":                                "the filter divided_by: nothing can be divided by 0",
		"{{ 1 | modulo: data.none }}":                            "nothing can be divided by 0",
		"{{ 'x' | upcase: 1 }}":                                  "the filter upcase: wrong number of arguments (given 1, expected 0)",
		"{{ 'x' | slice: 1, 2, 3 }}":                             "wrong number of arguments (given 3, expected 2)",
		"{{ 'x' | truncate: 'many' }}":                           `can't convert "many" to a whole number`,
		"{{ 'x' | truncatewords: nil }}":                         "can't convert",
		"{{ 'x' | slice: 'y' }}":                                 "can't convert",
		"{{ 'x' | slice: 0, 'y' }}":                              "can't convert",
		"{{ 1 | round: 'y' }}":                                   "can't convert",
		"{{ 1 | decimals: 'y' }}":                                "can't convert",
		"{{ (1..'3') | join }}":                                  `can't convert "3" to a whole number`,
		"{% for i in (nil..3) %}{% endfor %}":                    "can't convert",
		"{% for i in (1..3) limit: 'x' %}{% endfor %}":           `"x" is not a number`,
		"{% for i in (1..3) offset: 'x' %}{% endfor %}":          `"x" is not a number`,
		"{{ 'x' | date: '%Y' }}":                                 `"x" is not a date`,
		"{{ 0 | date: '%Y', 'Europe/Kiew' }}":                    `there is no time zone "Europe/Kiew"`,
		"{{ 0 | date: '%Y', 'Local' }}":                          "there is no time zone",
		"{{ 0 | date: '%' }}":                                    `"%" is no part of a date`,
		"{{ 1 | times: data.s }}":                                "not a number",
		"{{ data.list | abs }}":                                  "not a number",
		"{% if data.s | plus: 1 %}{% endif %}":                   "not a number",
		"{% case data.s | plus: 1 %}{% endcase %}":               "not a number",
		"{% case 1 %}{% when (data.s | plus: 1) %}{% endcase %}": "not a number",
	} {
		_, err := renderText(source, libraryData)
		require.ErrorContains(t, err, reason, source)
	}
}

// TestLimitsOfRendering goes to each limit, and one step beyond.
func TestLimitsOfRendering(t *testing.T) {
	t.Parallel()
	big := func(n int) string {
		return `{"x":"` + strings.Repeat("a", n) + `","list":[` + strings.Repeat("1,", n-1) + "1]}"
	}
	const long, endless = "longer than a message can be", "the loops run more than 1000 times"
	for name, tt := range map[string]struct{ source, data, stop string }{
		"iterations":        {"{% for i in (1..1000) %}{% endfor %}", "{}", ""},
		"an iteration more": {"{% for i in (1..1000) %}{% endfor %}{% for i in (1..1) %}{% endfor %}", "{}", endless},
		"a long range":      {"{% for i in (1..1001) limit: 1 %}{% endfor %}", "{}", endless},
		"an endless range":  {"{% for i in (-9223372036854775807..9223372036854775806) %}{% endfor %}", "{}", ""},
		"in one another":    {"{% for i in (1..10) %}{% for j in (1..99) %}{% endfor %}{% endfor %}", "{}", ""},
		"too many within":   {"{% for i in (1..10) %}{% for j in (1..100) %}{% endfor %}{% endfor %}", "{}", endless},
		"steps":             {"{% for i in (1..1000) %}" + strings.Repeat("{{ i }}", 19) + "{% endfor %}", "{}", ""},
		"a step more":       {"{% for i in (1..1000) %}" + strings.Repeat("{{ i }}", 20) + "{% endfor %}", "{}", endless},
		"filters are steps": {"{% for i in (1..1000) %}{{ i" + strings.Repeat(" | abs", 19) + " }}{% endfor %}", "{}", endless},
		"tags are steps":    {"{% for i in (1..1000) %}" + strings.Repeat("{% assign x = 1 %}", 20) + "{% endfor %}", "{}", endless},
		"blocks are steps": {"{% for i in (1..1000) %}" + strings.Repeat("{% if i %}{% else %}{% endif %}", 7) + "{% endfor %}", "{}",
			endless},
		"fewer blocks": {"{% for i in (1..1000) %}" + strings.Repeat("{% if i %}{% else %}{% endif %}", 4) + "{% endfor %}", "{}", ""},
		"comments are none": {
			"{% for i in (1..1000) %}" + strings.Repeat("{% comment %}{% endcomment %}{% raw %}{% endraw %}", 20) + "{% endfor %}", "{}", "",
		},
		"a list":                {"{{ data.list | first }}", big(1000), ""},
		"a longer list":         {"{{ data.list | first }}", big(1001), long},
		"a loop over a list":    {"{% for i in data.list limit: 1 %}{% endfor %}", big(1001), endless},
		"parts":                 {"{{ data.x | split: 'a' }}", big(1000), ""},
		"more parts":            {"{{ data.x | split: 'a' }}", big(1001), long},
		"a text":                {"{{ data.x | append: 'b' }}", big(16383), ""},
		"a longer text":         {"{{ data.x | append: 'b' }}", big(16384), long},
		"a text before":         {"{{ data.x | prepend: 'b' }}", big(16384), long},
		"replaced":              {"{{ data.x | replace_first: 'a', 'bb' }}", big(16383), ""},
		"replaced by more":      {"{{ data.x | replace_first: 'a', 'bb' }}", big(16384), long},
		"replaced by much":      {"{{ data.x | replace: 'a', 'bb' }}", big(8193), long},
		"joined":                {"{{ data.x | split: 'b' | join }}", big(16384), ""},
		"joined to more":        {"{{ data.x | split: 'b' | join }}", big(16385), long},
		"captured":              {"{% capture y %}{{ data.x }}{% endcapture %}", big(16384), ""},
		"captured too much":     {"{% capture y %}{{ data.x }}{% endcapture %}", big(16385), long},
		"formatted":             {"{{ 0 | date: data.x }}", big(16384), ""},
		"formatted too much":    {"{{ 0 | date: data.x }}", big(16385), long},
		"written":               {"{{ data.x }}{{ data.x }}", big(32768), ""},
		"written too much":      {"{{ data.x }}{{ data.x }}a", big(32768), long},
		"written after text":    {"a{{ data.x }}{{ data.x }}", big(32768), long},
		"a number that is none": {"{{ 1.5 | times: data.x }}", `{"x":1e308}`, ""},
		"a number too large":    {"{{ 1.9 | times: data.x }}", `{"x":1e308}`, "the number becomes too large"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			require.Empty(t, Parse(tt.source, testScope).Flaws)
			_, err := renderText(tt.source, tt.data)
			if tt.stop == "" {
				require.NoError(t, err)
				return
			}
			require.ErrorContains(t, err, tt.stop)
		})
	}
}

func TestSample(t *testing.T) {
	t.Parallel()
	for source, want := range map[string]string{
		"{{ data }}{{ data.x.y[0]['z'] }}":                                                      "??",
		"{{ data.x | append: data.y }}":                                                         "??",
		"{% for i in data.x %}{{ i }}{{ i.name }}{% endfor %}":                                  "?",
		"{% if data.x %}a{% endif %}{% if data.x == '?' %}b{% endif %}":                         "a",
		"{% if '?' == data.x %}a{% endif %}{{ data.x contains '?' }}{{ 'a?' contains data.x }}": "afalsetrue",
		"{{ (1..data.n) | join }}":                                                              "1",
		"{% assign x = data.x %}{{ x.y }}{{ x }}":                                               "?",
	} {
		var r Renderer
		got, err := r.Render(nil, Parse(source, testScope), sampled{}, verbatim{})
		require.NoError(t, err, source)
		require.Equal(t, want, string(got), source)
	}
}

type sampled struct{}

func (sampled) Variable(string, []string) any { return Sample("?") }

// TestEncode has an output written for an address.
func TestEncode(t *testing.T) {
	t.Parallel()
	for source, want := range map[string]string{
		"{{ 'a b&<' }}": "a%20b%26%3C", "{{ 'a b<' | safe }}": "a b&lt;", "{{ 'a b' | url_encode }}": "a%20b",
		"{{ data.list }}": "%5Bq%20p%20r%202%201.5%20true%5D",
		"{{ nil }}":       "", "{{ 1.5 }}": "1.5", "{{ '-_.~я' }}": "-_.~%D1%8F", "{{ \"a\u202eb\" }}": "ab",
	} {
		template := Parse(source, testScope)
		template.Nodes[0].(*Output).Encode = true
		var r Renderer
		got, err := r.Render(nil, template, newVariables(libraryData), brackets{})
		require.NoError(t, err, source)
		require.Equal(t, want, string(got), source)
	}
}

func TestInsert(t *testing.T) {
	t.Parallel()
	template := Parse("abc{{ 1 }}d", testScope)
	text := template.Nodes[0].(*Text)
	text.Insert(0, "0")
	text.Insert(1, "1")
	text.Insert(3, "3")
	require.Equal(t, "0a1bc3", string(text.Written()))
	require.Equal(t, "abc", text.Source())
	var r Renderer
	got, err := r.Render(nil, template, sampled{}, verbatim{})
	require.NoError(t, err)
	require.Equal(t, "0a1bc31d", string(got))
}
