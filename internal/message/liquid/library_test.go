package liquid

import (
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/osteele/liquid"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// testScope is what the tests speak of.
var testScope = Scope{
	Fields: map[string][]string{"contact": {"id", "firstName", "lastName", "email", "timeZone"}},
	Always: []string{"contact.id"}, Open: "data", Hint: "what comes with a send is in data",
}

// testVariables are a contact and data.
type testVariables struct {
	contact Object
	data    JSON
}

func newVariables(data string) *testVariables {
	v := &testVariables{contact: Object{
		"id": 7, "firstName": `Ann <"&`, "lastName": nil, "email": "a@b.c", "timeZone": "Europe/Kyiv",
	}}
	v.data.Read([]byte(data))
	return v
}

func (v *testVariables) Variable(root string, path []string) any {
	if root == "data" {
		return v.data.Value(path)
	}
	return lookUp(v.contact, path)
}

// brackets is an escaper that shows what it was asked to escape.
type brackets struct{}

func (brackets) Append(dst []byte, value string) []byte {
	return append(dst, strings.ReplaceAll(value, "<", "&lt;")...)
}

// verbatim is one that changes nothing.
type verbatim struct{}

func (verbatim) Append(dst []byte, value string) []byte { return append(dst, value...) }

func renderText(source, data string) (string, error) {
	var r Renderer
	out, err := r.Render(nil, Parse(source, testScope), newVariables(data), verbatim{})
	return string(out), err
}

// requireAlike renders a source that we take with the library, too. Sources that
// we refuse are passed over, and those whose limits are only ours.
func requireAlike(t require.TestingT, o oracle, source, data string) (compared bool) {
	template := Parse(source, testScope)
	if len(template.Flaws) > 0 {
		return false
	}
	v := newVariables(data)
	if hasOwn(template.Source, v.data.Value(nil)) {
		return false
	}
	var r Renderer
	got, failure := r.Render(nil, template, v, brackets{})
	if failure != nil && (strings.Contains(failure.Error(), errTooLong.Error()) || strings.Contains(failure.Error(), errEndless.Error())) {
		return false
	}
	want, broken, expected := o.render(source, map[string]any{"contact": toTheirs(v.contact), "data": toTheirs(v.data.Value(nil))})
	if broken {
		return false
	}
	require.Equal(t, expected != nil, failure != nil, "%s with %s: ours %v, the library's %v", source, data, failure, expected)
	require.Equal(t, want, string(got), "%s with %s", source, data)
	return true
}

// ownWords are the values that the library does not have.
var ownWords = regexp.MustCompile(`\b(now|today|empty|blank)\b`)

// hasOwn tells that a source or its data has what the library has not: words that
// are values, and numbers with all of their digits.
func hasOwn(source string, data any) bool {
	switch data := data.(type) {
	case digits:
		return true
	case float64:
		return strings.Contains(fmt.Sprint(data), "e")
	case []any:
		return slices.ContainsFunc(data, func(item any) bool { return hasOwn("", item) })
	case Object:
		for _, item := range data {
			if hasOwn("", item) {
				return true
			}
		}
	}
	return ownWords.MatchString(source)
}

const libraryData = `{"a":{"b":["<",1.5,null,{"c":1}],"size":3},"b":"2026-05-31","n":3,"s":"aXb ","list":["q","p","r",2,1.5,true],
	"yes":true,"no":false,"z":0,"e":"","o":{"k":1,"first":2},"u":"https://x.y/a"}`

// FuzzLibrary holds whatever source we take against the library.
func FuzzLibrary(f *testing.F) {
	for _, source := range []string{
		`Hi {{ contact.firstName | default: "friend" }}, {{data.a.b|upcase}}`,
		`{% if data.a == 'x' and contact.email %}a{% elsif data.b > 1.5 %}b{% else %}c{% endif %}`,
		`{% unless data.a contains "b" or nil %}<b>x</b> {%- endunless -%} `,
		`{{ data.a | append: data.b, 3 }}{{ data.a.size }}{{ data }}{{ 1 == 1.0 }}`,
		`{{ data.b | date: "%d.%m", contact.timeZone }}{{ data.n | decimals: data.z }}`,
		`{% for i in data.list reversed limit:2 offset: 1 %}{{ i }}{{forloop.index}}{% if i == 'p' %}{% break %}{%endif%} ` +
			`{%- continue -%}{% else %}none{% endfor -%}  x`,
		`{% case data.n %}y{% when 1, 3 or 'x' %}a {%- when 2 -%} b{% else %}c{% endcase %}`,
		`{% assign x = data.list | sort | join: '-' %}{% capture y %} {{ x }}{%- endcapture %}{{y}}`,
		`{%- comment -%} {{ {% if %} {%- endcomment -%} a {%- raw -%} {{- b -}} {% x %} {%- endraw -%}  c`,
		`{{ (1..data.n) | join }}{{ (data.a or data.b) }}{{ data['a'].b[3].c }}{{ data.a.b.first }}`,
		`{% for p in data.o %}{{ p[0] }}={{ p | last }}{{ forloop }}{% assign f = forloop %}{% endfor %}{{ 1 }}`,
		`{{ data.list[-1] }}{{ data.list['size'] }}{{ data.s.size }}{{ -5.25 | abs | plus: '7' }}{{ data.x | truncate: nil, 'x' }}`,
	} {
		f.Add(source, libraryData)
	}
	o := newOracle(brackets{})
	f.Fuzz(func(t *testing.T, source, data string) {
		if !utf8.ValidString(source) || !utf8.ValidString(data) || data != "" && !json.Valid([]byte(data)) {
			return
		}
		requireAlike(t, o, source, data)
	})
}

// TestAsTheOracle renders random sources of all constructs with random data.
func TestAsTheOracle(t *testing.T) {
	t.Parallel()
	o := newOracle(brackets{})
	compared := 0
	rapid.Check(t, func(t *rapid.T) {
		data, err := json.Marshal(map[string]any{
			"a": drawValue(t, 2), "b": drawValue(t, 2), "c": map[string]any{"d": drawValue(t, 1)}, "n": 3, "list": []any{"q", "p", 2, nil},
		})
		require.NoError(t, err)
		if requireAlike(t, o, drawSource(t, 2, false), string(data)) {
			compared++
		}
	})
	require.Positive(t, compared)
}

// TestAsTheLibraryComes renders sources with the library as it comes, without any
// of ours.
func TestAsTheLibraryComes(t *testing.T) {
	t.Parallel()
	engine := liquid.NewEngine()
	rapid.Check(t, func(t *rapid.T) {
		source := "." + drawLiquid(t, 2, false)
		data := map[string]any{"n": 3, "s": "aXb", "list": []any{"q", "p", "r"}, "yes": true}
		want, failure := engine.ParseAndRenderString(source, liquid.Bindings{"data": data})
		require.NoError(t, failure, source)
		got, err := renderText(source, `{"n":3,"s":"aXb","list":["q","p","r"],"yes":true}`)
		require.NoError(t, err, source)
		require.Equal(t, want, got, source)
	})
}

// drawSource draws a source of any constructs.
func drawSource(t *rapid.T, depth int, loop bool) string {
	var b strings.Builder
	tag := func(inside string) string {
		return rapid.SampledFrom([]string{"{% ", "{%- "}).Draw(t, "begin") + inside + rapid.SampledFrom([]string{" %}", " -%}"}).Draw(t, "end")
	}
	for range rapid.IntRange(1, 3).Draw(t, "length") {
		what := rapid.IntRange(0, 9).Draw(t, "what")
		if depth == 0 {
			what %= 5
		}
		inner := func() string { return drawSource(t, depth-1, loop) }
		switch what {
		case 0:
			b.WriteString(rapid.SampledFrom([]string{" text\n", "<b>x</b> ", "  ", "\u00a0"}).Draw(t, "text"))
		case 1:
			b.WriteString(tag("assign v = "+drawCondition(t, loop)) + "{{ v }}")
		case 2:
			b.WriteString(rapid.SampledFrom([]string{
				"{%- comment -%} {{ x {%- endcomment -%}", " {%- raw -%} {{ x }} {%- endraw -%} ", "{% raw %}{% endraw %}",
			}).Draw(t, "verbatim"))
		case 5:
			name := rapid.SampledFrom([]string{"if", "unless"}).Draw(t, "tag")
			b.WriteString(tag(name+" "+drawCondition(t, loop)) + inner())
			if rapid.Bool().Draw(t, "elsif") {
				b.WriteString(tag("elsif "+drawCondition(t, loop)) + inner())
			}
			if rapid.Bool().Draw(t, "else") {
				b.WriteString(tag("else") + inner())
			}
			b.WriteString(tag("end" + name))
		case 6:
			b.WriteString(tag("case "+drawOperand(t, loop)) + " " + tag("when "+drawOperand(t, loop)+rapid.SampledFrom([]string{"", ", 3",
				" or 'x'"}).Draw(t, "or")) +
				inner() + tag("else") + inner() + tag("endcase"))
		case 7:
			if loop {
				b.WriteString(rapid.SampledFrom([]string{"{%- break -%}", "{% if i == 'p' %} x {% continue %}{% endif %}"}).Draw(t, "leave"))
				continue
			}
			b.WriteString(tag("for i in "+drawFiltered(t, loop)+rapid.SampledFrom([]string{"", " reversed", " limit: 2",
				" offset:1 limit: data.n reversed"}).Draw(t, "modifiers")) +
				drawSource(t, depth-1, true) + tag("else") + inner() + tag("endfor"))
		case 8:
			b.WriteString(tag("capture w") + inner() + tag("endcapture") + "{{- w -}}")
		default:
			b.WriteString(rapid.SampledFrom([]string{"{{ ", "{{- "}).Draw(t, "begin") + drawCondition(t, loop) + rapid.SampledFrom([]string{" }}",
				" -}}"}).Draw(t, "end"))
		}
	}
	return b.String()
}

func drawCondition(t *rapid.T, loop bool) string {
	relation := func() string {
		if rapid.Bool().Draw(t, "filtered") {
			return drawFiltered(t, loop)
		}
		return drawOperand(t, loop) + rapid.SampledFrom([]string{"==", " != ", " < ", ">", " <= ", ">=", " contains "}).Draw(t,
			"relation") + drawOperand(t, loop)
	}
	condition := relation()
	for range rapid.IntRange(0, 2).Draw(t, "more") {
		condition += rapid.SampledFrom([]string{" and ", " or "}).Draw(t, "and") + relation()
	}
	return condition
}

func drawFiltered(t *rapid.T, loop bool) string {
	filtered := drawOperand(t, loop)
	names := slices.DeleteFunc(slices.Clone(filterNames), func(name string) bool { return name == "safe" })
	for range rapid.IntRange(0, 2).Draw(t, "filters") {
		name := rapid.SampledFrom(names).Draw(t, "filter")
		filtered += " | " + name
		separator := ": "
		for range rapid.IntRange(0, filters[name].most).Draw(t, "arguments") {
			filtered += separator + drawOperand(t, loop)
			separator = ", "
		}
	}
	return filtered
}

func drawOperand(t *rapid.T, loop bool) string {
	operands := []string{
		"contact.id", "contact.firstName", "contact.lastName", "contact['email']", "contact.timeZone", "data", "data.a", "data.b", "data.c.d",
		"data.none",
		"data.a.size", "data.a.first", "data.b.last", "data.c.d.d", "data.b.none.at", "data.a .d", "data.ключ", "data['a b']", "data.list[1]",
		"data.list[-1]",
		"data.list['size']", "data.a[data.n]", "(1..3)", "(data.n..5)", "(data.a or data.b)", "true", "false", "nil", `"x"`, "'%d.%m'", "''",
		"7", "1.5", "0", "-3",
	}
	if loop {
		operands = append(operands, "i", "i.d", "forloop", "forloop.last", "forloop['index0']", "forloop.size")
	}
	return rapid.SampledFrom(operands).Draw(t, "operand")
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

// drawLiquid draws a source; in a loop it may speak of the loop's variable.
func drawLiquid(t *rapid.T, depth int, loop bool) string {
	operands := []string{"data.n", "data.s", "data.list.first", "data.list[1]", "'k'", "7", "data.none"}
	if loop {
		operands = append(operands, "i", "forloop.index")
	}
	operand := rapid.SampledFrom(operands)
	condition := func() string {
		c := operand.Draw(t, "left") + rapid.SampledFrom([]string{" == ", " != ", " > ", " <= "}).Draw(t, "relation") + operand.Draw(t, "right")
		return c + rapid.SampledFrom([]string{"", " and data.yes", " or data.none"}).Draw(t, "more")
	}
	var b strings.Builder
	for range rapid.IntRange(1, 2).Draw(t, "length") {
		what := 0
		if depth > 0 {
			what = rapid.IntRange(0, 6).Draw(t, "what")
		}
		inner := func(loop bool) string { return drawLiquid(t, depth-1, loop) }
		switch what {
		case 1:
			b.WriteString("{% if " + condition() + " %}" + inner(loop) + "{% elsif " + condition() + " %}" + inner(loop) + "{% else %}" +
				inner(loop) + "{% endif %}")
		case 2:
			b.WriteString("{% unless " + condition() + " %}" + inner(loop) + "{%- else -%}" + inner(loop) + "{% endunless %}")
		case 3:
			b.WriteString("{% case " + operand.Draw(t, "case") + " %}{% when " + operand.Draw(t,
				"when") + ", 3 %}" + inner(loop) + "{% else %}" + inner(loop) + "{% endcase %}")
		case 4:
			if loop {
				b.WriteString(rapid.SampledFrom([]string{"{% if i == 'p' %}{% break %}{% endif %}",
					"{% if forloop.first %}{% continue %}{% endif %}"}).Draw(t, "leave"))
				continue
			}
			b.WriteString("{% for i in " + rapid.SampledFrom([]string{"data.list", "(1..4)", "data.list offset: 1", "data.list limit: 2",
				"data.none", "data.list reversed"}).Draw(t, "list") +
				" %}" + inner(true) + "{% endfor %}")
		case 5:
			b.WriteString("{% assign v = " + operand.Draw(t, "assign") + " %}{{ v }}{% capture w %}" + inner(loop) + "{% endcapture %}{{ w }}")
		default:
			b.WriteString(" {{ " + operand.Draw(t, "output") + rapid.SampledFrom([]string{
				"", " | upcase", " | downcase", " | append: 'z'", " | prepend: data.n", " | default: 'none'", " | replace: 'a', 'b'", " | strip",
				" | remove: 'X'",
			}).Draw(t, "filter") + " }}")
		}
	}
	return b.String()
}
