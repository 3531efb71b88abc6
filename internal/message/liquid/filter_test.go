package liquid

import (
	"fmt"
	"math"
	"math/big"
	"strings"
	"testing"
	"unicode"

	"github.com/stretchr/testify/require"
)

const filterData = `{"s":"aXb ","n":3,"list":["q","p","r"],"numbers":[10,9,1.5],"mixed":["b",2,null,"a",true],"empty":[],"none":null,
	"o":{"k":1},"items":[{"name":"tea","price":3},{"name":"jam","price":2},{"name":"pie"}],"spaces":" \t\n a b \r\n ",
	"big":9223372036854775807,"small":-9223372036854775808,"yes":true,"no":false,"huge":1e300}`

// TestFilters has each filter do what Liquid's of its name does.
func TestFilters(t *testing.T) {
	t.Parallel()
	for expression, want := range map[string]string{
		// What stands in for nothing.
		"data.none | default: 'x'":        "x",
		"'' | default: 'x'":               "x",
		"false | default: 'x'":            "x",
		"data.empty | default: 'x'":       "x",
		"data.n | default: 'x'":           "3",
		"0 | default: 'x'":                "0",
		"' ' | default: 'x'":              " ",
		"true | default: 'x'":             "true",
		"data.o | default: 'x'":           "",
		"data.none | default":             "",
		"'' | url_encode | default: 'x'":  "x",
		"'a' | url_encode | default: 'x'": "a",
		"1.5 | default: 2":                "1.5",
		// Texts.
		"'a' | append: 'b'":                "ab",
		"'a' | append: data.n":             "a3",
		"'a' | append":                     "a",
		"'a' | prepend: 'b'":               "ba",
		"data.none | append: 'b'":          "b",
		"'ab cd' | capitalize":             "Ab cd",
		"'' | capitalize":                  "",
		"'ґАНОК' | capitalize":             "ҐАНОК",
		"'aя' | upcase":                    "AЯ",
		"'AЯ' | downcase":                  "aя",
		"data.spaces | strip":              "a b",
		"data.spaces | lstrip":             "a b \r\n ",
		"data.spaces | rstrip":             " \t\n a b",
		"data.spaces | strip_newlines":     " \t a b  ",
		"'abab' | remove: 'b'":             "aa",
		"'abab' | remove_first: 'b'":       "aab",
		"'abab' | replace: 'a', 'xy'":      "xybxyb",
		"'abab' | replace_first: 'a', 'x'": "xbab",
		"'abab' | replace: 'a'":            "bb",
		"'ab' | replace: '', '-'":          "-a-b-",
		"'a&b<' | escape":                  "a&b<",
		"'abcdef' | truncate: 5":           "ab...",
		"'abcdef' | truncate: 6":           "abcdef",
		"'abcdef' | truncate: 4, '!'":      "abc!",
		"'abcdef' | truncate: 4, ''":       "abcd",
		"'abcdef' | truncate: 2":           "...",
		"'abcdef' | truncate: 0, ''":       "",
		"'яґї' | truncate: 2, ''":          "яґ",
		"'abc' | truncate":                 "abc",
		"'a b c' | truncatewords: 2":       "a b...",
		"'a b c' | truncatewords: 3":       "a b c",
		"'a  b c' | truncatewords: 2, '!'": "a b!",
		"'a b' | truncatewords: 0":         "a...",
		"'a b' | truncatewords":            "a b",
		"' a  b ' | truncatewords: 2":      " a  b ",
		"'abcd' | slice: 1":                "b",
		"'abcd' | slice: 1, 2":             "bc",
		"'abcd' | slice: -2, 2":            "cd",
		"'abcd' | slice: -4":               "a",
		"'abcd' | slice: -5, 2":            "",
		"'abcd' | slice: 3, 9":             "d",
		"'abcd' | slice: 4, 1":             "",
		"'abcd' | slice: 0, 0":             "",
		"'abcd' | slice: 1, -1":            "",
		"'яґї' | slice: 1, 2":              "ґї",
		"'abcd' | slice":                   "a",
		"'abcd' | slice: false, true":      "a",
		"'a b' | url_encode":               "a%20b",
		"'azAZ09-_.~' | url_encode":        "azAZ09-_.~",
		"'/?я' | url_encode":               "%2F%3F%D1%8F",
		"'a b' | url_encode | url_encode":  "a%20b",
		"1.5 | url_encode":                 "1.5",
		"data.none | url_encode":           "",
		// Lists.
		"'a-b-c' | split: '-' | join: '+'":                "a+b+c",
		"'a-b--' | split: '-' | size":                     "2",
		"'a--b' | split: '-' | size":                      "3",
		"' a  b ' | split: ' ' | join: '+'":               "a+b",
		"'ab' | split: '' | join: '+'":                    "a+b",
		"'' | split: '-' | size":                          "0",
		"'a' | split: '-' | first":                        "a",
		"'aya' | split: 'y' | last":                       "a",
		"data.list | join":                                "q p r",
		"data.list | join: ''":                            "qpr",
		"data.mixed | join: ','":                          "b,2,a,true",
		"data.empty | join":                               "",
		"'x' | join":                                      "x",
		"data.numbers | join":                             "10 9 1.5",
		"data.list | first":                               "q",
		"data.list | last":                                "r",
		"data.empty | first":                              "",
		"data.none | last":                                "",
		"'x' | first":                                     "x",
		"data.o | first | join":                           "k 1",
		"data.list | size":                                "3",
		"'яґ' | size":                                     "2",
		"data.o | size":                                   "0",
		"7 | size":                                        "0",
		"'я' | url_encode | size":                         "6",
		"data.list | reverse | join":                      "r p q",
		"data.list | sort | join":                         "p q r",
		"data.numbers | sort | join":                      "1.5 9 10",
		"data.empty | sort | size":                        "0",
		"data.items | sort: 'price' | map: 'name' | join": "jam tea pie",
		"data.items | map: 'price' | join":                "3 2",
		"data.list | map: 'size' | join":                  "1 1 1",
		"data.items | map: 'none' | size":                 "3",
		"'b,a,b' | split: ',' | uniq | join":              "b a",
		"data.mixed | uniq | size":                        "5",
		"(1..3) | reverse | join":                         "3 2 1",
		// Numbers.
		"1 | plus: 2":               "3",
		"1 | plus: 2.5":             "3.5",
		"'1' | plus: ' 2 '":         "3",
		"'1.5' | plus: 1":           "2.5",
		"data.none | plus: 2":       "2",
		"1 | plus":                  "1",
		"5 | minus: 7":              "-2",
		"5 | minus: 0.5":            "4.5",
		"3 | times: 4":              "12",
		"3 | times: 1.5":            "4.5",
		"0 | times: data.big":       "0",
		"-1 | times: 5":             "-5",
		"7 | divided_by: 2":         "3",
		"-7 | divided_by: 2":        "-4",
		"7 | divided_by: 2.0":       "3.5",
		"7.5 | divided_by: 3":       "2.5",
		"7 | modulo: 3":             "1",
		"-7 | modulo: 3":            "2",
		"7 | modulo: -3":            "-2",
		"7.5 | modulo: 2":           "1.5",
		"3 | at_least: 5":           "5",
		"5 | at_least: 3":           "5",
		"5 | at_least: 5.0":         "5",
		"3 | at_most: 5":            "3",
		"5 | at_most: 3":            "3",
		"'7' | at_most: 8":          "7",
		"-3 | abs":                  "3",
		"-1.5 | abs":                "1.5",
		"2.1 | ceil":                "3",
		"-2.1 | ceil":               "-2",
		"2.9 | floor":               "2",
		"-2.1 | floor":              "-3",
		"2.5 | round":               "3",
		"2.4 | round":               "2",
		"2.345 | round: 2":          "2.35",
		"2.5 | round: -1":           "3",
		"1234.5 | round: 20":        "1234.5",
		"0.00000000001 | round: 11": "0",
		"0.0000000001 | round: 10":  "0.0000000001",
		"1 | decimals":              "1.00",
		"1250.5 | decimals":         "1250.50",
		"1.005 | decimals: 1":       "1.0",
		"2 | decimals: 0":           "2",
		"2 | decimals: -1":          "2",
		"2 | decimals: 99":          "2.0000000000",
		"true | append: 1.5":        "true1.5",
		// Numbers that become too large for whole ones.
		"data.big | plus: 1":             "9223372036854776000",
		"data.big | plus: 0":             "9223372036854775807",
		"data.small | minus: 0":          "-9223372036854775808",
		"data.big | minus: 1":            "9223372036854775806",
		"data.small | plus: 1":           "-9223372036854775807",
		"3037000500 | times: 3037000500": "9223372037000250000",
		"3037000499 | times: 3037000499": "9223372030926249001",
		"-1 | times: data.big":           "-9223372036854775807",
		"9007199254740991.0 | abs":       "9007199254740991",
	} {
		got, err := renderText("{{ "+expression+" }}", filterData)
		require.NoError(t, err, expression)
		require.Equal(t, want, got, expression)
	}
}

