package integration

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"bellman/internal/api/body"
	"bellman/internal/contact"
)

// FuzzMembers compares the walk over objects and arrays with the standard
// decoder.
func FuzzMembers(f *testing.F) {
	for _, seed := range []string{`{}`, ` { "a" : [ ] , "b":{"c":"}\""} }`, `{"a":[1,"]",null,{"x":[[]]}]}`, `[1]`, `null`, "{\"é\":\t-1.5e-7\n}"} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		if body.Check(raw) != nil {
			return
		}
		var want map[string]json.RawMessage
		isObject := json.Unmarshal(raw, &want) == nil
		got := map[string]json.RawMessage{}
		escaped := false
		err := members(raw, func(name string, value []byte) error {
			require.True(t, json.Valid(value), "%q", value)
			escaped = escaped || strings.Contains(name, `\`)
			got[name] = value
			return compareElements(t, value)
		})
		require.Equal(t, isObject, err == nil)
		if !isObject || escaped {
			return
		}
		require.Len(t, got, len(want))
		for name, value := range want {
			require.Equal(t, string(value), string(got[name]))
		}
	})
}

func compareElements(t *testing.T, value []byte) error {
	t.Helper()
	var want, got []json.RawMessage
	if value[0] != '[' {
		return nil
	}
	require.NoError(t, json.Unmarshal(value, &want))
	require.NoError(t, elements(value, func(i int, value []byte) error {
		require.Len(t, got, i)
		got = append(got, value)
		return nil
	}))
	require.Len(t, got, len(want))
	for i := range want {
		require.Equal(t, string(want[i]), string(got[i]))
	}
	return nil
}

func TestShapeErrorNamesThePlace(t *testing.T) {
	t.Parallel()
	err := inside("a", inside("[2]", inside("b", inside("c", want("x")))))
	require.EqualError(t, err, "a[2].b.c must be x")
	require.EqualError(t, want("x"), "the body must be x")
}

// tokensBody returns a tokens call of n items, as a customer's system sends
// them.
func tokensBody(n int) []byte {
	items := make([]string, n)
	for i := range items {
		items[i] = fmt.Sprintf(`{"token":"%d","externalCustomerId":"customer-%d","phone":"+38050%07d","email":"person%d@example.com"}`,
			500_000_000+i, i, i, i)
	}
	return []byte(`{"tokens":[` + strings.Join(items, ",") + `]}`)
}

// BenchmarkTokens measures what the tokens call costs beside the database:
// check, decode and encode of 1000 items.
func BenchmarkTokens(b *testing.B) {
	const n = 1000
	raw := tokensBody(n)
	b.SetBytes(int64(len(raw)))
	b.ReportAllocs()
	for b.Loop() {
		if err := body.Check(raw); err != nil {
			b.Fatal(err)
		}
		items, echoes, err := decodeTokens(raw)
		if err != nil || len(items) != n {
			b.Fatal(err)
		}
		out := tokensAnswer{Results: make([]tokenAnswer, n)}
		for i, echo := range echoes {
			out.Results[i] = tokenAnswer{Token: echo, ContactID: int64(i), Status: contact.TokenCreated}
		}
		if _, err := json.Marshal(out); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(n)*float64(b.N)/b.Elapsed().Seconds(), "items/s")
}
