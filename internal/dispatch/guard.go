package dispatch

import (
	"math/bits"
	"slices"

	"bellman/internal/outcome"
)

// Limits of the guard.
const (
	// sameContentFaults is how many identical content faults in a row mean that
	// the content is at fault, not a recipient.
	sameContentFaults = 5
	// guardWindow is how many results in a row decide whether a campaign's recipients
	// are the bot's, and massBad how many of them say that they are not.
	guardWindow = 50
	massBad     = 45
	// massShare is the same as a share, for the last results of a campaign, and
	// fewResults a number of them too small to tell a wrong bot from a few dead chats.
	massShare  = 0.9
	fewResults = 10
	// lostAnswers is how many unanswered messages in a row pause a campaign, and
	// oftenLost how many of [guardWindow].
	lostAnswers = 10
	oftenLost   = 15
)

// guard watches a campaign's results for faults that are not its recipients', for as
// long as it goes out. It is pure.
//
// No chat is removed for what one answer says of it. It is a suspect, until so many
// messages that left after the answer were well that it is not one of a mass. Good
// answers to messages that had left before say nothing: answers come in any order, and
// so do many good ones after the first bad ones of a mass.
type guard struct {
	// bad and unknown are the latest [guardWindow] results, the latest in the lowest
	// bit: those that say that the chat is gone or not known, and that it is not known.
	bad, unknown uint64
	// bads counts all bad results.
	bads int
	// suspects are the chats that may have to be removed, in the order of their
	// results.
	suspects []suspect
	// content is the latest content fault, and inRow how often it has come in a
	// row.
	content Pause
	inRow   int
	// lost are the latest [guardWindow] messages, those without an answer set.
	lost uint64
}

// suspect is a chat that may have to be removed.
type suspect struct {
	Removal

	unknown bool
	// nth is its number among all bad results.
	nth int
	// left is how many messages had left when it became one, and good how many of
	// those that left afterwards were well.
	left int64
	good int
}

// result counts an answer that shows that the bot knows the chat, to the message with
// the number left among those that the sender has sent.
func (g *guard) result(left int64) {
	g.inRow = 0
	g.known(left)
}

// contentFault counts a content fault of a message, which had the number left, and
// returns a pause when the content is at fault.
//
// spec: tg-content
func (g *guard) contentFault(left int64, reason outcome.Reason, detail string) Pause {
	if seen := (Pause{reason, detail}); seen != g.content {
		g.content, g.inRow = seen, 0
	}
	g.inRow++
	g.known(left)
	if g.inRow >= sameContentFaults {
		g.inRow = 0
		return Pause{Reason: outcome.ContentRefused, Detail: detail}
	}
	return Pause{}
}

// answerLost counts a message of which it is unknown whether it arrived.
func (g *guard) answerLost() Pause {
	g.inRow = 0
	g.lost = (g.lost<<1 | 1) & lastResults
	if inRow := bits.TrailingZeros64(^g.lost); inRow < lostAnswers && bits.OnesCount64(g.lost) < oftenLost {
		return Pause{}
	}
	g.lost = 0
	return Pause{Reason: outcome.AnswersLost}
}

// chatGone counts a chat that takes no messages any more, as Telegram says, when so
// many messages have left.
func (g *guard) chatGone(chat Removal, left int64, detail string) Pause {
	return g.suspect(suspect{Removal: chat, left: left}, detail)
}

// chatNotFound counts a chat that the bot does not know, when so many messages have
// left.
func (g *guard) chatNotFound(chat Removal, left int64, detail string) Pause {
	return g.suspect(suspect{Removal: chat, unknown: true, left: left}, detail)
}

// known counts a good result.
func (g *guard) known(left int64) {
	for i := range g.suspects {
		if s := &g.suspects[i]; left > s.left {
			s.good++
		}
	}
	g.count(0, 0)
}

// lastResults has a bit for each of [guardWindow] results.
const lastResults = 1<<guardWindow - 1

// count counts a result that is bad or not, and for an unknown chat or not.
func (g *guard) count(bad, unknown uint64) {
	g.bad, g.unknown, g.lost = (g.bad<<1|bad)&lastResults, (g.unknown<<1|unknown)&lastResults, g.lost<<1&lastResults
}

// suspect counts a bad result and returns a pause when there is a mass of them. A
// chat that is a suspect already says nothing new.
//
// spec: tg-chat-not-found tg-mass-gone
func (g *guard) suspect(s suspect, detail string) Pause {
	g.inRow = 0
	if slices.ContainsFunc(g.suspects, func(have suspect) bool { return have.ChatID == s.ChatID }) {
		return Pause{}
	}
	var unknown uint64
	if s.unknown {
		unknown = 1
	}
	g.count(1, unknown)
	g.bads++
	s.nth = g.bads
	g.suspects = append(g.suspects, s)
	if bits.OnesCount64(g.bad) < massBad {
		return Pause{}
	}
	reason := outcome.MassGone
	if 2*bits.OnesCount64(g.unknown) > bits.OnesCount64(g.bad) {
		reason = outcome.MassChatNotFound
	}
	// A person who resumes the campaign has looked into the cause: counting starts
	// anew.
	*g = guard{}
	return Pause{Reason: reason, Detail: detail}
}

// suspecting reports whether a later result may remove a chat.
func (g *guard) suspecting() bool { return len(g.suspects) > 0 }

// removable returns the suspects that may be removed, and forgets them: those after
// which so many messages were well that no window can turn bad any more in which they
// are. When the campaign has ended, these are all, unless nearly all of its last
// results were bad.
func (g *guard) removable(ended bool) (chats []Removal) {
	n := 0
	for n < len(g.suspects) && g.suspects[n].good > guardWindow-massBad {
		n++
	}
	if ended && !g.badSince(n) {
		n = len(g.suspects)
	}
	for _, s := range g.suspects[:n] {
		chats = append(chats, s.Removal)
	}
	g.suspects = slices.Delete(g.suspects, 0, n)
	return chats
}

// badSince reports whether nearly all messages since the n-th suspect were bad.
func (g *guard) badSince(n int) bool {
	if n >= len(g.suspects) {
		return false
	}
	first := g.suspects[n]
	bad := g.bads - first.nth + 1
	results := bad + first.good
	return results >= fewResults && float64(bad) >= massShare*float64(results)
}
