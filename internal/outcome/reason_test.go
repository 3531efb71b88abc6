package outcome_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"bellman/internal/outcome"
)

// Each reason of a recipient comes with the statuses under which it is explained.
func TestReasonsHaveStatuses(t *testing.T) {
	t.Parallel()
	for reason, want := range map[outcome.Reason][]outcome.Status{
		outcome.BotBlocked:      {outcome.Failed},
		outcome.Cancelled:       {outcome.Skipped},
		outcome.AnswerLost:      {outcome.Unknown},
		outcome.NotTelegram:     {"", outcome.Failed},
		outcome.TooManyRequests: {""},
		outcome.Restored:        {outcome.Unknown}, // of campaigns and webhooks, too
		"text_too_long":         {outcome.Failed},
	} {
		require.Equal(t, want, reason.Statuses(), reason)
	}
	for _, g := range outcome.Catalogue {
		for _, e := range g.Entries {
			if e.Reason != "" && (g.Status != "" || g.Waiting) {
				require.Contains(t, e.Reason.Statuses(), g.Status, e.Reason)
				require.NotEmpty(t, e.Reason.Means(g.Status), e.Reason)
				require.NotContains(t, e.Reason.Means(g.Status), "`", "words, no marks")
			}
		}
	}
	require.Empty(t, outcome.BotBlocked.Means(outcome.Skipped))
	require.Empty(t, outcome.Reason("").Means(outcome.Failed))
	require.Empty(t, outcome.TokenRefused.Means(""), "that is of bots")
}
