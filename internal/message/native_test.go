package message

import (
	"encoding/json"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// TestNativeAsTheLibrary renders scripts of the native kind with random values,
// natively and with the library.
func TestNativeAsTheLibrary(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		source := drawNative(t, 2)
		data, err := json.Marshal(map[string]any{"a": drawValue(t, 2), "b": drawValue(t, 2), "c": map[string]any{"d": drawValue(t, 1)}})
		require.NoError(t, err)
		person := &Person{
			ContactID: 7, FirstName: drawText(t), LastName: drawText(t), Email: drawText(t), LanguageCode: "uk", TimeZone: "Europe/Kyiv", Data: data,
		}
		require.True(t, requireAlike(t, source, person), "%s is left to the library", source)
	})
}

// FuzzNative renders any script that is native with the library, too.
func FuzzNative(f *testing.F) {
	for _, source := range []string{
		`Hi {{ contact.firstName | default: "friend" }}, {{data.a.b|upcase}}`, `{% if data.a == 'x' and contact.email %}a{% elsif data.b > 1.5 %}b{% else %}c{% endif %}`,
		`{% unless data.a contains "b" or nil %}<a href="https://e.com/{{ data.a }}?{{ data.b | safe }}">x</a>{% endunless %}`,
		`{{ data.a | append: data.b, 3 }}{{ data.a.size }}{{ data }}{{ 1 == 1.0 }}`, `{{ data.b | date: "%d.%m", contact.timeZone }}{{ data.b | decimals: data.a }}`,
	} {
		f.Add(source, `{"a":{"b":["<",1.5,null]},"b":"2026-05-31","a":[]}`, `Ann <"&`)
	}
	f.Fuzz(func(t *testing.T, source, data, name string) {
		requireAlike(t, source, &Person{FirstName: name, Email: "a@b.c", Data: json.RawMessage(data)})
	})
}

// requireAlike renders a script in every way there is, and tells whether it is
// native at all.
func requireAlike(t require.TestingT, source string, person *Person) (native bool) {
	if !utf8.ValidString(source) || len(source) > MaxRawText {
		return false
	}
	for _, in := range []*liquid{htmlLiquid, plainLiquid} {
		s := readScript(source)
		o := outline{found: func(l *outlined) { l.node.marks = append(l.node.marks, mark{l.at, 0}) }}
		if o.walk(s.nodes); in == plainLiquid {
			outlineAddress(s.nodes, false)
		}
		if len(s.flaws) > 0 || !s.personal {
			return false
		}
		p, err := s.compile(in)
		if err != nil || p.native == nil {
			return false
		}
		c := &composer{variables: make(map[string]any)}
		c.begin(nil, Recipient{Person: person}, "")
		got, failure := c.render(p)
		p.native = nil
		want, expected := (&composer{variables: make(map[string]any), person: person}).render(p)
		require.Equal(t, string(want), string(got), source)
		require.Equal(t, expected, failure, source)
	}
	return true
}

// drawNative draws a script of text, outputs and conditions.
func drawNative(t *rapid.T, depth int) string {
	var b strings.Builder
	for range rapid.IntRange(1, 3).Draw(t, "length") {
		switch what := rapid.IntRange(0, 4).Draw(t, "what"); {
		case what == 0 && depth > 0:
			tag := rapid.SampledFrom([]string{"if", "unless"}).Draw(t, "tag")
			b.WriteString("{% " + tag + " " + drawCondition(t) + " %}" + drawNative(t, depth-1))
			if rapid.Bool().Draw(t, "elsif") {
				b.WriteString("{% elsif " + drawCondition(t) + " %}" + drawNative(t, depth-1))
			}
			if rapid.Bool().Draw(t, "else") {
				b.WriteString("{%else%}" + drawNative(t, depth-1))
			}
			b.WriteString("{% end" + tag + " %}")
		case what == 1:
			b.WriteString(rapid.SampledFrom([]string{" text\n", "<b>x</b> ", `<a href="https://e.com">x</a>`}).Draw(t, "text"))
		case what == 2:
			b.WriteString(`<a href="https://e.com/{{ ` + drawFiltered(t) + ` }}">x</a>`)
		default:
			b.WriteString("{{ " + drawFiltered(t) + " }}")
		}
	}
	return b.String() + "{{data.a}}"
}

