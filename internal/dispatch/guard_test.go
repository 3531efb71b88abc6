package dispatch

import (
	"testing"

	"github.com/stretchr/testify/require"

	"bellman/internal/outcome"
)

// miss counts a chat that the bot does not know, leave a chat that is gone.
func miss(g *guard, chat int) Pause {
	return g.chatNotFound(Removal{int64(chat), int64(100 + chat)}, "Bad Request: chat not found")
}

func leave(g *guard, chat int) Pause {
	return g.chatGone(Removal{int64(chat), int64(100 + chat)}, "Forbidden: bot was blocked by the user")
}

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
			require.Zero(t, miss(&g, i))
			require.Empty(t, g.removable(false))
		}
		require.Equal(t, outcome.MassChatNotFound, miss(&g, 49).Reason)
		require.Empty(t, g.removable(false))
	})
	t.Run("a good bot removes those it does not know", func(t *testing.T) {
		t.Parallel()
		var g guard
		require.Zero(t, miss(&g, 7))
		for range 49 {
			require.Zero(t, g.result())
		}
		require.Equal(t, []Removal{{7, 107}}, g.removable(false))
		require.Zero(t, miss(&g, 8))
		require.Equal(t, []Removal{{8, 108}}, g.removable(false))
	})
	t.Run("a small campaign", func(t *testing.T) {
		t.Parallel()
		var g guard
		miss(&g, 1)
		require.Equal(t, []Removal{{1, 101}}, g.removable(true))
		var bad guard
		for i := range 12 {
			miss(&bad, i)
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
				require.Zero(t, miss(&g, i))
			}
			p := miss(&g, unknown)
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
				require.Zero(t, miss(&g, i))
			}
			require.NotZero(t, miss(&g, 50))
		}
	})
	t.Run("a campaign that ends early", func(t *testing.T) {
		t.Parallel()
		for _, c := range []struct{ unknown, known, removed int }{{9, 0, 9}, {10, 0, 0}, {9, 1, 0}, {8, 2, 8}, {0, 9, 0}} {
			var g guard
			for i := range c.unknown {
				miss(&g, i)
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
			require.Zero(t, miss(&g, 1))
		}
	})
}

// No chat is removed while it is possible that the same answer comes for every
// chat.
//
// spec: tg-mass-gone
func TestGuardWaitsBeforeItRemoves(t *testing.T) {
	t.Parallel()
	t.Run("nearly all of the first fifty left", func(t *testing.T) {
		t.Parallel()
		var g guard
		for range 5 {
			require.Zero(t, g.result())
		}
		for i := range 20 {
			require.Zero(t, miss(&g, i))
		}
		for i := range 24 {
			require.Zero(t, leave(&g, i))
			require.Empty(t, g.removable(false))
		}
		require.Equal(t, Pause{outcome.MassGone, "Forbidden: bot was blocked by the user"}, leave(&g, 25))
		require.Empty(t, g.removable(true))
	})
	t.Run("once enough are well, those who left are removed", func(t *testing.T) {
		t.Parallel()
		var g guard
		require.Zero(t, leave(&g, 1))
		require.Zero(t, miss(&g, 2))
		for range 5 {
			require.Zero(t, g.result())
			require.Empty(t, g.removable(false))
		}
		require.Zero(t, g.result())
		require.Equal(t, []Removal{{1, 101}, {2, 102}}, g.removable(false))
		require.Zero(t, leave(&g, 3))
		require.Equal(t, []Removal{{3, 103}}, g.removable(false), "the others are done")
	})
	t.Run("who left a small campaign is removed at its end", func(t *testing.T) {
		t.Parallel()
		var g guard
		for i := range 12 {
			require.Zero(t, leave(&g, i))
		}
		require.Zero(t, miss(&g, 12))
		require.Empty(t, g.removable(false))
		require.Len(t, g.removable(true), 12, "but for the one that the bot does not know")
	})
}

func TestGuardCountsLostAnswers(t *testing.T) {
	t.Parallel()
	var g guard
	for _, between := range []func(){
		func() { g.result() }, func() { leave(&g, 1) }, func() { miss(&g, 1) }, func() { g.contentFault("content_refused", "x") },
	} {
		for range lostAnswers - 1 {
			require.Zero(t, g.answerLost())
		}
		between()
	}
	for range 2 {
		for range lostAnswers - 1 {
			require.Zero(t, g.answerLost())
		}
		require.Equal(t, Pause{Reason: outcome.AnswersLost}, g.answerLost(), "whoever resumes has looked into it")
	}
}
