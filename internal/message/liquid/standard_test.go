package liquid

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/osteele/liquid"
	"github.com/stretchr/testify/require"
)

const standardData = `{"items":[{"name":"tea","price":3,"new":true},{"name":"Jam","price":2.5},{"name":"pie","price":"4","new":false}],
	"mixed":[null,"b",null,2],"words":["zebra","Octopus","giraffe"],"html":"<p class='x'>a<br>b &lt; c</p>","lines":"a\nb","n":3,
	"query":"a%20b%2Bc+d","list":["q","p"],"o":{"a":1,"b":[1,null,"x"]},"none":null}`

// TestStandardFilters has the rest of Liquid's filters do what its documents say
// (https://shopify.github.io/liquid/filters).
func TestStandardFilters(t *testing.T) {
	t.Parallel()
	for expression, want := range map[string]string{
		"data.mixed | compact | join: ','":                                    "b,2",
		"data.items | compact: 'new' | map: 'name' | join":                    "tea pie",
		"data.list | concat: data.words | join: ','":                          "q,p,zebra,Octopus,giraffe",
		"data.list | concat: (1..2) | join":                                   "q p 1 2",
		"data.none | concat: data.list | join":                                "q p",
		"(1..4) | sum":                                                        "10",
		"data.items | sum: 'price'":                                           "9.5",
		"data.items | sum: 'name'":                                            "0",
		"data.none | sum":                                                     "0",
		"data.items | where: 'new' | map: 'name' | join":                      "tea",
		"data.items | where: 'new', false | map: 'name' | join":               "pie",
		"data.items | where: 'name', 'Jam' | first | map: 'price'":            "2.5",
		"data.o | where: 'a', 1 | size":                                       "1",
		"data.items | reject: 'new' | map: 'name' | join":                     "Jam pie",
		"data.items | reject: 'name', 'tea' | size":                           "2",
		"data.items | find: 'name', 'pie' | map: 'price'":                     "4",
		"data.items | find: 'name', 'x' | default: 'none'":                    "none",
		"data.items | find_index: 'name', 'Jam'":                              "1",
		"data.items | find_index: 'name', 'x' | default: 'none'":              "none",
		"data.items | has: 'new'":                                             "true",
		"data.items | has: 'name', 'x'":                                       "false",
		"data.words | sort_natural | join":                                    "giraffe Octopus zebra",
		"data.items | sort_natural: 'name' | map: 'name' | join":              "Jam pie tea",
		"data.mixed | sort_natural | join: ','":                               "2,b",
		"data.html | strip_html":                                              "ab &lt; c",
		"'a<!-- > -->b<script>x > y</script>c<STYLE>p</style>d' | strip_html": "abcd",
		"'1 < 2' | strip_html":                                                "1 < 2",
		"'<script>x' | strip_html":                                            "x",
		"'&lt;b&gt; & &amp;' | escape_once":                                   "<b> & &",
		"data.lines | newline_to_br":                                          "a\nb",
		"data.query | url_decode":                                             "a b+c d",
		"'100%' | url_decode":                                                 "100%",
		"'%zz%4' | url_decode":                                                "%zz%4",
		"'a b/c' | url_encode | url_decode":                                   "a b/c",
		"'abab' | remove_last: 'ab'":                                          "ab",
		"'abab' | remove_last: 'x'":                                           "abab",
		"'abab' | replace_last: 'b', 'c'":                                     "abac",
		"'ab' | replace_last: '', 'c'":                                        "abc",
		"data.o | json":                                                       `{"a":1,"b":[1,null,"x"]}`,
		"data.none | json":                                                    "null",
		"'<&\"' | json":                                                       `"<&\""`,
		"(1..3) | json":                                                       "[1,2,3]",
		"1.50 | json":                                                         "1.5",
		"empty | json":                                                        `""`,
		"'ab<ю>' | base64_encode":                                             "YWI80Y4+",
		"'ab<ю>' | base64_url_safe_encode":                                    "YWI80Y4-",
		"'YWI80Y4+' | base64_decode":                                          "ab<ю>",
		"'YWI80Y4-' | base64_url_safe_decode":                                 "ab<ю>",
		"'' | base64_decode":                                                  "",
	} {
		got, err := renderText("{{ "+expression+" }}", standardData)
		require.NoError(t, err, expression)
		require.Equal(t, want, got, expression)
	}
	for expression, reason := range map[string]string{
		"data.list | concat: 'x'":                          "only a list can be added",
		"(1..900) | concat: (1..101) | size":               "longer than",
		"(1..1001) | where: 'x'":                           "longer than",
		"(1..1001) | sum":                                  "longer than",
		"(1..1001) | find: 'x'":                            "longer than",
		"'*' | base64_decode":                              "this is not base64",
		"'+/==' | base64_url_safe_decode":                  "this is not base64",
		"data.big | json":                                  "longer than",
		"data.big | base64_encode":                         "longer than",
		"'x' | replace_last: 'x', data.big | append: 'y' ": "longer than",
	} {
		_, err := renderText("{{ "+expression+" }}", `{"list":[],"big":"`+strings.Repeat("x", maxText)+`"}`)
		require.ErrorContains(t, err, reason, expression)
	}
}

