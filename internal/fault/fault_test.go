package fault_test

import (
	"errors"
	"log/slog"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"bellman/internal/fault"
)

// A log has the cause, and nobody else.
func TestALogHasTheCause(t *testing.T) {
	t.Parallel()
	f := fault.New(fault.Unavailable, "x", "wait")
	for _, c := range []struct {
		err    error
		logged string
	}{{f, `error=wait`}, {f.Because(errors.New("refused")), `error="wait: refused"`}} {
		var text strings.Builder
		slog.New(slog.NewTextHandler(&text, nil)).Warn("w", "error", c.err)
		require.Contains(t, text.String(), c.logged+"\n")
		require.Equal(t, "wait", c.err.Error())
	}
}
