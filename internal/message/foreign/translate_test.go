package foreign

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/require"

	"bellman/internal/message/liquid"
)

// TestTranslate has whole texts of other systems in Liquid and HTML.
func TestTranslate(t *testing.T) {
	t.Parallel()
	for source, want := range map[string]string{
		"Вітаємо, %FIRSTNAME|друже%! Ваш код: <code>$!data.get('code')</code>": `Вітаємо, {{ contact.firstName | default: "друже" }}! ` +
			"Ваш код: <code>{{ data.code }}</code>",
		"Your order:\n#foreach($item in $data.get('items'))\n$velocityCount. $item.get('name') – $item.price\n#end\n" +
			"Total: $!data.total": "Your order:\n{% for item in data.items %}{{ forloop.index }}. {{ item.name }} – " +
			"{{ item.price }}\n{% endfor %}Total: {{ data.total }}",
		"#if($!data.get('vip') && $data.sum > 100)a#elseif(!$data.sum)b#{else}c#end": "{% if data.vip and data.sum > 100 %}a" +
			"{% elsif data.sum == blank %}b{% else %}c{% endif %}",
		"#foreach($i in [1..3])#if($velocityCount > 2)#break#end$i#if($foreach.hasNext), #end#end": "{% for i in (1..3) %}" +
			"{% if forloop.index > 2 %}{% break %}{% endif %}{{ i }}{% if forloop.last == false %}, {% endif %}{% endfor %}",
		"#set($a = 'x')\n#set( $b = $a + \"y\" )\n$a$b":             "{% assign a = \"x\" %}{% assign b = a | append: \"y\" %}{{ a }}{{ b }}",
		"#set($s = $data.get('price') * 2 / 3)$s":                   "{% assign s = data.price | times: 2 | divided_by: 3 %}{{ s }}",
		"#if($a == 1 || $b == 2 && $c == 3)x#end":                   "{% if data.a == 1 or (data.b == 2 and data.c == 3) %}x{% endif %}",
		"#if(($a == 1 || $b == 2) && $c.size() > 0)x#end":           "{% if (data.a == 1 or data.b == 2) and data.c.size > 0 %}x{% endif %}",
		"#if($data.get('x').isEmpty())a#end#if(!$x.isEmpty())b#end": "{% if data.x == empty %}a{% endif %}{% if data.x != empty %}b{% endif %}",
		"#if($a gt 5 and not $b)x#end":                              "{% if data.a > 5 and data.b == blank %}x{% endif %}",
		"#if($name.equals('x') or $n.contains(\"y\"))x#end":         "{% if data.name == \"x\" or data.n contains \"y\" %}x{% endif %}",
		"#if(!($a >= 5) && $b != null)x#end":                        "{% if data.a < 5 and data.b != nil %}x{% endif %}",
		"<!--#if($a)--><b>x</b><!-- #end -->":                       "{% if data.a %}<b>x</b>{% endif %}",
		"$name.toUpperCase().trim()":                                "{{ data.name | upcase | strip }}",
		"$data.get($key).get(\"it's\")":                             "{{ data[data.key][\"it's\"] }}",
		"$a[0].b[$i]":                                               "{{ data.a[0].b[data.i] }}",
		"$x.replace('a', 'b').length()":                             "?$x.replace('a', 'b').length()",
		"**$!data.get('name')**, [тут]($!data.get('link'))":         "<b>{{ data.name }}</b>, <a href=\"{{ data.link }}\">тут</a>",
		"[**a**](https://x.y)":                                      `<a href="https://x.y"><b>a</b></a>`,
		"  #if($a)  \n  x\n  #end  \ny":                             "{% if data.a %}  x\n{% endif %}y",
		"#if($a) x\n#end":                                           "{% if data.a %} x\n{% endif %}",
		"price $5, $TON, #sale {NEW} 2 ** 3 ** 4":                   "price $5, $TON, #sale {NEW} 2 ** 3 ** 4",
		"{{ data.x }} {% raw %}$y{% endraw %} \\$z $$z":             "{{ data.x }} {% raw %}$y{% endraw %} \\$z $$z",
		// What has no counterpart stays.
		"$date.get('dd.MM.yyyy') $x":    "?$date.get('dd.MM.yyyy') {{ data.x }}",
		"#if($a.foo(1))x#else y#end":    "?#if($a.foo(1))x#else y#end",
		"#foreach($i in $a)$i":          "?#foreach($i in $a){{ i }}",
		"#if($a)x":                      "?#if($a)x",
		"#foreach($contact in $a)x#end": "?#foreach($contact in $a)x#end",
		"#macro($x)a#end":               "?#macro($x)a#end",
		"#parse('x.vm')$x":              "#parse('x.vm'){{ data.x }}",
		"$velocityCount":                "?$velocityCount",
		"%PROMO_CODE%":                  "?%PROMO_CODE%",
		"$data":                         "?$data",
		"#set($x = $a.foo())$x":         "?#set($x = $a.foo())$x",
		"#set($x = \"a $b\")":           "?#set($x = \"a $b\")",
		"#set($x = $a + $b * 2)":        "?#set($x = $a + $b * 2)",
		"#set($data = 1)":               "?#set($data = 1)",
		"#if($a == $b.trim())x#end":     "?#if($a == $b.trim())x#end",
		"#if($a == )x#end":              "?#if($a == )x#end",
		"#if(!($a && $b))x#end":         "?#if(!($a && $b))x#end",
		"#foreach($a in $x)#foreach($b in $a)#foreach($c in $b)$c#end#end#end": "?{% for a in data.x %}{% for b in a %}#foreach($c in $b)$c#end" +
			"{% endfor %}{% endfor %}",
	} {
		got, left := Translate(source, HTML)
		if clean, found := strings.CutPrefix(want, "?"); found {
			require.NotEmpty(t, left, source)
			want = clean
		} else {
			require.Empty(t, left, source)
		}
		require.Equal(t, want, got, source)
		for _, f := range left {
			require.NotEmpty(t, f.Reason, source)
			require.Equal(t, f.Written, source[f.At:f.At+len(f.Written)])
		}
	}
	got, left := Translate("**a** $b", Plain)
	require.Empty(t, left)
	require.Equal(t, "a {{ data.b }}", got)
	got, left = Translate("https://x.y/__a__?e=%EMAIL%&n=$n", Machine)
	require.Empty(t, left)
	require.Equal(t, "https://x.y/__a__?e={{ contact.email }}&n={{ data.n }}", got)
}

