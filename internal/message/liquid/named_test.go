package liquid

import (
	"testing"

	"github.com/stretchr/testify/require"
)

var namedScope = Scope{Fields: map[string][]string{"contact": {"id", "city"}}, Named: "contact.fields", Open: "data", Hint: "-"}

// named are variables with a property behind contact.fields: the value of x is <x>.
type named struct{}

func (named) Variable(root string, path []string) any {
	if root == "contact" && len(path) == 2 && path[0] == "fields" {
		return "<" + path[1] + ">"
	}
	return nil
}

// A source knows what it uses of properties whose names the scope does not know, and
// where.
func TestNamed(t *testing.T) {
	t.Parallel()
	source := `{{ contact.fields.city }}{% if contact.fields["Місто"] %}{{ contact['fields']['a b'] | upcase }}{% endif %}` +
		`{% assign x = contact.fields.city %}{{ x }}{% for i in contact.fields.місто %}{{ i }}{% endfor %}{{ contact.fields["size"] }}`
	parsed := Parse(source, namedScope)
	require.Empty(t, parsed.Flaws)
	var names []string
	for _, n := range parsed.Named {
		names = append(names, n.Name)
		require.Equal(t, "contact", source[n.At:n.At+len("contact")])
	}
	require.Equal(t, []string{"city", "Місто", "a b", "city", "місто", "size"}, names)
	require.Equal(t, []string{"contact.fields.a b", "contact.fields.city", "contact.fields.size"}, parsed.Required,
		"a condition that asks for one has one, and a loop writes none")
	var r Renderer
	out, err := r.Render(nil, parsed, named{}, verbatim{})
	require.NoError(t, err)
	require.Equal(t, "<city><A B><city><місто><size>", string(out))
}

// One name follows, and it is written out.
func TestNamedFlaws(t *testing.T) {
	t.Parallel()
	for source, want := range map[string]string{
		"{{ contact.fields }}":                             `there is no contact.fields; write contact.fields and one name`,
		"{{ contact.fields[contact.id] }}":                 `there is no contact.fields; write contact.fields and one name`,
		"{{ contact.fields.city.size }}":                   `there is no contact.fields.city.size; write`,
		"{{ contact.plan }}":                               `there is no contact.plan; a custom field is contact.fields.plan`,
		"{{ contact.cyty }}":                               `there is no contact.cyty; did you mean contact.city?`,
		"{% for f in contact.fields %}{{ f }}{% endfor %}": `there is no contact.fields; write`,
	} {
		flaws := Parse(source, namedScope).Flaws
		require.Len(t, flaws, 1, source)
		require.Equal(t, "liquid_variable_unknown", flaws[0].Code)
		require.Contains(t, flaws[0].Reason, want, source)
	}
	require.Len(t, Parse("{{ contact.fields.city }}", testScope).Flaws, 1, "a scope without any")
}

func TestNumber(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]any{
		"0": 0, "-12": -12, "12.5": 12.5, "-0.05": -0.05,
		"1234567890123456789012": digits("1234567890123456789012"),
	} {
		require.Equal(t, want, Number(text), text)
	}
}
