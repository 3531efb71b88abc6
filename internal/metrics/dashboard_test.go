package metrics_test

import (
	"encoding/json"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"bellman/internal/dispatch"
)

// TestDashboardShowsTheMetrics compares the dashboard with the metrics of a process
// that does everything: it names no other metrics, and leaves none of Bellman's own
// out.
func TestDashboardShowsTheMetrics(t *testing.T) {
	t.Parallel()
	p := setup(t)
	p.bots = []dispatch.BotStatus{{BotID: 1, Rate: 30}}
	p.Answered("manage", 200, time.Millisecond)
	told := told(p.scrape(t))
	shown := shown(t)
	for _, name := range shown {
		require.Contains(t, told, name, "on the dashboard, and nowhere else")
	}
	for _, name := range told {
		if strings.HasPrefix(name, "bellman_") {
			require.Contains(t, shown, name, "not on the dashboard")
		}
	}
}

// told returns the names of the metrics of a scrape.
func told(lines []string) []string {
	var names []string
	for _, line := range lines {
		if rest, ok := strings.CutPrefix(line, "# TYPE "); ok {
			name, _, _ := strings.Cut(rest, " ")
			names = append(names, name)
		}
	}
	return names
}

// shown returns the names of the metrics in the dashboard's queries; for the parts
// of a histogram, the name of the histogram.
func shown(t *testing.T) []string {
	t.Helper()
	text, err := os.ReadFile("../../deploy/grafana/bellman.json")
	require.NoError(t, err)
	var dashboard struct {
		Panels []struct {
			Targets []struct{ Expr string }
		}
	}
	require.NoError(t, json.Unmarshal(text, &dashboard))
	metric := regexp.MustCompile(`\b(?:bellman|go|process)_\w+`)
	var names []string
	for _, panel := range dashboard.Panels {
		for _, target := range panel.Targets {
			found := metric.FindAllString(target.Expr, -1)
			require.NotEmpty(t, found, target.Expr)
			for _, name := range found {
				for _, part := range []string{"_bucket", "_sum", "_count"} {
					name = strings.TrimSuffix(name, part)
				}
				names = append(names, name)
			}
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}
