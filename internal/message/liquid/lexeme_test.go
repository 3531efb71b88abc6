package liquid

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestLexemes takes expressions apart; each lexeme is shown with its kind, what it
// is and where it begins.
func TestLexemes(t *testing.T) {
	t.Parallel()
	kinds := map[lexemeKind]string{
		badLexeme: "bad", nameLexeme: "name", propertyLexeme: "property", keywordLexeme: "keyword", literalLexeme: "literal",
		signLexeme: "sign",
	}
	for source, want := range map[string]string{
		"":                     "",
		" \t\n\v\f\r":          "",
		"a":                    "name a@0",
		" \t\n\v\f\ra ":        "name a@6",
		"a.b":                  "name a@0, property b@1",
		"a .b":                 "name a@0, property b@2",
		"a.b-c?.d":             "name a@0, property b-c?@1, property d@6",
		"a. b":                 "name a@0, bad .@1, name b@3",
		"a.1":                  "name a@0, bad .@1, literal 1@2",
		"a.":                   "name a@0, bad .@1",
		"a:1":                  "keyword a@0, literal 1@2",
		"a :1":                 "name a@0, bad :@2, literal 1@3",
		"a?: b":                "keyword a?@0, name b@4",
		"a??":                  "name a?@0, bad ?@2",
		"7":                    "literal 7@0",
		"-7":                   "literal -7@0",
		"- 7":                  "bad -@0, literal 7@2",
		"-":                    "bad -@0",
		"-a":                   "bad -@0, name a@1",
		"1-2":                  "literal 1@0, literal -2@1",
		"1.5":                  "literal 1.5@0",
		"-12.25x":              "literal -12.25@0, name x@6",
		"1.":                   "literal 1@0, bad .@1",
		"1.a":                  "literal 1@0, property a@1",
		".5":                   "bad .@0, literal 5@1",
		"1..3":                 "literal 1@0, sign ..@1, literal 3@3",
		"1.5.6":                "literal 1.5@0, bad .@3, literal 6@4",
		"1a":                   "literal 1@0, name a@1",
		"0.05":                 "literal 0.05@0",
		"99999999999999999999": "bad @0",
		"-9223372036854775808": "literal -9223372036854775808@0",
		"1.5e3":                "literal 1.5@0, name e3@3",
		"'a'":                  "literal a@0",
		`"a'b"c`:               "literal a'b@0, name c@5",
		"''":                   "literal @0",
		"'a":                   "bad @0",
		`'a"`:                  "bad @0",
		"'a''b'":               "literal a@0, literal b@3",
		"'":                    "bad @0",
		"true":                 "literal true@0",
		"false,":               "literal false@0, sign ,@5",
		"nil":                  "literal <nil>@0",
		"truex":                "name truex@0",
		"true:":                "keyword true@0",
		"nil?":                 "name nil?@0",
		"==":                   "sign ==@0",
		"=":                    "bad =@0",
		"=a":                   "bad =@0, name a@1",
		"!=":                   "sign !=@0",
		"!":                    "bad !@0",
		"<=>":                  "sign <=@0, sign >@2",
		"<>=":                  "sign <@0, sign >=@1",
		"|,()[]":               "sign |@0, sign ,@1, sign (@2, sign )@3, sign [@4, sign ]@5",
		";":                    "bad ;@0",
		"..":                   "sign ..@0",
		"...":                  "sign ..@0, bad .@2",
		"_a1-":                 "name _a1-@0",
		"ключ.імʼя":            "name ключ@0, property імʼя@8",
		"e\u0301":              "name e\u0301@0",
		"€":                    "bad €@0",
		"a€ b":                 "bad a€@0, name b@5",
		"\u0301":               "bad \u0301@0",
		"and or contains":      "name and@0, name or@4, name contains@7",
	} {
		x := lexemes{source: source}
		var got []string
		for l := x.next(); l.kind != endLexeme; l = x.next() {
			what := l.text
			if l.kind == literalLexeme {
				what = fmt.Sprint(l.value)
			}
			got = append(got, fmt.Sprintf("%s %s@%d", kinds[l.kind], what, l.at))
		}
		require.Equal(t, want, strings.Join(got, ", "), "%q", source)
		require.Equal(t, len(source), x.at, "%q", source)
	}
}

func TestNamesOfVariables(t *testing.T) {
	t.Parallel()
	for name, is := range map[string]bool{
		"a": true, "a1": true, "_": true, "_1": true, "a-b": true, "a?": true, "ключ": true, "a_б1": true, "e\u0301": true,
		"": false, "1": false, "1a": false, "-a": false, "a b": false, "a.b": false, "a?b": false, "a??": false, "?": false, "€": false,
		"a€": false, "\u0301": false,
	} {
		require.Equal(t, is, isName(name), "%q", name)
	}
}

// What has a meaning of its own cannot name a variable.
func TestReservedNames(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"true", "false", "nil", "and", "or", "contains", "in", "reversed"} {
		for _, source := range []string{"{% assign " + name + " = 1 %}", "{% capture " + name + " %}{% endcapture %}",
			"{% for " + name + " in data.x %}{% endfor %}"} {
			require.Equal(t, []string{"liquid_syntax"}, codesOf(source), source)
		}
	}
	for _, name := range []string{"and", "or", "contains", "in"} {
		require.NotEmpty(t, codesOf("{{ "+name+" }}"), name)
		require.NotEmpty(t, codesOf("{{ data.x | "+name+" }}"), name)
	}
	require.Equal(t, []string{"liquid_variable_unknown"}, codesOf("{{ reversed }}"), "but this one may be asked for")
	require.Equal(t, []string{"liquid_filter_unknown"}, codesOf("{{ data.x | reversed }}"))
}

// codesOf returns the codes of the flaws of a source.
func codesOf(source string) (codes []string) {
	for _, f := range Parse(source, testScope).Flaws {
		codes = append(codes, f.Code)
	}
	return codes
}
