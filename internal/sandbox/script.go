package sandbox

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// SetBot scripts a bot.
func (s *Sandbox) SetBot(b Bot) error {
	if b.ID <= 0 {
		return errors.New("a bot needs a positive id")
	}
	if b.Token != "" {
		id, refused := parseToken([]byte(b.Token))
		if refused != nil || id != b.ID {
			return fmt.Errorf("the token is not one of bot %d", b.ID)
		}
	}
	s.bot(b.ID).configure(b)
	return nil
}

// Revoke makes every token of a bot 401 Unauthorized, as BotFather's /revoke does to the old one.
func (s *Sandbox) Revoke(botID int64) {
	b := s.bot(botID)
	setup := b.identity.Load().Bot
	setup.Revoked = true
	b.configure(setup)
}

// Bots returns the bots that were seen or scripted, by id. Their tokens are left out.
func (s *Sandbox) Bots() []Bot {
	s.mu.RLock()
	defer s.mu.RUnlock()
	list := make([]Bot, 0, len(s.bots))
	for _, b := range s.bots {
		setup := b.identity.Load().Bot
		setup.Token = ""
		list = append(list, setup)
	}
	slices.SortFunc(list, func(a, b Bot) int { return int(min(max(a.ID-b.ID, -1), 1)) })
	return list
}

// SetPerson puts chats of a bot into a condition. With Subscriber it registers them.
func (s *Sandbox) SetPerson(botID int64, c Condition, chats ...int64) error {
	if err := c.validate(); err != nil {
		return err
	}
	b := s.bot(botID)
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, chat := range chats {
		b.people.set(chat, c)
	}
	return nil
}

// Person returns the condition of a chat.
func (s *Sandbox) Person(botID, chat int64) Condition {
	b := s.bot(botID)
	b.mu.Lock()
	defer b.mu.Unlock()
	return *b.people.get(chat)
}

// set is SetPerson for the states that cannot be wrong.
func (s *Sandbox) set(botID int64, state State, chats []int64) {
	if err := s.SetPerson(botID, Condition{State: state}, chats...); err != nil {
		panic(err) // only called with states that need nothing else
	}
}

// Subscribe makes chats ordinary subscribers: it registers them, unblocks them, undoes every other condition. The bot
// is not notified; for that see Act.
func (s *Sandbox) Subscribe(botID int64, chats ...int64) { s.set(botID, Subscriber, chats) }

// Block makes messages to chats fail as if their owners had blocked the bot, without notifying it.
func (s *Sandbox) Block(botID int64, chats ...int64) { s.set(botID, Blocked, chats) }

// Deactivate makes the owners of chats deleted accounts.
func (s *Sandbox) Deactivate(botID int64, chats ...int64) { s.set(botID, Deactivated, chats) }

// Forget makes chats unknown to the bot.
func (s *Sandbox) Forget(botID int64, chats ...int64) { s.set(botID, Unknown, chats) }

// AddFault adds a rule after the present ones.
func (s *Sandbox) AddFault(f Fault) error { return s.faults.add(f) }

// Faults returns the rules with their counters.
func (s *Sandbox) Faults() []FaultReport { return s.faults.list() }

// ClearFaults removes every rule.
func (s *Sandbox) ClearFaults() { s.faults.clear() }

// SetRates replaces limits and delays. Changing the limit of chats forgets what was sent to them.
func (s *Sandbox) SetRates(r Rates) {
	r = r.withDefaults()
	s.rates.Store(&r)
}

// Rates returns the limits and delays in force.
func (s *Sandbox) Rates() Rates { return *s.rates.Load() }

// Messages returns up to limit accepted messages whose Seq is greater than after, oldest first; a zero botID or chat
// means any. With less than KeepMessages there are none.
func (s *Sandbox) Messages(botID, chat, after int64, limit int) []Message {
	return s.journal.list(botID, chat, after, limit)
}

// Recipients returns up to limit of the chats that got at least that many messages, in no order. With KeepTotals
// there are none.
func (s *Sandbox) Recipients(botID, chat int64, atLeast, limit int) []Recipient {
	return s.journal.counts(botID, chat, int64(atLeast), int64(limit))
}

// CallbackAnswer returns the bot's answer to a pressed button; false if there was no such press.
func (s *Sandbox) CallbackAnswer(botID int64, queryID string) (CallbackAnswer, bool) {
	u := &s.bot(botID).updates
	u.mu.Lock()
	defer u.mu.Unlock()
	q := u.queries[queryID]
	if q == nil {
		return CallbackAnswer{}, false
	}
	return *q, true
}

// Stats are the counters of a sandbox.
type Stats struct {
	Totals

	Requests int64               `json:"requests"` // calls of the Bot API
	Limited  int64               `json:"limited"`  // answers 429, by windows and by faults
	Refused  map[int]int64       `json:"refused"`  // answers that said no, by code, 429 included
	Faults   map[FaultKind]int64 `json:"faults"`   // faults that fired
	Uploads  int64               `json:"uploads"`  // files whose bytes came with a message
	Bots     int                 `json:"bots"`
}

// Stats returns the counters since the start or the last Reset.
func (s *Sandbox) Stats() Stats {
	stats := Stats{
		Totals: s.journal.totals(), Requests: s.requests.Load(), Limited: s.codes[429].Load(),
		Refused: make(map[int]int64), Faults: s.faults.counts(), Uploads: s.contents.uploads(),
	}
	for code := range s.codes {
		if n := s.codes[code].Load(); n > 0 {
			stats.Refused[code] = n
		}
	}
	s.mu.RLock()
	defer s.mu.RUnlock()
	stats.Bots = len(s.bots)
	return stats
}

// Reset forgets bots, people, messages, files, updates, faults and counters, and puts the rates back to those of Options.
// Webhooks stop. Calls under way may still leave traces.
func (s *Sandbox) Reset() {
	s.mu.Lock()
	bots := s.bots
	s.bots = make(map[int64]*bot)
	s.mu.Unlock()
	for _, b := range bots {
		b.updates.retire()
	}
	s.faults.clear()
	s.journal.reset()
	s.contents.reset()
	s.requests.Store(0)
	for code := range s.codes {
		s.codes[code].Store(0)
	}
	rates := s.options.Rates
	s.rates.Store(&rates)
}

// retire ends every call that waits for the updates of a forgotten bot.
func (u *updates) retire() {
	u.stopPushing()
	u.mu.Lock()
	defer u.mu.Unlock()
	u.end(&refusal{code: 500, description: "Internal Server Error: restart"})
}

// Token returns a well-formed token for a bot id.
func Token(botID int64) string {
	return fmt.Sprintf("%d:%s", botID, strings.Repeat("A", 35))
}
