package imports_test

import (
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"bellman/internal/fault"
	"bellman/internal/imports"
)

var lineEnd = regexp.MustCompile(`\r\n|\r|\n`)

// Whatever a file holds, it is refused, or each of its rows is told of once, in
// their order, and no identifier is made of several lines.
func FuzzFile(f *testing.F) {
	for _, seed := range []string{
		"Email,City\na@x.ua,K\n", "Email;SMS\n\"a\"\"b\";1\n", "\ufeffid\n1", "a,b\n\"", "Email\r\r\n\x00,\xff",
		"External ID,City,Email\n1,\"a\n2,b,c@x.ua\n3,\"b\nc\",d@x.ua\n4,e\",f@x.ua\n", "sep=|\nEmail|Card\na|\"b\n\"\n",
		"\xff\xfeE\x00m\x00a\x00i\x00l\x00\n\x00a\x00",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		rows, err := imports.ReadFile(text)
		if err != nil {
			require.Equal(t, fault.Invalid, fault.KindOf(err), "%v", err)
			return
		}
		require.LessOrEqual(t, len(rows), len(lineEnd.FindAllString(text, -1)))
		row := 1
		for n, r := range rows {
			require.Equal(t, n, r.Index)
			require.Greater(t, r.Row, row-1)
			row = r.Row + 1
			if r.ExternalCustomerID != nil && r.Wrong == "" {
				require.NotRegexp(t, lineEnd, *r.ExternalCustomerID)
			}
			if strings.HasPrefix(r.Wrong, "row_") && r.Wrong != "row_not_utf8" {
				require.Zero(t, r.Email)
			}
		}
	})
}