func TestFiltersFail(t *testing.T) {
	t.Parallel()
	for expression, reason := range map[string]string{
		"'x' | plus: 1":                      `"x" is not a number`,
		"1 | plus: 'x'":                      `"x" is not a number`,
		"true | plus: 1":                     `"true" is not a number`,
		"1 | at_least: 'x'":                  "not a number",
		"'x' | at_most: 1":                   "not a number",
		"'x' | abs":                          "not a number",
		"'x' | round":                        "not a number",
		"'x' | decimals":                     "not a number",
		"data.list | plus: 1":                "not a number",
		"1 | divided_by: 0":                  "divided by 0",
		"1 | divided_by: 0.0":                "divided by 0",
		"1 | modulo: 0":                      "divided by 0",
		"1 | divided_by: 'x'":                "not a number",
		"'x' | divided_by: 2":                "not a number",
		"data.huge | times: data.huge":       "the number becomes too large",
		"data.huge | times: data.huge | abs": "too large",
		"'x' | truncate: 'y'":                "can't convert",
		"'x' | truncatewords: 'y'":           "can't convert",
		"'x' | slice: 'y'":                   "can't convert",
		"'x' | slice: 0, 'y'":                "can't convert",
		"1 | round: 'y'":                     "can't convert",
		"1 | decimals: 'y'":                  "can't convert",
		"(1..1001) | join":                   "longer than",
		"(1..1001) | first":                  "longer than",
		"(1..1001) | reverse":                "longer than",
		"(1..1001) | sort":                   "longer than",
		"(1..1001) | map: 'x'":               "longer than",
		"(1..1001) | uniq":                   "longer than",
	} {
		_, err := renderText("{{ "+expression+" }}", filterData)
		require.ErrorContains(t, err, reason, expression)
		require.ErrorContains(t, err, "the filter ", expression)
	}
}

