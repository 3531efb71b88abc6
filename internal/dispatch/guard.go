package dispatch

import "bellman/internal/outcome"

// Limits of the guard.
const (
	// sameContentFaults is how many identical content faults in a row mean that
	// the content is at fault, not a recipient.
	sameContentFaults = 5
	// firstResults is how many of a campaign's first results show whether its
	// recipients are the bot's, and goneShare which part of them may not be.
	firstResults = 50
	goneShare    = 0.9
	// fewResults are too few to tell a wrong bot from a few dead chats.
	fewResults = 10
	// lostAnswers is how many messages in a row without an answer are too many.
	lostAnswers = 10
)

// guard watches a campaign's results for faults that are not its recipients'.
// It is pure.
type guard struct {
	results int
	// left and unknown are the chats that are gone, and those that the bot does not
	// know, which are not removed while it is open whether that is true.
	left, unknown suspects
	// content is the latest content fault, and inRow how often it came in a row.
	content Pause
	inRow   int
	// lost is how many answers in a row were.
	lost int
}

// suspects are chats to be removed, and how many there were in all.
type suspects struct {
	chats []Removal
	count int
}

func (s *suspects) add(chat Removal) {
	s.chats = append(s.chats, chat)
	s.count++
}

func (s *suspects) take() []Removal {
	taken := s.chats
	s.chats = nil
	return taken
}

// result counts an outcome that is none of those below.
func (g *guard) result() Pause {
	g.inRow, g.lost = 0, 0
	return g.count("")
}

// contentFault counts one and returns a pause when the content is at fault.
//
// spec: tg-content
func (g *guard) contentFault(reason outcome.Reason, detail string) Pause {
	g.lost = 0
	if seen := (Pause{reason, detail}); seen != g.content {
		g.content, g.inRow = seen, 0
	}
	g.inRow++
	if g.inRow >= sameContentFaults {
		g.inRow = 0
		return Pause{Reason: outcome.ContentRefused, Detail: detail}
	}
	return g.count("")
}

// answerLost counts a message of which nobody knows whether it arrived.
func (g *guard) answerLost() Pause {
	g.inRow = 0
	g.lost++
	if g.lost >= lostAnswers {
		g.lost = 0
		return Pause{Reason: outcome.AnswersLost}
	}
	return g.count("")
}

// chatGone counts a chat that takes no messages any more, by Telegram's words.
func (g *guard) chatGone(chat Removal, detail string) Pause {
	g.inRow, g.lost = 0, 0
	g.left.add(chat)
	return g.count(detail)
}

// chatNotFound counts a chat that the bot does not know.
func (g *guard) chatNotFound(chat Removal, detail string) Pause {
	g.inRow, g.lost = 0, 0
	g.unknown.add(chat)
	return g.count(detail)
}

// count counts a result and judges the first ones once they are in.
func (g *guard) count(detail string) Pause {
	g.results++
	if g.results != firstResults || !g.mass() {
		return Pause{}
	}
	reason := outcome.MassGone
	if g.unknown.count > g.left.count {
		reason = outcome.MassChatNotFound
	}
	// Whoever resumes has looked into it: the next look starts anew.
	*g = guard{}
	return Pause{Reason: reason, Detail: detail}
}

// mass tells that nearly all recipients are not the bot's.
//
// spec: tg-chat-not-found tg-mass-gone
func (g *guard) mass() bool {
	return float64(g.left.count+g.unknown.count) >= goneShare*float64(g.results)
}

// removable returns the chats that may be removed: once the first results cannot
// be bad any more, or when the campaign has ended. Those that the bot does not
// know stay when it knew hardly anybody of more than a few.
func (g *guard) removable(ended bool) []Removal {
	good := float64(g.results - g.left.count - g.unknown.count)
	if g.results >= firstResults || good > (1-goneShare)*firstResults {
		return append(g.left.take(), g.unknown.take()...)
	}
	if !ended {
		return nil
	}
	removable := g.left.take()
	if g.results < fewResults || !g.mass() {
		removable = append(removable, g.unknown.take()...)
	}
	return removable
}
