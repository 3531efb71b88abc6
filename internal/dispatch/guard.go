package dispatch

import "bellman/internal/outcome"

// Limits of the guard.
const (
	// sameContentFaults is how many identical content faults in a row mean that
	// the content is at fault, not a recipient.
	sameContentFaults = 5
	// firstResults is how many of a campaign's first results show whether the
	// bot knows its recipients, and lostShare which part of them may be unknown.
	firstResults = 50
	lostShare    = 0.9
	// fewResults are too few to tell a wrong bot from a few dead chats.
	fewResults = 10
)

// guard watches a campaign's results for faults that are not its recipients'.
// It is pure.
type guard struct {
	results  int
	notFound int
	// suspects are chats that were not found while it was open whether the bot
	// knows anybody.
	suspects []int64
	content  Pause
	inRow    int
}

// result counts an outcome that is neither a content fault nor an unknown
// chat.
func (g *guard) result() Pause {
	g.inRow = 0
	return g.count()
}

// contentFault counts one and returns a pause when the content is at fault.
//
// spec: tg-content
func (g *guard) contentFault(reason outcome.Reason, detail string) Pause {
	if seen := (Pause{reason, detail}); seen != g.content {
		g.content, g.inRow = seen, 0
	}
	g.inRow++
	if g.inRow >= sameContentFaults {
		g.inRow = 0
		return Pause{Reason: outcome.ContentRefused, Detail: detail}
	}
	return g.count()
}

// chatNotFound counts a chat that the bot does not know.
func (g *guard) chatNotFound(chatID int64) Pause {
	g.inRow = 0
	g.notFound++
	g.suspects = append(g.suspects, chatID)
	return g.count()
}

// count counts a result and judges the first ones once they are in.
func (g *guard) count() Pause {
	g.results++
	if g.results != firstResults || !g.lost() {
		return Pause{}
	}
	// Whoever resumes has looked into it: the next look starts anew.
	*g = guard{}
	return Pause{Reason: outcome.MassChatNotFound, Detail: "Bad Request: chat not found"}
}

// spec: tg-chat-not-found
func (g *guard) lost() bool { return float64(g.notFound) >= lostShare*float64(g.results) }

// removable returns the suspects whose chats may be removed: once the first
// results were good, or when the campaign ended with too few to tell.
func (g *guard) removable(ended bool) []int64 {
	judged := g.results >= firstResults || ended && (g.results < fewResults || !g.lost())
	if !judged {
		return nil
	}
	free := g.suspects
	g.suspects = nil
	return free
}