// A filter takes as many arguments as Liquid's, and says so of one more.
func TestFiltersTakeArguments(t *testing.T) {
	t.Parallel()
	var all []string
	for most, names := range []string{
		"safe escape url_encode capitalize upcase downcase strip lstrip rstrip strip_newlines first last size reverse uniq abs ceil floor " +
			"escape_once url_decode strip_html newline_to_br json " +
			"base64_encode base64_decode base64_url_safe_encode base64_url_safe_decode",
		"default append prepend remove remove_first split join sort map plus minus times divided_by modulo at_least at_most round decimals " +
			"remove_last sort_natural compact concat sum",
		"date replace replace_first truncate truncatewords slice replace_last where reject find find_index has",
	} {
		for name := range strings.FieldsSeq(names) {
			all = append(all, name)
			taken, more := "", ": 1"
			if most > 0 {
				taken = ": " + strings.Repeat("1, ", most-1) + "1"
				more = taken + ", 1"
			}
			_, err := renderText("{{ 1 | "+name+more+" }}", "{}")
			require.ErrorContains(t, err, fmt.Sprintf("the filter %s: wrong number of arguments (given %d, expected %d)", name, most+1,
				most))
			// 1 is no time zone, no list and no base64.
			if name != "date" && name != "concat" && !strings.HasSuffix(name, "_decode") {
				_, err = renderText("{{ 1 | "+name+taken+" }}", "{}")
				require.NoError(t, err, name)
			}
		}
	}
	require.ElementsMatch(t, filterNames, all)
}

