package store_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"bellman/internal/store"
	"bellman/internal/store/storetest"
	"bellman/internal/summary"
	"bellman/internal/workspace"
)

func TestSummaries(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.DB) {
		id := broadcast(t, s, connect(t, s, 5), 1)
		ids, err := s.Summaries.Launched(t.Context(), start, 10)
		require.NoError(t, err)
		require.Equal(t, []int64{id}, ids)
		ids, err = s.Summaries.Launched(t.Context(), start.Add(time.Millisecond), 10)
		require.NoError(t, err)
		require.Empty(t, ids)
		found, err := s.Summaries.Stored(t.Context(), []int64{id, id + 1})
		require.NoError(t, err)
		require.Len(t, found, 1)
		require.Contains(t, found[0].Content, "hi")
		found[0].Content = ""
		require.Equal(t, summary.Stored{Campaign: summary.Campaign{
			ID: id, WorkspaceID: 1, MessageID: found[0].MessageID, MessageName: "m", LaunchedAt: start, UTM: workspace.DefaultUTM,
		}}, found[0])
	})
}
