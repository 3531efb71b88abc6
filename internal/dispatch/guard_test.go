package dispatch

import (
	"testing"

	"github.com/stretchr/testify/require"

	"bellman/internal/outcome"
)

func TestGuard(t *testing.T) {
	t.Parallel()
	t.Run("five equal content faults in a row", func(t *testing.T) {
		t.Parallel()
		var g guard
		for range 4 {
			require.Zero(t, g.contentFault("content_refused", "x"))
		}
		require.Zero(t, g.contentFault("content_refused", "y"))
		for range 3 {
			require.Zero(t, g.contentFault("content_refused", "y"))
		}
		g.result()
		for range 4 {
			require.Zero(t, g.contentFault("content_refused", "y"))
		}
		require.Equal(t, Pause{"content_refused", "y"}, g.contentFault("content_refused", "y"))
	})
	t.Run("a wrong bot removes nobody", func(t *testing.T) {
		t.Parallel()
		var g guard
		for i := range 49 {
			require.Zero(t, g.chatNotFound(int64(i)))
			require.Empty(t, g.removable(false))
		}
		require.Equal(t, outcome.MassChatNotFound, g.chatNotFound(49).Reason)
		require.Empty(t, g.removable(false))
	})
	t.Run("a good bot removes those it does not know", func(t *testing.T) {
		t.Parallel()
		var g guard
		require.Zero(t, g.chatNotFound(7))
		for range 49 {
			require.Zero(t, g.result())
		}
		require.Equal(t, []int64{7}, g.removable(false))
		require.Zero(t, g.chatNotFound(8))
		require.Equal(t, []int64{8}, g.removable(false))
	})
	t.Run("a small campaign", func(t *testing.T) {
		t.Parallel()
		var g guard
		g.chatNotFound(1)
		require.Equal(t, []int64{1}, g.removable(true))
		var bad guard
		for i := range 12 {
			bad.chatNotFound(int64(i))
		}
		require.Empty(t, bad.removable(true))
	})
	t.Run("nine in ten of the first fifty", func(t *testing.T) {
		t.Parallel()
		for unknown, paused := range map[int]bool{44: false, 45: true} {
			var g guard
			for range firstResults - unknown {
				require.Zero(t, g.result())
			}
			for i := range unknown - 1 {
				require.Zero(t, g.chatNotFound(int64(i)))
			}
			p := g.chatNotFound(int64(unknown))
			require.Equal(t, paused, p.Reason == outcome.MassChatNotFound)
			require.Equal(t, paused, p.Detail != "")
			require.Equal(t, !paused, len(g.removable(false)) == unknown)
		}
	})
	t.Run("who resumes is looked after anew", func(t *testing.T) {
		t.Parallel()
		var g guard
		for range 2 {
			for i := range firstResults - 1 {
				require.Zero(t, g.chatNotFound(int64(i)))
			}
			require.NotZero(t, g.chatNotFound(50))
		}
	})
	t.Run("a campaign that ends early", func(t *testing.T) {
		t.Parallel()
		for _, c := range []struct{ unknown, known, removed int }{{9, 0, 9}, {10, 0, 0}, {9, 1, 0}, {8, 2, 8}, {0, 9, 0}} {
			var g guard
			for i := range c.unknown {
				g.chatNotFound(int64(i))
			}
			for range c.known {
				g.result()
			}
			require.Empty(t, g.removable(false), "%+v", c)
			require.Len(t, g.removable(true), c.removed, "%+v", c)
			require.Empty(t, g.removable(true), "once is enough")
		}
	})
	t.Run("an unknown chat is no content fault", func(t *testing.T) {
		t.Parallel()
		var g guard
		for range sameContentFaults {
			require.Zero(t, g.contentFault("content_refused", "x"))
			require.Zero(t, g.chatNotFound(1))
		}
	})
}
