package liquid

import (
	"bytes"
	"encoding/json"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/require"
)

// FuzzJSON holds the reader against the standard library's: what it reads of
// valid JSON is the same.
func FuzzJSON(f *testing.F) {
	for _, text := range []string{
		`{"a":{"b":[1,-2.5,1e3,"x\n\u00e9\ud83d\ude00",true,false,null,{}]},"a":2}`, ` [ ] `, `"\""`, `12345678901234567890`, `1e999`,
		`{"a":{"b":1},"\u0061":{"c":2},"size":{}}`, `-0`, `""`, `null`,
		`{"a":[{"x":"]}\\\""},"}",[1,[2]],{"y":{}}],"b":-1E+2,"c":1E3,"d":2e-1,"e":{"f":[],"g":{"h":"\\\\"}},"i":"j"}`,
		`[1E5,1e5,-7,0.5,true]`,
		`{"size":1,"first":{"last":[1]},"":{"":2}}`,
	} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		// What is no text is made text where it is written.
		if !json.Valid(text) || !utf8.Valid(text) {
			return
		}
		d := json.NewDecoder(bytes.NewReader(text))
		d.UseNumber()
		var want any
		require.NoError(t, d.Decode(&want))
		var x JSON
		x.Read(text)
		got := x.Value(nil)
		requireSame(t, want, got)
		requireFound(t, &x, got, nil)
	})
}

// requireFound asks for every member of every object, and for some more.
func requireFound(t *testing.T, x *JSON, want any, path []string) {
	t.Helper()
	require.Equal(t, want, x.Value(path), path)
	o, is := want.(Object)
	if !is {
		require.Equal(t, propertyOf(want, "size"), x.Value(append(path, "size")), path)
		return
	}
	if _, is := o["none"]; !is {
		require.Nil(t, x.Value(append(path, "none", "at all")), path)
	}
	for name, v := range o {
		requireFound(t, x, v, append(path, name))
	}
}

func requireSame(t *testing.T, want, got any) {
	t.Helper()
	switch want := want.(type) {
	case map[string]any:
		o, is := got.(Object)
		require.True(t, is)
		require.Len(t, o, len(want))
		for name, v := range want {
			require.Contains(t, o, name)
			requireSame(t, v, o[name])
		}
	case []any:
		list, is := got.([]any)
		require.True(t, is)
		require.Len(t, list, len(want))
		for i := range want {
			requireSame(t, want[i], list[i])
		}
	case json.Number:
		switch got := got.(type) {
		case int:
			n, err := want.Int64()
			require.NoError(t, err)
			require.Equal(t, int(n), got)
		case float64:
			f, err := want.Float64()
			require.NoError(t, err)
			require.InDelta(t, f, got, 0)
		case digits:
			require.Equal(t, want.String(), string(got))
			_, err := want.Int64()
			require.Error(t, err)
		default:
			require.Equal(t, want.String(), got)
		}
	default:
		require.Equal(t, want, got)
	}
}

// A value that is asked for again is not decoded again.
func TestJSONIsDecodedOnce(t *testing.T) {
	t.Parallel()
	var x JSON
	x.Read([]byte(`{"a":{"b":[1,2]}}`))
	once, again := x.Value([]string{"a", "b"}).([]any), x.Value([]string{"a", "b"}).([]any)
	require.Equal(t, []any{1, 2}, once)
	require.Same(t, &once[0], &again[0])
}

func TestJSONIsReused(t *testing.T) {
	t.Parallel()
	var x JSON
	require.Nil(t, x.Value([]string{"a"}))
	x.Read([]byte(`{"a":{"b":1}}`))
	require.Equal(t, 1, x.Value([]string{"a", "b"}))
	x.Read([]byte(`{"a":2}`))
	require.Equal(t, 2, x.Value([]string{"a"}))
	x.Forget()
	require.Nil(t, x.Value([]string{"a"}))
	x.Read(nil)
	require.Nil(t, x.Value(nil))
}