var scope = liquid.Scope{
	Fields: map[string][]string{"contact": {
		"id", "externalCustomerId", "phone", "email", "firstName", "lastName", "languageCode", "timeZone",
	}},
	Open: "data",
}

// FuzzTranslate has whatever comes of a text be Liquid that messages may have, when
// nothing of it is left.
func FuzzTranslate(f *testing.F) {
	for _, source := range []string{
		"Hi %FIRSTNAME|a% $!{data.get('x')} ${y|'z'} {name} *|FNAME|* **b** __u__ [a](b)",
		"#foreach($i in [1..3])#if($i > 1 && !$foreach.hasNext)$i.get(0)[1]#elseif($a or not $b)#break#else x#end#end",
		"#set($x = ($a + 1) * -2)\n#set( $y = 'a' )\n$x.replace('a','b').trim()", `<a href="$x">**y**</a> <code>%A|b%</code>`,
		"$a.get(‘b’).isEmpty() $data.get(\"it's\") $a.b.contains('c') #{else} #stop \\$x $$y", "<!--#if($a)-->x<!--#end-->",
		"{*|A|*{$x}{#if($a)x#end",
	} {
		f.Add(source)
	}
	f.Fuzz(func(t *testing.T, source string) {
		if !utf8.ValidString(source) || len(source) > 32768 {
			return
		}
		for _, place := range []Place{HTML, Plain, Machine} {
			for _, found := range Find(source, place) {
				require.Equal(t, found.Written, source[found.At:found.At+len(found.Written)])
				require.NotEqual(t, found.Means == "", found.Reason == "", "%q", found)
			}
			got, left := Translate(source, place)
			require.True(t, utf8.ValidString(got))
			if len(left) > 0 || len(liquid.Parse(source, scope).Flaws) > 0 {
				continue
			}
			for _, flaw := range liquid.Parse(got, scope).Flaws {
				require.Equal(t, "liquid_too_much", flaw.Code, "%q became %q: %s", source, got, flaw.Reason)
			}
		}
	})
}
