package audience_test

import (
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"

	"bellman/internal/audience"
	"bellman/internal/store"
	"bellman/internal/store/storetest"
)

// Of two who have seen the same group, one changes it: the other is told.
func TestTwoWhoRenameAGroup(t *testing.T) {
	t.Parallel()
	errChanged := errors.New("changed")
	storetest.Each(t, func(t *testing.T, s *store.DB) {
		groups := audience.New(s.Groups, now)
		g, err := groups.Create(t.Context(), 1, "0")
		require.NoError(t, err)
		for round := range 10 {
			var (
				all  sync.WaitGroup
				done atomic.Int32
			)
			for who := range 3 {
				all.Go(func() {
					unless := func(is audience.Group) error {
						if is.Name != g.Name {
							return errChanged
						}
						return nil
					}
					var err error
					if who == 2 && round == 9 {
						err = groups.Delete(t.Context(), 1, g.ID, unless)
					} else {
						_, err = groups.Rename(t.Context(), 1, g.ID, fmt.Sprint(round, " by ", who), unless)
					}
					if err == nil {
						done.Add(1)
					} else if !errors.Is(err, errChanged) && !errors.Is(err, audience.ErrNotFound) {
						t.Error(err)
					}
				})
			}
			all.Wait()
			require.EqualValues(t, 1, done.Load(), round)
			if g, err = groups.Get(t.Context(), 1, g.ID); round < 9 {
				require.NoError(t, err)
			}
		}
	})
}
