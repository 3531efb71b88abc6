package sandbox

import (
	"fmt"
	"strconv"
)

// Limits of identifiers.
const (
	maxUserID    = 1<<52 - 1      // the largest private chat
	supergroupID = -1000000000000 // supergroups and channels are below, groups above
)

// State is the state of a chat, as the bot meets it.
type State string

// The states of a chat.
const (
	Subscriber   State = "subscriber"   // messages arrive
	Unknown      State = "unknown"      // the bot has never seen it: 400 chat not found
	Blocked      State = "blocked"      // 403 bot was blocked by the user
	Deactivated  State = "deactivated"  // 403 user is deactivated
	NeverStarted State = "neverStarted" // 403 bot can't initiate conversation with a user
	Kicked       State = "kicked"       // 403 bot was kicked from the group
	Upgraded     State = "upgraded"     // 400 with the id of the supergroup that the group became
	Refusing     State = "refusing"     // a scripted code and description
)

// Condition is a chat's state with the values that belong to it.
type Condition struct {
	State       State  `json:"state"`
	MigrateTo   int64  `json:"migrateTo,omitempty"`   // for Upgraded: the supergroup's chat id
	Code        int    `json:"code,omitempty"`        // for Refusing: 400 to 599
	Description string `json:"description,omitempty"` // for Refusing: the whole text, "Forbidden: …"
	RetryAfter  int    `json:"retryAfter,omitempty"`  // for Refusing with 429: seconds
}

func (c Condition) validate() error {
	switch c.State {
	case Subscriber, Unknown, Blocked, Deactivated, NeverStarted, Kicked:
	case Upgraded:
		if c.MigrateTo >= 0 {
			return fmt.Errorf("state %q needs migrateTo, the negative id of the new supergroup", c.State)
		}
	case Refusing:
		if c.Code < 400 || c.Code > 599 || c.Description == "" {
			return fmt.Errorf("state %q needs a code from 400 to 599 and a description", c.State)
		}
	default:
		return fmt.Errorf("unknown state %q", c.State)
	}
	return nil
}

// refuse returns the answer to a send to a chat in this condition; nil if the message arrives.
func (c *Condition) refuse(chat int64) *refusal {
	switch c.State {
	case Unknown:
		return errChatNotFound
	case Blocked:
		return forbidden("bot was blocked by the user")
	case Deactivated:
		return forbidden("user is deactivated")
	case NeverStarted:
		return forbidden("bot can't initiate conversation with a user")
	case Kicked:
		return forbidden("bot was kicked from the " + chatType(chat) + " chat")
	case Upgraded:
		return &refusal{
			code: 400, description: "Bad Request: group chat was upgraded to a supergroup chat", migrateTo: c.MigrateTo,
		}
	case Refusing:
		return &refusal{code: c.Code, description: c.Description, retryAfter: c.RetryAfter}
	}
	return nil
}

var errChatNotFound = &refusal{code: 400, description: "Bad Request: chat not found"}

// people are the chats of one bot. Ordinary subscribers take one map entry of a few bytes, or none at all.
type people struct {
	knownOnly bool
	known     map[int64]bool // true for subscribers; false for those in special
	special   map[int64]Condition
}

var (
	subscribed = Condition{State: Subscriber}
	unknown    = Condition{State: Unknown}
)

// get returns a chat's condition.
func (p *people) get(chat int64) *Condition {
	if len(p.known) > 0 || p.knownOnly {
		plain, ok := p.known[chat]
		switch {
		case ok && !plain:
			c := p.special[chat]
			return &c
		case !ok && p.knownOnly:
			return &unknown
		}
	}
	return &subscribed
}

func (p *people) set(chat int64, c Condition) {
	if p.known == nil {
		p.known, p.special = make(map[int64]bool), make(map[int64]Condition)
	}
	p.known[chat] = c.State == Subscriber
	if c.State == Subscriber {
		delete(p.special, chat)
	} else {
		p.special[chat] = c
	}
}

// chatType names the type of a chat by its id.
func chatType(chat int64) string {
	switch {
	case chat > 0:
		return "private"
	case chat > supergroupID:
		return "group"
	}
	return "supergroup"
}

// parseChat reads a chat_id parameter. User names are never found: the sandbox has no public chats.
func parseChat(b []byte) (int64, error) {
	if len(b) == 0 {
		return 0, errChatIDEmpty
	}
	chat, ok := parseInt(b)
	if !ok || chat == 0 || chat > maxUserID || chat < 4*supergroupID {
		return 0, errChatNotFound
	}
	return chat, nil
}

var errChatIDEmpty = &refusal{code: 400, description: "Bad Request: chat_id is empty"}

// appendPerson appends the User object of a person.
func appendPerson(dst []byte, id int64) []byte {
	dst = append(dst, `{"id":`...)
	dst = strconv.AppendInt(dst, id, 10)
	dst = append(dst, `,"is_bot":false,"first_name":"Person `...)
	dst = strconv.AppendInt(dst, id, 10)
	return append(dst, `"}`...)
}

// appendChat appends the Chat object of a chat.
func appendChat(dst []byte, chat int64) []byte {
	dst = append(dst, `{"id":`...)
	dst = strconv.AppendInt(dst, chat, 10)
	if chat > 0 {
		dst = append(dst, `,"first_name":"Person `...)
	} else {
		dst = append(dst, `,"title":"Group `...)
	}
	dst = strconv.AppendInt(dst, chat, 10)
	dst = append(dst, `","type":"`...)
	dst = append(dst, chatType(chat)...)
	return append(dst, `"}`...)
}
