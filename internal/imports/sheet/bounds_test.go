package sheet_test

import (
	"errors"
	"io"
	"runtime"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"bellman/internal/imports/sheet"
)

// The memory for a file does not depend on what is in it.
//
//nolint:paralleltest // what else runs would be measured
func TestMemory(t *testing.T) {
	const size = 10 << 20
	for name, text := range map[string]string{
		"commas": "Email,City\n" + strings.Repeat(",", size), "quotes": "Email,City\n" + strings.Repeat("\"", size),
		"open": "Email,City\n\"" + strings.Repeat("x", size), "lines": "Email,City\n\"" + strings.Repeat("\n", size),
		"letters": "Email,City\n" + strings.Repeat("x", size), "columns": strings.Repeat(",", size),
		"one name": strings.Repeat("x", size), "open name": "\"" + strings.Repeat("x\n", size/2),
	} {
		most := heap()
		begin := most
		r, err := sheet.NewReader(strings.NewReader(text), hints)
		for n := 0; err == nil; n++ {
			_, err = r.Read()
			if n%100_000 == 0 {
				most = max(most, heap())
			}
		}
		most = max(most, heap())
		runtime.KeepAlive(r)
		require.Less(t, int64(most)-int64(begin), int64(8<<20), name)
	}
}

// heap returns how many bytes are in use.
func heap() uint64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}

// FuzzReader has every line of a table accounted for, once and in order.
func FuzzReader(f *testing.F) {
	for _, seed := range []string{
		"Email,City\na,b\n", "Email;City\n\"a\nb\";c\n\"d;e\nf\"g\n", "sep=|\nEmail|a\n\"", "Email\r\"a\rb\"\r", "\"\"\"\n",
		"Email,\"a\n\"\n1,2,3\n1,2",
		"a,b\n1,\"2\n3,4\n5,6\"", "\xfe\xff\x00E\x00\n",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		r, err := sheet.NewReader(strings.NewReader(text), hints)
		if err != nil {
			var refused *sheet.Error
			require.ErrorAs(t, err, &refused)
			return
		}
		line, number := 0, 0
		for {
			row, err := r.Read()
			if errors.Is(err, io.EOF) {
				break
			}
			require.NoError(t, err)
			require.Greater(t, row.Line, line)
			require.Greater(t, row.Number, number)
			require.LessOrEqual(t, row.Number, row.Line)
			require.LessOrEqual(t, len(row.Cells), len(r.Names()))
			line, number = row.Line, row.Number
			if row.Broken == nil {
				line += strings.Count(strings.Join(row.Cells, ""), "\n")
			}
		}
	})
}
