package bot_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"bellman/internal/bot"
	"bellman/internal/store"
	"bellman/internal/store/storetest"
	"bellman/internal/workspace"
)

func TestDefault(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.DB) {
		ctx, bots := t.Context(), bot.New(s.Bots, nil, nil, time.Now, nil)
		_, err := bots.Default(ctx, workspace.Default)
		require.ErrorIs(t, err, bot.ErrNotFound)

		var ids []int64
		for i := range 103 {
			state := bot.Paused
			if i == 101 {
				state = bot.Active
			}
			b, err := s.Bots.Save(ctx, bot.Bot{
				WorkspaceID: workspace.Default, AppUUID: fmt.Sprintf("00000000-0000-4000-8000-%012d", i), TelegramID: int64(i + 1),
				Username: "b", Name: "b", SealedToken: []byte("x"), State: state, CreatedAt: time.Unix(1, 0), UpdatedAt: time.Unix(1, 0),
			})
			require.NoError(t, err)
			ids = append(ids, b.ID)
			if i == 1 {
				first, err := bots.Default(ctx, workspace.Default)
				require.NoError(t, err)
				require.Equal(t, ids[0], first.ID, "none is active: the oldest")
			}
		}
		first, err := bots.Default(ctx, workspace.Default)
		require.NoError(t, err)
		require.Equal(t, ids[101], first.ID, "the oldest that is active")
		all, err := bots.All(ctx, workspace.Default)
		require.NoError(t, err)
		require.Len(t, all, 103)
	})
}