// What a filter or a loop makes of a list leaves the list as it is.
func TestListsStayAsTheyAre(t *testing.T) {
	t.Parallel()
	for _, made := range []string{
		"{{ data.list | reverse | size }}", "{{ data.list | sort | size }}",
		"{% for i in data.list reversed %}{% if forloop.last %}3{% endif %}{% endfor %}",
		"{{ data.list | map: 'x' | size }}", "{{ data.list | uniq | size }}",
	} {
		got, err := renderText(made+"{{ data.list | join: '' }}", filterData)
		require.NoError(t, err)
		require.Equal(t, "3qpr", got, made)
	}
}

// TestWholeNumbers reckons at the ends of whole numbers: a result is exact, or said
// not to fit.
func TestWholeNumbers(t *testing.T) {
	t.Parallel()
	operations := map[string]struct {
		ours   func(a, b int64) (int64, bool)
		oracle func(z, a, b *big.Int) *big.Int
	}{"plus": {plusWhole, (*big.Int).Add}, "minus": {minusWhole, (*big.Int).Sub}, "times": {timesWhole, (*big.Int).Mul}}
	numbers := []int64{
		0, 1, -1, 2, -2, 3, 1 << 31, 1 << 32, -1 << 32, 3037000499, 3037000500, math.MaxInt64, math.MaxInt64 - 1, math.MinInt64,
		math.MinInt64 + 1,
	}
	for name, operation := range operations {
		for _, a := range numbers {
			for _, b := range numbers {
				want := operation.oracle(new(big.Int), big.NewInt(a), big.NewInt(b))
				got, fits := operation.ours(a, b)
				require.Equal(t, want.IsInt64(), fits, "%d %s %d", a, name, b)
				if fits {
					require.Equal(t, want.Int64(), got, "%d %s %d", a, name, b)
				}
			}
		}
	}
}

