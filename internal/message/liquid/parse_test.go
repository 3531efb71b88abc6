package liquid

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestTokens divides sources; each token is shown with its kind and arguments.
func TestTokens(t *testing.T) {
	t.Parallel()
	for source, want := range map[string]string{
		"a{{ b }}c":            "a|{b}|c",
		"{{b}}{%c%}":           "{b}|%c()",
		"{{- b -}}{%- c d -%}": "-{b}-|-%c(d)-",
		"{{ a-b }}{{ a - }}":   "{a-b}|{a -}",
		"{{ }}":                "{}", "{{}}": "{{}}", "{{-}}": "-{}-", "{{ - }}": "{-}",
		"{{ }} a }}":             "{}} a}",
		"{{ a }":                 "{{ a }",
		"{{ a\n}}{{\na }}":       "{a}|{a}",
		"{{ a\nb }}":             "{{ a\nb }}",
		"{{ '}}' }}":             "{'}|' }}", // the first end counts
		"{{{ a }}}":              "{{ a}|}",
		"{%a\nb\nc%}":            "%a(b\nc)",
		"{% a  %}{% a -%}{%a-%}": "%a()|%a()-|%a()-",
		"{% a % b %}{% a %%} %}": "%a(% b)|%a(%%})",
		"{% a %%%}":              "%a(%%)",
		"{% a(b) %}{% %}{% é %}": "{% a(b) %}{% %}{% é %}",
		"{% a {% b %}":           "%a({% b)",
		"{{% a %}":               "{|%a()",
		"{":                      "{",
		"{{":                     "{{",
		"{%":                     "{%",
		"":                       "",
		"{{ a":                   "{{ a",
		"{{-   ":                 "{{-   ",
		"{{ a }}{{ b":            "{a}|{{ b",
	} {
		var got []string
		at := 0
		for _, token := range tokensOf(source) {
			require.Equal(t, at, token.at, source)
			at += len(token.source)
			s := token.source
			switch token.kind {
			case outputToken:
				s = "{" + token.args + "}"
			case tagToken:
				s = "%" + token.name + "(" + token.args + ")"
			}
			if token.before {
				s = "-" + s
			}
			if token.after {
				s += "-"
			}
			if token.args != "" {
				require.Equal(t, token.args, source[token.argsAt:token.argsAt+len(token.args)], source)
			}
			got = append(got, s)
		}
		require.Equal(t, len(source), at, source)
		require.Equal(t, want, strings.Join(got, "|"), source)
	}
}

// A finder finds what a search from each place would, and searches once for each
// thing that it finds.
func TestFinderSearchesOnce(t *testing.T) {
	t.Parallel()
	const text = "..x....xx..."
	calls := 0
	f := finder{find: func(from int) int {
		calls++
		return strings.IndexByte(text[from:], 'x')
	}}
	for at := range len(text) {
		want := strings.IndexByte(text[at:], 'x')
		if want >= 0 {
			want += at
			require.Equal(t, want, f.orEnd(at, 99))
		} else {
			require.Equal(t, 99, f.orEnd(at, 99))
		}
		require.Equal(t, want, f.from(at), at)
	}
	require.Equal(t, 4, calls)
}

// flawsOf returns the flaws of a source, each with its place.
func flawsOf(source string) []string {
	var all []string
	for _, f := range Parse(source, testScope).Flaws {
		all = append(all, fmt.Sprintf("%d %s", f.At, f.Code))
	}
	return all
}

