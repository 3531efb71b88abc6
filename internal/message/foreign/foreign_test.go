package foreign

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// TestFind has what customers of other systems would get as it stands, and what to
// write instead; "?" stands for a reason.
func TestFind(t *testing.T) {
	t.Parallel()
	for source, want := range map[string][]string{
		// Velocity, as the vendor's guides have it.
		"Hi $!data.get('name')!":              {"$!data.get('name')", "{{ data.name }}"},
		`Your code: $data.get("promo code").`: {`$data.get("promo code")`, `{{ data["promo code"] }}`},
		"$!{data.get('a')} ${data.b}":         {"$!{data.get('a')}", "{{ data.a }}", "${data.b}", "{{ data.b }}"},
		"$!data.get('list').get(0).get('x')":  {"$!data.get('list').get(0).get('x')", "{{ data.list[0].x }}"},
		"$!data.get('list').size()":           {"$!data.get('list').size()", "{{ data.list.size }}"},
		"$!data.get('FIRSTNAME')":             {"$!data.get('FIRSTNAME')", "{{ contact.firstName }}"},
		"$!data.get(‘name’)":                  {"$!data.get(‘name’)", "{{ data.name }}"},
		"Hello, $firstName! Your $discount.":  {"$firstName", "{{ contact.firstName }}", "$discount", "{{ data.discount }}"},
		"${name}, ${user.name}":               {"${name}", "{{ data.name }}", "${user.name}", "{{ data.user.name }}"},
		"${name|'friend'}":                    {"${name|'friend'}", `{{ data.name | default: "friend" }}`},
		"$math.floor($!data.get('total'))":    {"$math.floor($!data.get('total'))", "?"},
		"$!data.get('total').intValue()":      {"$!data.get('total').intValue()", "{{ data.total | floor }}"},
		"<code>$!data.get('promo')</code>":    {"$!data.get('promo')", "{{ data.promo }}"},
		`<a href="$!data.get('link')">x</a>`:  {"$!data.get('link')", "{{ data.link }}"},
		"#set($x = $data.get('a') + 1)$x":     {"#set($x = $data.get('a') + 1)", "{% assign x = data.a | plus: 1 %}", "$x", "{{ x }}"},
		"#if($!data.get('a') == 'x')1#else 2#end": {"#if($!data.get('a') == 'x')", `{% if data.a == "x" %}`, "#else", "{% else %}", "#end",
			"{% endif %}"},
		"#foreach($i in $data.get('items'))$i.get('name')#end": {"#foreach($i in $data.get('items'))", "{% for i in data.items %}",
			"$i.get('name')", "{{ i.name }}", "#end", "{% endfor %}"},
		// Substitutions.
		"Привіт, %FIRSTNAME%!":          {"%FIRSTNAME%", "{{ contact.firstName }}"},
		"%FIRSTNAME|друже%, %PHONE|%":   {"%FIRSTNAME|друже%", `{{ contact.firstName | default: "друже" }}`, "%PHONE|%", "{{ contact.phone }}"},
		"%PERSONAL.CITY%, %PROMO_CODE%": {"%PERSONAL.CITY%", "?", "%PROMO_CODE%", "?"},
		"<code>%PROMOCODE%</code>":      {"%PROMOCODE%", "?"},
		"https://x.y/?e=%EMAIL%":        {"%EMAIL%", "{{ contact.email }}"},
		"Hi {name}, {first_name}, {order.total}": {"{name}", "{{ contact.firstName }}", "{first_name}", "{{ contact.firstName }}",
			"{order.total}",
			"{{ data.order.total }}"},
		"Hi *|FNAME|*": {"*|FNAME|*", "{{ contact.firstName }}"},
		// Markdown.
		"**bold** and __under__":                 {"**bold**", "<b>bold</b>", "__under__", "<u>under</u>"},
		"**{{ data.x }}**":                       {"**{{ data.x }}**", "<b>{{ data.x }}</b>"},
		"**<i>a</i>**, (**b**)":                  {"**<i>a</i>**", "<b><i>a</i></b>", "**b**", "<b>b</b>"},
		"[a](b)":                                 {"[a](b)", `<a href="b">a</a>`},
		"[shop](https://x.y/a_b?c={{ data.d }})": {"[shop](https://x.y/a_b?c={{ data.d }})", `<a href="https://x.y/a_b?c={{ data.d }}">shop</a>`},
	} {
		var got []string
		for _, f := range Find(source, HTML) {
			require.Equal(t, f.Written, source[f.At:f.At+len(f.Written)])
			if f.Means == "" {
				require.NotEmpty(t, f.Reason, source)
				f.Means = "?"
			}
			got = append(got, f.Written, f.Means)
		}
		require.Equal(t, want, got, source)
	}
}

