package main

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestComplaints(t *testing.T) {
	t.Parallel()
	const good, bad = "time=1 level=INFO msg=\"stopping\"\n", "time=2 level=ERROR msg=\"it failed\"\n"
	require.Empty(t, complaints("server-1", good+`time=3 level=WARN msg="level=ERRORS"`))
	require.Equal(t, []string{
		`server-1 has an error in its orderly stop: time=2 level=ERROR msg="it failed"`,
	}, complaints("server-1", good+bad+good))
}

func TestJudgeStops(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		faults map[string]int
		broken int
	}{
		"nothing":               {broken: 1},
		"a crash of PostgreSQL": {faults: map[string]int{string(postgresImmediate): 1}, broken: 1},
		"a silent database":     {faults: map[string]int{string(silentDatabase): 1}},
		"one that is not heard": {faults: map[string]int{string(deafDatabase): 1}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := &result{faults: tt.faults}
			r.judgeStops([]string{"server-1 has an error in its orderly stop"})
			require.Len(t, r.broken, tt.broken)
		})
	}
}