// TestExpressions lists sources that can be read and such that cannot.
func TestExpressions(t *testing.T) {
	t.Parallel()
	for _, source := range []string{
		"{{ data.a-b? }}", "{{ data.ключ }}", "{{ data.😀 }}", "{{ data._a1 }}", "{{ 'a'.size }}", "{{ (1..3).size }}", "{{ ((data.a)) }}",
		"{{ data.a==1 }}", "{{ data.a | default:1,2 }}", "{{ data[data[1]] }}", "{{ data.a | replace: 'a' , \"'\" | upcase }}",
		"{{ -1.5 }}",
		"{{ 1.size }}",
		"{% if data.a and(data.b or data.c) %}{% endif %}", "{% for i in data.a | sort reversed limit:1 offset:data.n %}{% endfor %}",
		"{% for i in(1..3)limit:2 reversed limit:1 %}{% endfor %}", "{% case 1 %}{% when 1,2 or 3 %}{% endcase %}",
		"{% assign x=1 %}{{ x }}",
		"{% assign x = 1 == 1 %}",
		"{% capture x? %}{% endcapture %}{{ x? }}", "{% if true %}{% endif x %}", "{% if true %}{% else  %}{% endif %}",
		"{% if true %}{% else -%}{% endif %}", "{% comment x %}{% endcomment %}",
	} {
		require.Empty(t, flawsOf(source), source)
	}
	for _, source := range []string{
		"{{ }}", "{{ | upcase }}", "{{ data.a | }}", "{{ data.a | 1 }}", "{{ data.a | upcase: }}", "{{ data.a | replace: 'a', }}",
		"{{ data.a upcase }}", "{{ data. }}", "{{ data . a }}", "{{ .a }}",
		"{{ data[ }}", "{{ data[] }}", "{{ data[1 }}", "{{ (1..) }}", "{{ (..1) }}", "{{ (1 == 1..3) }}", "{{ (1..3 }}", "{{ 1..3 }}",
		"{{ () }}", "{{ 1 == }}", "{{ == 1 }}",
		"{{ 1 = 1 }}", "{{ 1 == 1 == 1 }}", "{{ 1 == 1 | abs }}", "{{ data.a and }}", "{{ and }}", "{{ in }}", "{{ contains }}", "{{ 1. }}",
		"{{ .5 }}", "{{ - 1 }}", "{{ 'a }}", "{{ data.a; }}",
		"{{ €: }}", "{{ data.a | €: 1 }}", "{{ data.a | and: 1 | contains }}", "{{ data.a | true }}", "{{ 1a }}",
		"{{ 99999999999999999999 }}",
		"{{ data.a %}{{ 1 }}", "{{ a: }}",
		"{% if %}{% endif %}", "{% if 1 2 %}{% endif %}", "{% unless %}{% endunless %}", "{% case %}{% endcase %}",
		"{% case 1 %}{% when %}{% endcase %}",
		"{% case 1 %}{% when 1, %}{% endcase %}", "{% case 1 %}{% when 1 == 1 %}{% endcase %}", "{% if 1 %}{% elsif %}{% endif %}",
		"{% if 1 %}{% else 1 %}{% endif %}",
		"{% for %}{% endfor %}", "{% for i %}{% endfor %}", "{% for i in %}{% endfor %}", "{% for i: in data.a %}{% endfor %}",
		"{% for i in data.a cols: 2 %}{% endfor %}",
		"{% for i in data.a upwards %}{% endfor %}", "{% for i in data.a limit %}{% endfor %}", "{% for i in data.a limit: %}{% endfor %}",
		"{% for i in data.a == 1 %}{% endfor %}",
		"{% for true in data.a %}{% endfor %}", "{% for data in data.a %}{% endfor %}", "{% for forloop in data.a %}{% endfor %}",
		"{% assign %}", "{% assign x %}", "{% assign x = %}",
		"{% assign x == 1 %}", "{% assign x.y = 1 %}", "{% assign 1 = 1 %}", "{% assign in = 1 %}", "{% assign reversed = 1 %}",
		"{% capture %}{% endcapture %}", "{% capture a b %}{% endcapture %}",
	} {
		flaws := flawsOf(source)
		require.NotEmpty(t, flaws, source)
		require.Contains(t, flaws[0], " liquid_syntax", source)
	}
}