// TestAsTheLibrarysFilters holds filters against those that the library comes with,
// where it has them and they are meant alike.
func TestAsTheLibrarysFilters(t *testing.T) {
	t.Parallel()
	engine := liquid.NewEngine()
	var data map[string]any
	require.NoError(t, json.Unmarshal([]byte(standardData), &data))
	for _, expression := range []string{
		"data.mixed | compact | join: ','", "data.list | concat: data.words | join: ','", "data.words | sort_natural | join",
		"data.items | sort_natural: 'name' | map: 'name' | join", "data.html | strip_html", "data.query | url_decode",
		"data.list | json", "data.words | reverse | first", "'aXb' | remove_first: 'X'", "'a b' | url_encode | url_decode",
		"data.n | divided_by: 2", "data.n | modulo: 2", "data.n | times: 1.5",
	} {
		want, failure := engine.ParseAndRenderString("{{ "+expression+" }}", liquid.Bindings{"data": data})
		require.NoError(t, failure, expression)
		got, err := renderText("{{ "+expression+" }}", standardData)
		require.NoError(t, err, expression)
		require.Equal(t, want, got, expression)
	}
}

// TestWords has empty, blank and now be values, unless a source has variables of
// their names.
func TestWords(t *testing.T) {
	t.Parallel()
	const data = `{"e":"","s":" \n","list":[],"o":{},"n":0,"no":false,"full":["x"],"x":"x"}`
	for condition, want := range map[string]string{
		"data.e == empty": "true", "data.s == empty": "false", "data.list == empty": "true", "data.o == empty": "true",
		"data.missing == empty": "false", "data.no == empty": "false", "data.n == empty": "false", "data.full == empty": "false",
		"empty == data.list": "true", "data.x != empty": "true", "data.e != empty": "false",
		"data.e == blank": "true", "data.s == blank": "true", "data.list == blank": "true", "data.o == blank": "true",
		"data.missing == blank": "true", "data.no == blank": "true", "data.n == blank": "false", "data.x == blank": "false",
		"blank == data.s": "true", "data.x != blank": "true", "empty == empty": "true", "data.x > empty": "false",
		"data.n == 0 and data.x != blank": "true",
	} {
		got, err := renderText("{{ "+condition+" }}", data)
		require.NoError(t, err, condition)
		require.Equal(t, want, got, condition)
	}
	at := time.Date(2026, 11, 28, 6, 44, 9, 0, time.UTC)
	for source, want := range map[string]string{
		"{{ now }}": "1795848249", "{{ now | date: '%F %T' }}": "2026-11-28 06:44:09", "{{ 'now' | date: '%F' }}": "2026-11-28",
		"{{ 'today' | date: '%d.%m', 'Asia/Tokyo' }}":                              "28.11",
		"{% assign tomorrow = now | plus: 86400 %}{{ tomorrow | date: '%-d.%m' }}": "29.11",
		"{% if data.at < now %}late{% endif %}":                                    "late",
		"[{{ empty }}{{ blank }}{{ blank | default: 'x' }}{{ empty.size }}]":       "[x]",
		"{% case data.e %}{% when empty %}e{% else %}f{% endcase %}":               "e",
		"{% assign now = 'mine' %}{% assign blank = 1 %}{{ now }}{{ blank }}":      "mine1",
		"{% for empty in (1..2) %}{{ empty }}{% endfor %}":                         "12",
	} {
		template := Parse(source, testScope)
		require.Empty(t, template.Flaws, source)
		require.Empty(t, template.Required, source)
		r := Renderer{Now: at}
		got, err := r.Render(nil, template, newVariables(`{"at":1780250400,"e":""}`), verbatim{})
		require.NoError(t, err, source)
		require.Equal(t, want, string(got), source)
	}
}