// TestDates writes dates in all forms, and each part of one.
func TestDates(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		"2026-05-03T08:04:09Z", "2026-05-03T11:04:09+03:00", "2026-05-03T08:04:09.000", "2026-05-03 08:04:09", "2026-05-03 08:04:09Z",
		"2026-05-03 11:04:09 +0300", " 2026-05-03T08:04:09Z ", "Sun, 03 May 2026 08:04:09 +0000", "Sun, 03 May 2026 08:04:09 UTC",
		"1777795449",
	} {
		got, err := renderText("{{ '"+text+"' | date: '%F %T' }}", "{}")
		require.NoError(t, err, text)
		require.Equal(t, "2026-05-03 08:04:09", got, text)
	}
	for text, want := range map[string]string{"2026-05-03T08:04": "08:04", "2026-05-03 08:04": "08:04", "2026-05-03": "00:00"} {
		got, err := renderText("{{ '"+text+"' | date: '%R' }}", "{}")
		require.NoError(t, err, text)
		require.Equal(t, want, got, text)
	}
	for format, want := range map[string]string{
		"%Y %y %m %d %e": "2026 26 05 03  3", "%H %I %M %S %p %P": "18 06 04 09 PM pm", "%B %b %h %A %a": "May May May Sunday Sun",
		"%j %u %w":    "123 7 0",
		"%F %D %T %R": "2026-05-03 05/03/26 18:04:09 18:04", "%s": "1777831449", "%Z %z": "UTC +0000", "100%%": "100%",
		"%-d.%-m. %-H %-I %-j %-e": "3.5. 18 6 123 3", "%-M %-S": "4 9", "": "", "x": "x", "%-u": "7", "%-w": "0",
	} {
		got, err := renderText("{{ 1777831449 | date: '"+format+"' }}", "{}")
		require.NoError(t, err, format)
		require.Equal(t, want, got, format)
	}
	for source, want := range map[string]string{
		"{{ 1777831449 | date: '%u %w', 'Pacific/Auckland' }}": "1 1", "{{ 1777831449 | date: '%R %Z', 'Europe/Kyiv' }}": "21:04 EEST",
		"{{ '2026-05-03' | date: '%F %R %Z', 'America/New_York' }}":       "2026-05-03 00:00 EDT",
		"{{ ' 2026-05-03 ' | date: '%F %R', 'Asia/Tokyo' }}":              "2026-05-03 00:00",
		"{{ '2026-05-03T00:00:00' | date: '%F %R', 'America/New_York' }}": "2026-05-02 20:00",
		"{{ 1777831449 | date: '%R', nil }}":                              "18:04", "{{ nil | date: '%Y' }}": "", "{{ '' | date: '%Y' }}": "",
		"{{ 0 | date: '%F' }}":  "1970-01-01",
		"{{ 0 | date: '%-H' }}": "0",
	} {
		got, err := renderText(source, "{}")
		require.NoError(t, err, source)
		require.Equal(t, want, got, source)
	}
	for source, reason := range map[string]string{
		"{{ 'soon' | date: '%Y' }}": `"soon" is not a date; write it as 2026-05-31T18:00:00Z`,
		"{{ true | date: '%Y' }}":   "is not a date", "{{ 0 | date: '%k' }}": `"%k" is no part of a date`,
		"{{ 0 | date: '%' }}":  `"%" is no part of a date`,
		"{{ 0 | date: '%-' }}": `"%" is no part of a date`, "{{ 0 | date: '%Y', 'Mars/Base' }}": `there is no time zone "Mars/Base"`,
		"{{ 0 | date: '%Y', 'Local' }}": `there is no time zone "Local"`,
	} {
		_, err := renderText(source, "{}")
		require.ErrorContains(t, err, reason, source)
	}
}

// TestClean has no character in a value that nobody can see or that turns the text.
func TestClean(t *testing.T) {
	t.Parallel()
	for value, want := range map[string]string{
		"": "", "a\nb": "a\nb", "a\tb": "a\tb", "a\rb": "a\rb", "a\x00\x01\x1fb": "a   b", "a\u202d\u202eb": "ab",
		"a\u202c\u202f€b": "a\u202c\u202f€b",
		"a\xffb":          "a\uFFFDb", "a\x7fb": "a\x7fb", "a\x01\u202e": "a ",
	} {
		require.Equal(t, want, Clean(value), "%q", value)
	}
	for r := range rune(0x3000) {
		want := string(r)
		switch {
		case r == 0x202d || r == 0x202e:
			want = ""
		case r < ' ' && !strings.ContainsRune("\n\t\r", r):
			want = " "
		}
		require.Equal(t, want, Clean(string(r)), "%U", r)
		if want != "" {
			require.Equal(t, want, Visible(string(r)), "%U", r)
		}
		require.Equal(t, want == "", IsOverride(r))
	}
	require.Equal(t, "\u202e", Visible("\u202e"))
}

func TestClassesOfCharacters(t *testing.T) {
	t.Parallel()
	for c := range 256 {
		c := byte(c)
		require.Equal(t, c < 128 && unicode.IsLetter(rune(c)), isLetter(c), "%q", c)
		require.Equal(t, c < 128 && unicode.IsDigit(rune(c)), isDigit(c), "%q", c)
		require.Equal(t, strings.IndexByte(" \t\n\f\r", c) >= 0, isSpace(c), "%q", c)
		require.Equal(t, c >= 128 || c == '_' || unicode.IsLetter(rune(c)), beginsName(c), "%q", c)
	}
}