// TestPlaces has flaws where their authors find them.
func TestPlaces(t *testing.T) {
	t.Parallel()
	for source, want := range map[string][]string{
		"ab{{ data.x | upcas }}": {"14 liquid_filter_unknown"},
		"ab{{- contact.x }}":     {"6 liquid_variable_unknown"},
		"{{ data[x][y] | append: z }}": {"8 liquid_variable_unknown", "11 liquid_variable_unknown",
			"24 liquid_variable_unknown"},
		"{% assign a = b %}{{ c }}": {"14 liquid_variable_unknown", "21 liquid_variable_unknown"},
		"{% for i in x %}{{ j }}{% endfor %}{{ i }}": {"12 liquid_variable_unknown", "19 liquid_variable_unknown",
			"38 liquid_variable_unknown"},
		"{% case x %}{% when y %}{% endcase %}": {"8 liquid_variable_unknown", "20 liquid_variable_unknown"},
		"a {{ 'x }} {{ 1 2 }}":                  {"5 liquid_syntax", "14 liquid_syntax"},
		"{{ data.x | safe | safe }}":            {"12 liquid_syntax"},
		"{% if data.x | safe %}{% endif %}":     {"15 liquid_syntax"},
		"a {{ b":                                {"2 liquid_unclosed"},
		"a {% b":                                {"2 liquid_unclosed"},
		"a{% x %}":                              {"1 liquid_tag_unknown"},
		"a{% render 'x' %}":                     {"1 liquid_tag_unknown"},
		"a{% endif %}{% else %}":                {"1 liquid_tag_unexpected", "12 liquid_tag_unexpected"},
		"{% if 1 %}{% when 1 %}{% endif %}":     {"10 liquid_tag_unexpected"},
		"{% if 1 %}{% for i in data.x %}":       {"10 liquid_tag_unclosed", "0 liquid_tag_unclosed"},
		"a{% raw %}{% comment %}":               {"1 liquid_tag_unclosed"},
		"a{% comment %}{{":                      {"1 liquid_tag_unclosed"},
		"{% continue %}{% for i in data.x %}{% break %}{% endfor %}": {"0 liquid_tag_unexpected"},
	} {
		require.Equal(t, want, flawsOf(source), source)
	}
}

// TestLimitsOfSources goes to each limit, and one piece beyond.
func TestLimitsOfSources(t *testing.T) {
	t.Parallel()
	nested := func(n int) string { return strings.Repeat("{% if data.x %}", n) + strings.Repeat("{% endif %}", n) }
	for name, tt := range map[string]struct {
		source string
		refuse bool
	}{
		"pieces":            {strings.Repeat("a{{ 1 }}", 1000), false},
		"a piece more":      {strings.Repeat("a{{ 1 }}", 1000) + "{{ 1 }}", true},
		"filters":           {strings.Repeat("{{ data.x | upcase }}", 200), false},
		"a filter more":     {strings.Repeat("{{ data.x | upcase }}", 200) + "{% if data.x | upcase %}{% endif %}", true},
		"nesting":           {nested(8), false},
		"deeper nesting":    {nested(9), true},
		"one after another": {strings.Repeat(nested(8), 2), false},
		"loops":             {"{% for a in data.x %}{% for b in data.x %}{% endfor %}{% for b in data.x %}{% endfor %}{% endfor %}", false},
		"deeper loops":      {"{% for a in data.x %}{% for b in data.x %}{% for c in data.x %}{% endfor %}{% endfor %}{% endfor %}", true},
	} {
		flaws := flawsOf(tt.source)
		if !tt.refuse {
			require.Empty(t, flaws, name)
			continue
		}
		require.Len(t, flaws, 1, name)
		require.Contains(t, flaws[0], "liquid_too_much", name)
	}
}

