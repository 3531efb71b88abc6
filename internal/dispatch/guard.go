package dispatch

import "bellman/internal/outcome"

// Limits of the guard.
const (
	// sameContentFaults is how many identical content faults in a row mean that
	// the content is at fault, not a recipient.
	sameContentFaults = 5
	// firstResults is how many of a campaign's first results decide whether its
	// recipients are the bot's, and goneShare the share of them from which they are
	// not.
	firstResults = 50
	goneShare    = 0.9
	// fewResults is a number of results too small to tell a wrong bot from a few
	// dead chats.
	fewResults = 10
	// lostAnswers is how many unanswered messages in a row pause a campaign.
	lostAnswers = 10
)

// guard watches a campaign's results for faults that are not its recipients'. It is
// pure.
type guard struct {
	results int
	// left holds the chats that are gone, unknown those that the bot does not know.
	// They are not removed before it is certain that this is true.
	left, unknown suspects
	// content is the latest content fault, and inRow how often it has come in a
	// row.
	content Pause
	inRow   int
	// lost is how many answers in a row were lost.
	lost int
}

// suspects are chats that may have to be removed, and how many there were in all.
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

// result counts an outcome of any other kind than those below.
func (g *guard) result() Pause {
	g.inRow, g.lost = 0, 0
	return g.count("")
}

// contentFault counts a content fault and returns a pause when the content is at
// fault.
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

// answerLost counts a message of which it is unknown whether it arrived.
func (g *guard) answerLost() Pause {
	g.inRow = 0
	g.lost++
	if g.lost >= lostAnswers {
		g.lost = 0
		return Pause{Reason: outcome.AnswersLost}
	}
	return g.count("")
}

// chatGone counts a chat that takes no messages any more, as Telegram says.
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

// count counts a result and judges the first results once they are complete.
func (g *guard) count(detail string) Pause {
	g.results++
	if g.results != firstResults || !g.mass() {
		return Pause{}
	}
	reason := outcome.MassGone
	if g.unknown.count > g.left.count {
		reason = outcome.MassChatNotFound
	}
	// A person who resumes the campaign has looked into the cause: counting starts
	// anew.
	*g = guard{}
	return Pause{Reason: reason, Detail: detail}
}

// mass reports whether nearly all recipients do not belong to the bot.
//
// spec: tg-chat-not-found tg-mass-gone
func (g *guard) mass() bool {
	return float64(g.left.count+g.unknown.count) >= goneShare*float64(g.results)
}

// removable returns the chats that may be removed: once the first results cannot
// turn out bad any more, or when the campaign has ended. Chats that the bot does
// not know are kept when it knew hardly any of more than a few.
func (g *guard) removable(ended bool) []Removal {
	good := float64(g.results - g.left.count - g.unknown.count)
	if good > (1-goneShare)*firstResults {
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