// TestFindLeaves has what people write to be read as it stands.
func TestFindLeaves(t *testing.T) {
	t.Parallel()
	for _, source := range []string{
		// Prices, shares and percents.
		"$100, 100$, US$5, $5.99, $ 7, $1k", "$TON up, $BTC and $NOT.", "$ave on $ale", "5 % off, 10% off and 20%OFF%", "50%-70% %",
		"%SALE% 🔥 %OFF%",
		"100%NATURAL% cotton", "-20% on A, -30% on B", "%%%HOT%%%", "Rate 5%; tax 20%",
		// Hashtags.
		"#sale #end #else #if #set #foreachone", "#set (5 шт.) за 100$", "#if (якщо)", "c#", "#1", "##if", "#end",
		// Braces.
		"{NEW} {1} {} {a} {x|x>0} {{ data.x }}", "f(x) = {x}", "{Нове}", "{ name }", "\\{name}",
		`<a href="https://x/?a={b}">x</a>`, "https://x/?a={b}&c={user}", "https://x.y/?q=%D0%9F%D1%80%D0%B8", "https://x.y/%D0%AFABC%D0%AF",
		`<a href="https://x.y/?t={gclid}&q=%D0%AFC%D0%B0">x</a>`,
		// Stars, lines and brackets.
		"2 ** 3 ** 4", "** new **", "*** sale ***", "price* and terms**", "** terms", "a**b**c", "5 * 3 * 2", "_x_ *y*", "Name: ____ __ ____",
		"__ __",
		"https://x.y/__a__/b", "[1](2)", "[x] (y)", "arr[i](x)", "[✓] done", "1) a [b]", "Card **** **** **** 1234", "**\n**", "****",
		// Code, Liquid and raw.
		"<code>**x** {name} ${x} %x% $name #if</code>", "<pre>${name} [a](b) __init__ {first_name}</pre>",
		"{% raw %}$!data.get('x') %FIRSTNAME% **b**{% endraw %}", "{% comment %}{name} **x**{% endcomment %}", "{{ data['%FIRSTNAME%'] }}",
		"{% if data.x == '${name}' %}x{% endif %}", "{{ '**a**' }}", "{% raw %}{name}",
		"", "$", "%", "#", "{", "*|", "[", "**", "$!", "${", "%A", "{a", "<", "<a", "$data", "data.get('x')",
	} {
		require.Empty(t, Find(source, HTML), source)
	}
	for _, source := range []string{`{"id":1,"name":"{name}"}`, "buy|{id}", "https://x.y/**a**", "[a](b)",
		"https://x.y/?a=$b&c=%d", "%TRACK"} {
		require.Empty(t, Find(source, Machine), source)
	}
	require.Equal(t, []Found{{At: 0, Written: "**a**", Means: "a"}}, Find("**a** <b>%", Plain))
	require.Equal(t, []Found{{At: 15, Written: "$!data.get('x')", Means: "{{ data.x }}"}}, Find("https://x.y/?a=$!data.get('x')", Machine))
}