// TestReasons has what is wrong said with what was meant.
func TestReasons(t *testing.T) {
	t.Parallel()
	const open = "; what comes with a send is in data: data."
	for source, want := range map[string]string{
		"{{ contact.fistName }}":                       "there is no contact.fistName; did you mean contact.firstName?",
		"{{ contact.xyzzyqx }}":                        "there is no contact.xyzzyqx",
		"{{ contact }}":                                "there is no contact",
		"{{ contact.email.x }}":                        "there is no contact.email.x; did you mean contact.email?",
		"{{ firstName }}":                              "there is no firstName; did you mean contact.firstName?",
		"{{ person.lastName }}":                        "there is no person.lastName; did you mean contact.lastName?",
		"{{ my.own.email }}":                           "there is no my.own.email; did you mean contact.email?",
		"{{ order.total }}":                            "there is no order.total" + open + "order.total",
		"{{ sum }}":                                    "there is no sum" + open + "sum",
		"{% assign total = 1 %}{{ totl }}":             "there is no totl; did you mean total?",
		"{{ data.a | upcas }}":                         "there is no filter upcas; did you mean upcase?",
		"{{ data.a | xyzzyq }}":                        "there is no filter xyzzyq",
		"{% fore x in data.y %}":                       "there is no {% fore %}; did you mean {% for %}?",
		"{% xyzzyq %}":                                 "there is no {% xyzzyq %}",
		"{% cycle 1 %}":                                "{% cycle %} is not for messages; take it out",
		"{% break %}":                                  "{% break %} stands in no loop; take it out",
		"{% if true %}{% break %}{% endif %}":          "{% break %} stands in no loop; take it out",
		"a{% endif %}":                                 "{% endif %} belongs to no block here; take it out",
		"{% if true %}":                                "{% if %} is never ended; write {% endif %} where it ends",
		"{% raw %}":                                    "{% raw %} is never ended; write {% endraw %} where it ends",
		"{% if true %}{% else if data.x %}{% endif %}": "{% else %} asks for nothing; write {% elsif data.x %}",
		"{% assign data = 1 %}":                        "data has a meaning already; take another name",
		"{% assign contact = 1 %}":                     "contact has a meaning already; take another name",
		"{% assign forloop = 1 %}":                     "forloop has a meaning already; take another name",
		"{% assign a.b = 1 %}":                         `"a.b" is not a name for a variable; write one word of letters`,
		"{% capture 1 %}{% endcapture %}":              `"1" is not a name for a variable; write one word of letters`,
		"{% for x of data.y %}{% endfor %}":            "a loop reads {% for item in data.items %}",
		"{% for x %}{% endfor %}":                      "a loop reads {% for item in data.items %}",
		"{{ 1 2 }}":                                    "{{ 1 2 }} cannot be read; look for a sign too many or too few",
		"{{ a":                                         "{{ begins a piece of Liquid that does not end",
		"{% a":                                         "{% begins a piece of Liquid that does not end",
		"{{ data.x | safe | upcase }}":                 "safe comes last, where a value is written: {{ data.text | safe }}",
		"{{ forloop.index }}":                          "there is no forloop.index",
		"{% for i in data.x %}{{ j }}{% endfor %}":     "there is no j",
	} {
		flaws := Parse(source, testScope).Flaws
		require.Len(t, flaws, 1, source)
		require.Contains(t, flaws[0].Reason, want, source)
		if !strings.Contains(want, "begins a piece") && !strings.HasSuffix(want, "forloop.index") && !strings.HasSuffix(want, "no j") {
			require.Equal(t, want, flaws[0].Reason, source)
		}
	}
}

// TestSteps counts what one iteration of a loop costs.
func TestSteps(t *testing.T) {
	t.Parallel()
	for body, want := range map[string]int{
		"": 1, "a": 1, "{{ 1 }}": 2, "{{ 1 }}{{ 2 }}": 3, "{{ 1 | abs | abs }}": 4, "{{ 1 | plus: 2 }}": 3, "{% assign x = 1 | abs %}": 3,
		"{% break %}":                          2,
		"{% comment %}{{ 1 }}{% endcomment %}": 1, "{% raw %}{{ 1 }}{% endraw %}": 1, "{% if i %}{% endif %}": 3,
		"{% if i %}{% else %}{% endif %}":               4,
		"{% if i %}{{ 1 }}{% else %}{{ 2 }}{% endif %}": 6, "{% capture x %}{{ 1 }}{% endcapture %}": 4,
		"{% for j in data.x %}{{ j }}{% endfor %}": 2, "{% for j in data.x %}{{ j }}{% endfor %}{{ 1 }}": 3,
	} {
		template := Parse("{% for i in data.x %}"+body+"{% endfor %}", testScope)
		require.Empty(t, template.Flaws, body)
		require.Equal(t, want, template.Nodes[0].(*Block).loop.steps, body)
	}
}