// TestNumbersAsTheyCame writes whole numbers as they were sent, however long, and no
// number with an exponent.
func TestNumbersAsTheyCame(t *testing.T) {
	t.Parallel()
	const data = `{"id":9007199254740993,"long":123456789012345678901234567890,"most":9223372036854775807,"e":1e+21,"small":0.0000012,
		"list":[123456789012345678901]}`
	for expression, want := range map[string]string{
		"data.id": "9007199254740993", "data.id | append: ''": "9007199254740993", "data.id | round": "9007199254740993",
		"data.id | ceil": "9007199254740993", "data.id | abs": "9007199254740993", "data.id | decimals": "9007199254740993.00",
		"data.id | divided_by: 1": "9007199254740993", "data.id | minus: 1": "9007199254740992", "data.id | json": "9007199254740993",
		"data.most | modulo: 9223372036854775806": "1", "-7 | divided_by: 2": "-4", "-7 | modulo: 3": "2", "7 | modulo: -3": "-2",
		"data.long":                      "123456789012345678901234567890",
		"data.long | append: '!'":        "123456789012345678901234567890!",
		"data.long | json":               "123456789012345678901234567890",
		"data.list":                      "123456789012345678901",
		"data.list | join":               "123456789012345678901",
		"data.long > 5":                  "true",
		"5 < data.long":                  "true",
		"data.long == data.long":         "true",
		"data.e":                         "1000000000000000000000",
		"data.e | append: ''":            "1000000000000000000000",
		"data.small | append: ''":        "0.0000012",
		"data.long | url_encode":         "123456789012345678901234567890",
		"data.long | decimals: 0 | size": "30",
	} {
		got, err := renderText("{{ "+expression+" }}", data)
		require.NoError(t, err, expression)
		require.Equal(t, want, got, expression)
	}
}

// TestDatesInLanguages has the names of months and days in the language of the
// text, a month in the form that it has beside a day.
func TestDatesInLanguages(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ language, format, want string }{
		{"", "%A, %-d %B (%a %b)", "Monday, 5 January (Mon Jan)"},
		{"en-GB", "%A, %-d %B (%a %b)", "Monday, 5 January (Mon Jan)"},
		{"xx", "%B", "January"},
		{"uk", "%A, %-d %B", "понеділок, 5 січня"},
		{"uk-UA", "%d %B %Y", "05 січня 2026"},
		{"UK_ua", "%B %Y", "січень 2026"},
		{"uk", "%a %b %h", "пн січ. січ."},
		{"ru", "%e %B", " 5 января"},
		{"ru", "%B", "январь"},
		{"pl", "%-d %B, %B", "5 stycznia, stycznia"},
		{"pl", "%B", "styczeń"},
		{"de", "%A, %-d. %B", "Montag, 5. Januar"},
		{"de", "%B", "Januar"},
		{"no", "%A", "mandag"},
		{"pt-BR", "%-d de %B", "5 de janeiro"},
		{"uk", "%F %T %p %Z %j %%", "2026-01-05 18:04:09 PM UTC 005 %"},
	} {
		r := Renderer{Language: tt.language}
		got, err := r.Render(nil, Parse("{{ 1767636249 | date: '"+tt.format+"' }}", testScope), newVariables("{}"), verbatim{})
		require.NoError(t, err)
		require.Equal(t, tt.want, string(got), "%s in %s", tt.format, tt.language)
	}
	for code, months := range alone {
		require.Len(t, strings.Fields(months), 12, code)
		require.Contains(t, spoken, code)
	}
	for code := range spoken {
		c := calendarOf(code)
		for month := time.January; month <= time.December; month++ {
			require.NotEmpty(t, c.MonthWide(month), code)
			require.NotEmpty(t, c.MonthAbbreviated(month), code)
		}
	}
}

// TestFormsOfDates reads the dates of other systems.
func TestFormsOfDates(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		`"2026-05-31T21:00:00+0300"`, `"2026-05-31T21:00:00.000+0300"`, `"2026-05-31T21:00:00.123456+03:00"`, `"2026-05-31T18:00:00,5Z"`,
		`"2026-05-31T21:00+0300"`, `"2026-05-31T21:00:00+03"`, `"2026-05-31 21:00:00.25+03"`, `"2026-05-31 21:00:00 +03:00"`,
		`"2026-05-31 18:00:00.5"`, `"2026-05-31T18:00Z"`, `"Sun May 31 2026 21:00:00 GMT+0300 (Eastern European Summer Time)"`,
		`1780250400`, `"1780250400"`, `1780250400000`, `1780250400123`, `"1780250400123"`, `1780250400.5`, `1780250400123.5`,
	} {
		got, err := renderText("{{ data.at | date: '%F %T' }}", `{"at":`+text+`}`)
		require.NoError(t, err, text)
		require.Equal(t, "2026-05-31 18:00:00", got, text)
	}
	for _, text := range []string{`"31.05.2026"`, `"2026-05-31T"`, `1e300`, `[]`, `true`} {
		_, err := renderText("{{ data.at | date: '%F' }}", `{"at":`+text+`}`)
		require.ErrorContains(t, err, "is not a date", text)
	}
}