func drawCondition(t *rapid.T) string {
	relation := func() string {
		if rapid.Bool().Draw(t, "filtered") {
			return drawFiltered(t)
		}
		return drawOperand(t) + rapid.SampledFrom([]string{"==", " != ", " < ", ">", " <= ", ">=", " contains "}).Draw(t, "relation") + drawOperand(t)
	}
	condition := relation()
	for range rapid.IntRange(0, 2).Draw(t, "more") {
		condition += rapid.SampledFrom([]string{" and ", " or "}).Draw(t, "and") + relation()
	}
	return condition
}

func drawFiltered(t *rapid.T) string {
	filtered := drawOperand(t)
	for range rapid.IntRange(0, 2).Draw(t, "filters") {
		name := rapid.SampledFrom(filterNames).Filter(func(name string) bool {
			_, most := nativeFilter(name)
			return most >= 0 && name != "safe"
		}).Draw(t, "filter")
		_, most := nativeFilter(name)
		filtered += " | " + name
		separator := ": "
		for range rapid.IntRange(0, most).Draw(t, "arguments") {
			filtered += separator + drawOperand(t)
			separator = ", "
		}
	}
	return filtered
}

func drawOperand(t *rapid.T) string {
	return rapid.SampledFrom([]string{
		"contact.id", "contact.firstName", "contact.lastName", "contact.email", "contact.phone", "contact.timeZone", "data", "data.a", "data.b", "data.c.d", "data.none", "data.a.size",
		"data.a.first", "data.b.last", "data.c.d.d", "data.b.none.at", "data.a .d", "data.ключ", "true", "false", "nil", `"x"`, "'%d.%m'", "''", "7", "1.5", "0",
	}).Draw(t, "operand")
}

func drawText(t *rapid.T) string {
	return rapid.OneOf(
		rapid.SampledFrom([]string{"", "x", "12", " 1.5", "2026-05-31", "<b>&\"'", "\u202eабв", "Олена 😀"}), rapid.StringN(0, 10, -1),
	).Draw(t, "text")
}

func drawValue(t *rapid.T, depth int) any {
	switch what := rapid.IntRange(0, 7).Draw(t, "kind"); {
	case what == 0:
		return nil
	case what == 1:
		return rapid.Bool().Draw(t, "bool")
	case what == 2:
		return rapid.SampledFrom([]int{0, 1, 7, -3, 1 << 60}).Draw(t, "int")
	case what == 3:
		return rapid.OneOf(rapid.SampledFrom([]float64{1.5, -0.25, 1e21, 1e-7, 1250.5}), rapid.Float64Range(-1e6, 1e6)).Draw(t, "float")
	case what == 4 && depth > 0:
		list := []any{}
		for range rapid.IntRange(0, 3).Draw(t, "size") {
			list = append(list, drawValue(t, depth-1))
		}
		return list
	case what == 5 && depth > 0:
		object := map[string]any{}
		for _, name := range []string{"d", "size", "first", "ключ", "a\"b"} {
			if rapid.Bool().Draw(t, name) {
				object[name] = drawValue(t, depth-1)
			}
		}
		return object
	}
	return drawText(t)
}

// TestNative tells which scripts are native.
func TestNative(t *testing.T) {
	t.Parallel()
	for source, native := range map[string]bool{
		"{{ contact.firstName | default: 'friend' }}":                       true,
		"{{ data.price | decimals: 2 }} {{ data.name | truncate: 9, '…' }}": true,
		"{% if data.a %}{% unless data.b > 1 %}x{% endunless %}{% endif %}": true,
		"{{ data.at | date: '%d.%m.%Y', contact.timeZone }}":                true,
		"{{- contact.firstName }}":                                          false,
		"{% if data.a -%} x {% endif %}":                                    false,
		"{% if data.a %}x{% endif -%} y":                                    false,
		"{% for i in data.a %}{{ i }}{% endfor %}":                          false,
		"{% if data.a %}{% assign b = data.a %}{% endif %}{{ contact.id }}": false,
		"{{ data['a b'] }}":                                                 false,
		"{{ data.a | sort | join: ', ' }}":                                  false,
		"{% raw %}{{ x }}{% endraw %}":                                      false,
		"{% if (data.a or data.b) and data.c %}x{% endif %}":                false,
		"{{ data.a | upcase: 1 }}":                                          false,
		"{% case data.a %}{% when 1 %}x{% endcase %}":                       false,
		"{% comment %}x{% endcomment %}":                                    false,
	} {
		s := readScript(source)
		require.Empty(t, s.flaws, source)
		p, err := s.compile(htmlLiquid)
		require.NoError(t, err, source)
		require.Equal(t, native, p.native != nil, source)
	}
}
