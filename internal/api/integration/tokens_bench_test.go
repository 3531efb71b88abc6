package integration

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"bellman/internal/api/body"
	"bellman/internal/api/loose"
	"bellman/internal/contact"
)

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

// BenchmarkTokens measures the cost of the tokens call without the database: check,
// decode and encode of 1000 items.
func BenchmarkTokens(b *testing.B) {
	const n = 1000
	raw := tokensBody(n)
	b.SetBytes(int64(len(raw)))
	b.ReportAllocs()
	for b.Loop() {
		if err := body.Check(raw); err != nil {
			b.Fatal(err)
		}
		sent, err := decodeTokens(loose.Parse(raw))
		if err != nil || len(sent.items) != n {
			b.Fatal(err)
		}
		out := tokensAnswer{Results: make([]tokenAnswer, n)}
		for i, echo := range sent.echoes {
			out.Results[i] = tokenAnswer{Token: echo, ContactID: int64(i), Status: contact.TokenCreated}
		}
		if _, err := json.Marshal(out); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(n)*float64(b.N)/b.Elapsed().Seconds(), "items/s")
}
