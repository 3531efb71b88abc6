package message

import (
	"bytes"
	"encoding/json"
	"testing"
	"unicode/utf8"

	"github.com/osteele/liquid/values"
	"github.com/stretchr/testify/require"
)

// FuzzData holds the reader against the standard library's: it takes the same
// JSON, and what it reads is the same.
func FuzzData(f *testing.F) {
	for _, data := range []string{
		`{"a":{"b":[1,-2.5,1e3,"x\n\u00e9\ud83d\ude00",true,false,null,{}]},"a":2}`, ` [ ] `, `"\""`, `12345678901234567890`, `1e999`, `{"a":{"b":1},"\u0061":{"c":2},"size":{}}`, `{"a":`, `nul`, `-0`, `""`,
	} {
		f.Add([]byte(data))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		got, err := decodeData(data)
		d := json.NewDecoder(bytes.NewReader(data))
		d.UseNumber()
		var want any
		if len(data) == 0 || len(data) > MaxData {
			return
		}
		if !json.Valid(data) {
			require.Error(t, err)
			return
		}
		require.NoError(t, err)
		if !utf8.Valid(data) { // what is no text is made text where it is written
			return
		}
		require.NoError(t, d.Decode(&want))
		requireSame(t, want, got)
		var index dataIndex
		require.NoError(t, index.read(data))
		requireIndexed(t, &index, got, nil)
	})
}

// requireIndexed asks for every member of every object, and for some more.
func requireIndexed(t *testing.T, index *dataIndex, want any, path []string) {
	t.Helper()
	require.Equal(t, want, index.value(path), path)
	o, is := want.(object)
	if !is {
		size := values.ValueOf(want).PropertyValue(values.ValueOf("size")).Interface()
		require.Equal(t, size, index.value(append(path, "size")), path)
		return
	}
	if _, is := o["none"]; !is {
		require.Nil(t, index.value(append(path, "none", "at all")), path)
	}
	for name, v := range o {
		requireIndexed(t, index, v, append(path, name))
	}
}

func requireSame(t *testing.T, want, got any) {
	t.Helper()
	switch want := want.(type) {
	case map[string]any:
		o, is := got.(object)
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
		default:
			require.Equal(t, want.String(), got)
		}
	case string:
		require.Equal(t, want, got)
	default:
		require.Equal(t, want, got)
	}
}
