package dispatch

import (
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"bellman/internal/outcome"
)

// inTurn is a guard of messages each of which is answered before the next one leaves.
type inTurn struct {
	guard

	left int64
}

func (g *inTurn) result() {
	g.left++
	g.guard.result(g.left)
}

func (g *inTurn) contentFault(reason outcome.Reason, detail string) Pause {
	g.left++
	return g.guard.contentFault(g.left, reason, detail)
}

// miss counts a chat that the bot does not know, leave a chat that is gone.
func miss(g *inTurn, chat int) Pause {
	g.left++
	return g.chatNotFound(Removal{int64(chat), int64(100 + chat)}, g.left, "Bad Request: chat not found")
}

func leave(g *inTurn, chat int) Pause {
	g.left++
	return g.chatGone(Removal{int64(chat), int64(100 + chat)}, g.left, "Forbidden: bot was blocked by the user")
}

func TestGuard(t *testing.T) {
	t.Parallel()
	t.Run("five equal content faults in a row", func(t *testing.T) {
		t.Parallel()
		var g inTurn
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
		var g inTurn
		for i := range massBad - 1 {
			require.Zero(t, miss(&g, i))
			require.Empty(t, g.removable(false))
		}
		require.Equal(t, outcome.MassChatNotFound, miss(&g, massBad).Reason)
		require.Empty(t, g.removable(true))
	})
	t.Run("a good bot removes those it does not know", func(t *testing.T) {
		t.Parallel()
		var g inTurn
		for chat := range 10 {
			g.result()
			require.Zero(t, miss(&g, chat))
			for range guardWindow - massBad {
				g.result()
				require.Empty(t, g.removable(false))
			}
			g.result()
			require.Equal(t, []Removal{{int64(chat), int64(100 + chat)}}, g.removable(false))
		}
	})
	t.Run("a small campaign", func(t *testing.T) {
		t.Parallel()
		var g inTurn
		miss(&g, 1)
		require.Equal(t, []Removal{{1, 101}}, g.removable(true))
		var bad inTurn
		for i := range 12 {
			miss(&bad, i)
		}
		require.Empty(t, bad.removable(true))
	})
	t.Run("nine in ten of any fifty", func(t *testing.T) {
		t.Parallel()
		for _, before := range []int{0, 18, 49, 50, 200} {
			for bad, paused := range map[int]bool{massBad - 1: false, massBad: true} {
				var g inTurn
				for range before {
					g.result()
				}
				for i := range bad - 1 {
					require.Zero(t, miss(&g, i))
				}
				p := miss(&g, bad)
				require.Equal(t, paused, p.Reason == outcome.MassChatNotFound)
				require.Equal(t, paused, p.Detail != "")
				require.Empty(t, g.removable(true))
			}
		}
	})
	t.Run("a good result in eight is enough", func(t *testing.T) {
		t.Parallel()
		var g inTurn
		removed := 0
		for i := range 1000 {
			if i%8 == 0 {
				g.result()
			} else {
				require.Zero(t, miss(&g, i))
			}
			removed += len(g.removable(i == 999))
		}
		require.Equal(t, 875, removed)
	})
	t.Run("who resumes is looked after anew", func(t *testing.T) {
		t.Parallel()
		var g inTurn
		for range 2 {
			for i := range massBad - 1 {
				require.Zero(t, miss(&g, i))
			}
			require.NotZero(t, miss(&g, 50))
		}
	})
	t.Run("one chat is no mass", func(t *testing.T) {
		t.Parallel()
		var g inTurn
		for range 10 * guardWindow {
			require.Zero(t, leave(&g, 1))
		}
		for range guardWindow {
			g.result()
		}
		require.Equal(t, []Removal{{1, 101}}, g.removable(false))
	})
	t.Run("a campaign that ends early", func(t *testing.T) {
		t.Parallel()
		for _, c := range []struct{ unknown, known, removed int }{{9, 0, 9}, {10, 0, 0}, {9, 1, 0}, {8, 2, 8}, {0, 9, 0}} {
			var g inTurn
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
		var g inTurn
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
	t.Run("nearly all of fifty left", func(t *testing.T) {
		t.Parallel()
		var g inTurn
		for range 5 {
			g.result()
		}
		for i := range 20 {
			require.Zero(t, miss(&g, i))
		}
		for i := range 24 {
			require.Zero(t, leave(&g, 20+i))
			require.Empty(t, g.removable(false))
		}
		require.Equal(t, Pause{outcome.MassGone, "Forbidden: bot was blocked by the user"}, leave(&g, 50))
		require.Empty(t, g.removable(true))
	})
	t.Run("whatever happens, nobody of a mass is removed", func(t *testing.T) {
		t.Parallel()
		random := rand.New(rand.NewPCG(1, 2))
		for range 300 {
			var (
				g       inTurn
				results []bool // good ones
				gone    = map[int64]bool{}
			)
			good := random.Float64()
			for i := range 400 {
				if i%100 == 0 {
					good = random.Float64() * random.Float64()
				}
				p := Pause{}
				if results = append(results, random.Float64() < good); results[i] {
					g.result()
				} else {
					p = leave(&g, i)
				}
				for _, r := range g.removable(false) {
					gone[r.ChatID] = true
				}
				bad := 0
				for _, well := range results[max(0, i+1-guardWindow):] {
					if !well {
						bad++
					}
				}
				mass := bad >= massBad
				require.Equal(t, mass, p.Reason != "")
				if mass {
					for chat := max(0, i+1-guardWindow); chat <= i; chat++ {
						require.False(t, gone[int64(chat)])
					}
					break
				}
			}
		}
	})
	t.Run("who left a campaign that was well is removed at its end", func(t *testing.T) {
		t.Parallel()
		for bad, removed := range map[int]int{fewResults - 1: fewResults - 1, fewResults: 0, massBad - 1: 0} {
			var g inTurn
			for range 500 {
				g.result()
			}
			for i := range bad {
				require.Zero(t, leave(&g, i))
				require.Empty(t, g.removable(false))
			}
			require.Len(t, g.removable(true), removed)
		}
	})
}

// Answers come in any order: the good ones that were on the wire when a mass began, and
// come after its first bad ones, do not show that these are well.
//
// spec: tg-mass-gone
func TestGuardWaitsForMessagesThatLeftLater(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		wire := rapid.IntRange(1, 200).Draw(t, "how many are on the wire at once")
		begins := rapid.IntRange(0, 300).Draw(t, "the last message before the mass")
		bad := rapid.IntRange(fewResults, 100).Draw(t, "messages of the mass")
		var g guard
		var under []int64 // way
		left, paused := int64(0), false
		answer := func() {
			at := rapid.IntRange(0, len(under)-1).Draw(t, "the next answer")
			number := under[at]
			under = slices.Delete(under, at, at+1)
			if number <= int64(begins) {
				g.result(number)
				return
			}
			p := g.chatGone(Removal{number, number}, left, "gone")
			paused = paused || p.Reason == outcome.MassGone
		}
		for left < int64(begins+bad) && !paused {
			left++
			under = append(under, left)
			for len(under) == wire && !paused {
				answer()
			}
			require.Empty(t, g.removable(false))
		}
		for len(under) > 0 && !paused {
			answer()
			require.Empty(t, g.removable(false))
		}
		require.Empty(t, g.removable(true))
	})
}

func TestGuardCountsLostAnswers(t *testing.T) {
	t.Parallel()
	var g inTurn
	for _, between := range []func(){
		func() { g.result() }, func() { leave(&g, 1) }, func() { miss(&g, 2) }, func() { g.contentFault("content_refused", "x") },
	} {
		for range lostAnswers - 1 {
			require.Zero(t, g.answerLost())
		}
		between()
		for range guardWindow {
			g.result() // not often, either
		}
	}
	for range 2 {
		for range lostAnswers - 1 {
			require.Zero(t, g.answerLost())
		}
		require.Equal(t, Pause{Reason: outcome.AnswersLost}, g.answerLost(), "whoever resumes has looked into it")
	}
}

// Answers that are lost again and again, though never many in a row, pause the
// campaign as well.
func TestGuardCountsAnswersThatAreOftenLost(t *testing.T) {
	t.Parallel()
	for every, paused := range map[int]bool{2: true, 3: true, 4: false, 10: false} {
		var g inTurn
		lost := 0
		p := Pause{}
		for i := range 1000 {
			if i%every != 0 {
				g.result()
				continue
			}
			lost++
			if p = g.answerLost(); p.Reason != "" {
				break
			}
		}
		require.Equal(t, paused, p.Reason == outcome.AnswersLost, every)
		if paused {
			require.Equal(t, oftenLost, lost)
		}
	}
}