func TestRequired(t *testing.T) {
	t.Parallel()
	for source, want := range map[string][]string{
		"a":                                    nil,
		"{{ data.b }}{{ data.a }}{{ data.b }}": {"data.a", "data.b"},
		"{{ data }}{{ contact.id }}":           nil,
		"{{ data.a | append: data.b }}":        {"data.a"},
		"{{ data.a | default: data.b }}":       nil,
		"{{ data.a | upcase | default: 'x' }}": nil,
		"{{ data.a == data.b }}":               {"data.a", "data.b"},
		"{{ data['a b'].c[0].d }}":             {"data.a b.c"},
		"{{ data[data.a].b }}":                 {"data.a"},
		"{{ (data.a).b }}{{ data.c.size }}":    {"data.a", "data.c.size"},
		"{% if data.a %}{{ data.a }}{% else %}{{ data.b }}{% endif %}":                        {"data.b"},
		"{% if data.a %}{% else %}{{ data.a }}{% endif %}":                                    {"data.a"},
		"{% if data.a %}{% elsif data.b %}{{ data.b }}{{ data.a }}{% endif %}":                {"data.a"},
		"{% if data.a or data.b %}{{ data.a }}{{ data.b }}{% endif %}{{ data.b }}":            {"data.b"},
		"{% unless data.a %}{{ data.a }}{% endunless %}":                                      {"data.a"},
		"{% case data.a %}{% when 1 %}{{ data.a }}{% endcase %}":                              {"data.a"},
		"{% if data.a %}{% for i in data.b %}{{ data.a }}{% endfor %}{% endif %}":             nil,
		"{% for i in data.a %}{{ i.b }}{{ forloop.index }}{% else %}{{ data.c }}{% endfor %}": {"data.c"},
		"{% assign x = data.a %}{{ x }}{{ x.y }}":                                             {"data.a"},
		"{% assign x = data.a | default: 1 %}{{ x }}":                                         nil,
		"{% assign x = data.a %}{% assign x = 1 %}{{ x }}":                                    nil,
		"{% assign x = data.a %}{% if data.a %}{{ x }}{% endif %}":                            nil,
		"{% capture x %}{{ data.a }}{% endcapture %}{{ x }}":                                  {"data.a"},
		"{% comment %}{{ data.a }}{% endcomment %}{% raw %}{{ data.b }}{% endraw %}":          nil,
	} {
		template := Parse(source, testScope)
		require.Empty(t, template.Flaws, source)
		require.Equal(t, want, template.Required, source)
		require.Equal(t, source != "a", template.Dynamic, source)
	}
}

// TestTree has the whole source in the nodes, each at its place.
func TestTree(t *testing.T) {
	t.Parallel()
	source := "a{{ 1 }}{% assign x = 1 %}{% if x %}b{% elsif x %}{% for i in x %}c{% endfor %}{% endif %}{% case x %} {% when 1 %}d{%" +
		" else %}{% endcase %}" +
		"{% capture y %}e{% endcapture %}{%- comment -%} f {%- endcomment -%}{%- raw -%} g {%- endraw -%}h"
	template := Parse(source, testScope)
	require.Empty(t, template.Flaws)
	var b strings.Builder
	var walk func(nodes []Node)
	walk = func(nodes []Node) {
		for _, n := range nodes {
			require.Equal(t, b.Len(), n.At())
			block, is := n.(*Block)
			if !is {
				b.WriteString(n.Source())
				continue
			}
			for _, a := range block.Arms {
				if a.Tag != nil {
					require.Equal(t, b.Len(), a.Tag.At())
					b.WriteString(a.Tag.Source())
				}
				walk(a.Nodes)
			}
			b.WriteString(block.End.Source())
		}
	}
	walk(template.Nodes)
	require.Equal(t, source, b.String())
}
