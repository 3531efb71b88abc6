package sandbox

import (
	"bytes"
	"math"
	"strconv"
	"sync"
	"sync/atomic"
	"time"
)

// Bot has everything that can be scripted about a bot. Any well-formed token is a bot; scripting is needed only to
// change the values listed here.
type Bot struct {
	ID       int64  `json:"id"`
	Token    string `json:"token,omitempty"`    // when set, every other token with this id is 401 Unauthorized
	Name     string `json:"name,omitempty"`     // first_name; default "Sandbox <id>"
	Username string `json:"username,omitempty"` // default "sandbox<id>_bot"
	Revoked  bool   `json:"revoked,omitempty"`  // every call is 401 Unauthorized
	Unpaid   bool   `json:"unpaid,omitempty"`   // allow_paid_broadcast is 400 FLOODSKIP_NOT_ALLOWED
	Domain   string `json:"domain,omitempty"`   // the domain of its login_url buttons; none is 400 BOT_DOMAIN_INVALID
}

// identity is a Bot with the JSON that is rendered from it.
type identity struct {
	Bot

	user []byte // its User object
}

// bot is the state of one bot.
type bot struct {
	id       int64
	identity atomic.Pointer[identity]

	mu       sync.Mutex
	people   people
	sent     sendWindow
	private  chatWindow
	groups   chatWindow
	uploads  uploadWindow
	files    files
	messages int64   // the last message_id given out
	seqs     []int64 // by message_id - 1: the seq in the journal; 0 for messages of people

	updates  updates
	commands map[string]string // by scope and language
}

func newBot(id int64, knownOnly bool) *bot {
	b := &bot{id: id, people: people{knownOnly: knownOnly}, commands: make(map[string]string)}
	b.updates.init()
	b.configure(Bot{ID: id})
	return b
}

func (b *bot) configure(s Bot) {
	number := strconv.FormatInt(b.id, 10)
	if s.Name == "" {
		s.Name = "Sandbox " + number
	}
	if s.Username == "" {
		s.Username = "sandbox" + number + "_bot"
	}
	user := []byte(`{"id":` + number + `,"is_bot":true,"first_name":`)
	user = appendString(user, s.Name)
	user = append(user, `,"username":`...)
	user = append(appendString(user, s.Username), '}')
	b.identity.Store(&identity{s, user})
}

// authorize checks a well-formed token of this bot.
func (b *bot) authorize(token []byte) *refusal {
	who := b.identity.Load()
	if who.Revoked || who.Token != "" && who.Token != string(token) {
		return &refusal{code: 401, description: "Unauthorized"}
	}
	return nil
}

// scene returns the data by which a keyboard sent to a chat is checked.
func (b *bot) scene(chat int64) scene {
	who := b.identity.Load()
	return scene{private: chat > 0, username: who.Username, domain: who.Domain}
}

// find refuses chats that the bot does not know.
func (b *bot) find(chat int64) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.people.get(chat).State == Unknown {
		return errChatNotFound
	}
	return nil
}

// reach refuses chats that the bot cannot write to.
func (b *bot) reach(chat int64) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if r := b.people.get(chat).refuse(chat); r != nil {
		return r
	}
	return nil
}

// admit lets messages to a chat through, one or those of an album, and returns the id of the first, or an error. A
// message that the bot's own window lets through counts in it even if the chat then refuses: Telegram's servers saw
// it.
func (b *bot) admit(now time.Time, chat int64, count int, paid bool, r *Rates) (message int64, err error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	at := now.UnixNano()
	limit := r.RatePerSecond
	if paid && limit >= 0 {
		limit = r.PaidRatePerSecond
		if limit >= 0 {
			limit = max(limit, r.RatePerSecond)
		}
	}
	if wait := b.sent.wait(at, limit, count); wait > 0 {
		return 0, tooManyRequests(seconds(wait))
	}
	if r.RatePerSecond > 0 {
		capacity := r.RatePerSecond
		if paid || len(b.sent.times) > capacity {
			capacity = max(capacity, r.PaidRatePerSecond)
		}
		for i := range count {
			b.sent.add(at+later(i, limit, time.Second), capacity)
		}
	}
	if r := b.people.get(chat).refuse(chat); r != nil {
		return 0, r
	}
	if wait := b.chatWindow(chat, r).take(at, chat, count); wait > 0 {
		return 0, tooManyRequests(seconds(wait))
	}
	if b.messages+int64(count) > math.MaxInt32 {
		return 0, &refusal{code: 500, description: "Internal Server Error: the sandbox has no message_id left for the bot"}
	}
	b.messages += int64(count)
	return b.messages - int64(count) + 1, nil
}

// chatWindow returns the window that counts messages to a chat.
func (b *bot) chatWindow(chat int64, r *Rates) *chatWindow {
	if chat < 0 {
		b.groups.configure(r.GroupPerMinute, time.Minute)
		return &b.groups
	}
	b.private.configure(r.ChatPerSecond*r.ChatBurst, time.Duration(r.ChatBurst)*time.Second)
	return &b.private
}

// remember records where in the journal a message is.
func (b *bot) remember(message, seq int64) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for int64(len(b.seqs)) < message {
		b.seqs = append(b.seqs, 0)
	}
	b.seqs[message-1] = seq
}

// locate finds a message of the bot, or of a person (seq 0). Found is false where no such message exists.
func (b *bot) locate(message int64) (seq int64, found bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if message < 1 || message > b.messages {
		return 0, false
	}
	if message <= int64(len(b.seqs)) {
		seq = b.seqs[message-1]
	}
	return seq, true
}

// maxToken is the longest token, in bytes.
const maxToken = 80

var (
	errNotFound     = &refusal{code: 404, description: "Not Found"}
	errInvalidToken = &refusal{code: 401, description: "Unauthorized: invalid token specified"}
)

// parseToken returns the bot's id in a token.
func parseToken(token []byte) (id int64, r *refusal) {
	number, secret, ok := bytes.Cut(token, []byte{':'})
	if !ok || len(number) == 0 {
		return 0, errNotFound
	}
	for _, c := range number {
		if c < '0' || c > '9' {
			return 0, errNotFound
		}
	}
	id, ok = parseInt(number)
	if !ok || number[0] == '0' || len(token) > maxToken || len(secret) == 0 || id >= 1<<54 {
		return 0, errInvalidToken
	}
	for _, c := range secret {
		if !isAlnum(c) && c != '_' && c != '-' {
			return 0, errInvalidToken
		}
	}
	return id, nil
}
