package main

import (
	"log/slog"
	"net/netip"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestFilesComeFromPrivateHostsOnlyWhereThatIsAllowed(t *testing.T) {
	t.Parallel()
	inside := netip.MustParseAddr("10.0.0.1")
	require.False(t, settings{}.reachable()(inside))
	require.True(t, settings{privateHosts: true}.reachable()(inside))
}

func TestLogHasTheFormOfTheSetting(t *testing.T) {
	t.Parallel()
	for format, line := range map[string]string{"text": `level=WARN msg="it is late" n=1`, "json": `"level":"WARN","msg":"it is late","n":1`} {
		var text strings.Builder
		log := (&serveCommand{LogFormat: format, LogLevel: slog.LevelWarn}).newLog(&text)
		log.Info("it is early")
		log.Warn("it is late", "n", 1)
		require.Contains(t, text.String(), line)
		require.NotContains(t, text.String(), "early")
	}
}
