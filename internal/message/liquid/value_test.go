package liquid

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// ordered are values of every kind: those of one kind stand in their order, and
// values of two kinds are in none.
var ordered = [][]any{
	{nil}, {false, true}, {-2, -1.5, 0, 0.5, 1, 1.5, 2}, {"", "a", encoded("b"), "b c"},
	{[]any{}}, {[]any{1, "a"}}, {Object{}}, {interval{1, 2}}, {interval{1, 3}}, {safe("a")},
}

// TestOrder compares each value with each other one, in all ways.
func TestOrder(t *testing.T) {
	t.Parallel()
	for i, kind := range ordered {
		for j, a := range kind {
			for k, other := range ordered {
				for l, b := range other {
					same := i == k && j == l
					before := i == k && j < l
					if _, is := a.(Object); is {
						same = false
					}
					for relation, want := range map[string]bool{
						"==": same, "!=": !same, "<": before, "<=": before || same, ">": i == k && j > l, ">=": i == k && j > l || same,
					} {
						require.Equal(t, want, relations[relation](a, b), "%#v %s %#v", a, relation, b)
					}
				}
			}
		}
	}
	for _, pair := range [][2]any{{1, 1.0}, {1.0, 1}, {"a", encoded("a")}, {encoded("a"), "a"}, {"a", Sample("a")}, {[]any{1, "a"},
		[]any{1.0, encoded("a")}}} {
		require.True(t, equal(pair[0], pair[1]), "%#v", pair)
		require.False(t, less(pair[0], pair[1]), "%#v", pair)
	}
	for _, pair := range [][2]any{{[]any{1}, []any{1, 2}}, {[]any{1, 2}, []any{1}}, {Sample("a"), "a"}, {safe("a"), safe("b")}, {"a",
		safe("a")}} {
		require.False(t, equal(pair[0], pair[1]), "%#v", pair)
	}
	require.True(t, less("a", Sample("b")))
}

func TestContains(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		in, what any
		want     bool
	}{
		{"abc", "b", true}, {"abc", "d", false}, {"a1", 1, true}, {encoded("a%20"), "%", true}, {"abc", Sample("b"), true}, {"a", "", true},
		{[]any{1, "a"}, "a", true}, {[]any{1, "a"}, 1.0, true}, {[]any{1, "a"}, "b", false}, {[]any{nil}, nil, true},
		{Object{"k": nil}, "k", true}, {Object{"k": 1}, "l", false}, {Object{"": 1}, "", true}, {Object{"k": 1}, 1, false},
		{nil, nil, false}, {1, 1, false}, {true, true, false}, {safe("a"), "a", false}, {interval{1, 2}, 1, false},
	} {
		require.Equal(t, tt.want, contains(tt.in, tt.what), "%#v contains %#v", tt.in, tt.what)
	}
}

func TestTruthAndEmptiness(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		value       any
		true, empty bool
	}{
		{nil, false, true}, {false, false, true}, {true, true, false}, {0, true, false}, {0.0, true, false}, {"", true, true},
		{" ", true, false},
		{encoded(""), true, true}, {encoded("a"), true, false}, {safe(""), true, false}, {[]any{}, true, true}, {[]any{nil}, true, false},
		{Object{}, true, true}, {Object{"k": nil}, true, false}, {interval{2, 1}, true, false},
	} {
		require.Equal(t, tt.true, isTrue(tt.value), "%#v", tt.value)
		require.Equal(t, tt.empty, isEmpty(tt.value), "%#v", tt.value)
	}
}

// TestLookingUp asks values for their properties and items.
func TestLookingUp(t *testing.T) {
	t.Parallel()
	list, sample := []any{"a", "b", "c"}, Sample("?")
	for _, tt := range []struct {
		in   any
		name string
		want any
	}{
		{Object{"k": 1}, "k", 1}, {Object{"k": 1}, "l", nil}, {Object{"k": 1}, "size", 1}, {Object{"size": nil}, "size", nil},
		{Object{"first": 2}, "first", 2},
		{list, "size", 3}, {list, "first", "a"}, {list, "last", "c"}, {list, "k", nil}, {[]any{}, "size", 0}, {[]any{}, "first", nil},
		{[]any{}, "last", nil},
		{"aя", "size", 3}, {"aя", "first", nil}, {encoded("a"), "size", nil}, {sample, "k", sample}, {nil, "size", nil}, {1, "size", nil},
		{interval{1, 2}, "size", nil},
	} {
		require.Equal(t, tt.want, propertyOf(tt.in, tt.name), "%#v.%s", tt.in, tt.name)
	}
	for _, tt := range []struct{ in, by, want any }{
		{list, 0, "a"}, {list, 2, "c"}, {list, 3, nil}, {list, -1, "c"}, {list, -3, "a"}, {list, -4, nil}, {list, 1.9, "b"},
		{list, "first", nil}, {list, nil, nil},
		{list, true, nil}, {Object{"k": 1}, "k", 1}, {Object{"k": 1}, 1, nil}, {Object{"": 2}, 1, 2}, {sample, "k", sample},
		{sample, 1, sample}, {"abc", 1, nil}, {nil, 0, nil},
	} {
		require.Equal(t, tt.want, itemOf(tt.in, tt.by), "%#v[%#v]", tt.in, tt.by)
	}
}

func TestConversions(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		value any
		want  int
	}{{7, 7}, {1.9, 1}, {-1.9, -1}, {true, 1}, {false, 0}, {"12", 12}} {
		got, err := toWhole(tt.value)
		require.NoError(t, err)
		require.Equal(t, tt.want, got, "%#v", tt.value)
	}
	for _, value := range []any{nil, "x", "1.5", "", []any{}, Object{}} {
		got, err := toWhole(value)
		require.Error(t, err, "%#v", value)
		require.Zero(t, got)
	}
	for _, tt := range []struct {
		value any
		want  string
	}{{nil, ""}, {1.5, "1.5"}, {1e21, "1000000000000000000000"}, {7, "7"}, {true, "true"}, {"a", "a"}, {encoded("a%20"), "a%20"},
		{safe("<"), "<"}, {Object{"k": 1}, ""}} {
		require.Equal(t, tt.want, textOf(tt.value), "%#v", tt.value)
	}
	for _, tt := range []struct {
		value any
		want  []any
	}{
		{nil, nil}, {"a", []any{"a"}}, {[]any{1, 2}, []any{1, 2}}, {interval{-1, 1}, []any{-1, 0, 1}}, {interval{1, 1}, []any{1}},
		{interval{2, 1}, []any{}},
		{Object{"b": 1, "a": 2}, []any{[]any{"a", 2}, []any{"b", 1}}}, {Object{}, []any{}},
	} {
		got, err := listOf(tt.value)
		require.NoError(t, err)
		require.Equal(t, tt.want, got, "%#v", tt.value)
	}
	for _, value := range []any{make([]any, maxIterations+1), interval{1, maxIterations + 1}} {
		_, err := listOf(value)
		require.ErrorIs(t, err, errTooLong)
	}
	for _, value := range []any{make([]any, maxIterations), interval{1, maxIterations}} {
		got, err := listOf(value)
		require.NoError(t, err)
		require.Len(t, got, maxIterations)
	}
}

// A question names what was meant, when that is near.
func TestMeant(t *testing.T) {
	t.Parallel()
	known := []string{"firstName", "lastName", "email", "id"}
	require.Empty(t, meant("x", "%s", known))
	require.Equal(t, "; did you mean contact.email?", meant("emial", "contact.%s", known))
}
