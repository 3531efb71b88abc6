package erasure

import (
	"bytes"
	"encoding/json"
	"slices"
	"strconv"
	"strings"
	"time"

	"bellman/internal/contact"
)

// Person is a contact that is being erased: by what it is found where it is not named by
// its id.
type Person struct {
	ContactID          int64  `json:"id"`
	ExternalCustomerID string `json:"externalCustomerId,omitempty"`
	Phone              string `json:"phone,omitempty"`
	Email              string `json:"email,omitempty"`
	// Tokens are those of its devices.
	Tokens []string `json:"tokens,omitempty"`
	// Chats are those that it had, also before. One of them may have got another owner.
	Chats []Chat `json:"chats,omitempty"`
	// CreatedAt is when the contact was: nothing that was over before is about it.
	CreatedAt time.Time `json:"createdAt"`
	AskedAt   time.Time `json:"-"`
}

// Chat is a chat with a bot.
type Chat struct {
	BotID  int64 `json:"bot"`
	ChatID int64 `json:"chat"`
}

// PersonOf returns the person of a contact with its devices.
func PersonOf(c contact.Contact, chats []Chat) Person {
	p := Person{
		ContactID: c.ID, ExternalCustomerID: c.ExternalCustomerID, Phone: c.Phone, Email: c.Email, Chats: chats, CreatedAt: c.CreatedAt,
	}
	for _, d := range c.Devices {
		p.Tokens = append(p.Tokens, d.Token)
	}
	return p
}

// AddChat adds a chat that is not among the person's yet, and reports whether it was not.
// Copies of the person stay as they are.
func (p *Person) AddChat(c Chat) bool {
	if c.ChatID == 0 || slices.Contains(p.Chats, c) {
		return false
	}
	p.Chats = append(slices.Clip(p.Chats), c)
	return true
}

// Named reports whether a text is an identifier of one of the people, as people and
// systems write it.
func (b Batch) Named(text string) bool {
	return slices.ContainsFunc(b.People, func(p Person) bool { return p.named(text, b.Region) })
}

func (p Person) named(text, region string) bool {
	if text = strings.TrimSpace(text); text == "" {
		return false
	}
	if text == p.ExternalCustomerID || slices.Contains(p.Tokens, text) {
		return true
	}
	if p.Email != "" && contact.EmailKey(text) == contact.EmailKey(p.Email) {
		return true
	}
	return p.Phone != "" && isPhone(text, p.Phone, region)
}

// isPhone reports whether a text is read as the phone. Most texts end otherwise: they
// need not be read.
func isPhone(text, phone, region string) bool {
	if !strings.HasSuffix(digits(text), phone[max(0, len(phone)-4):]) {
		return false
	}
	read, err := (contact.Reader{Region: region}).Phone(text)
	return err == nil && read == phone
}

func digits(s string) string {
	return strings.Map(func(r rune) rune {
		if r < '0' || r > '9' {
			return -1
		}
		return r
	}, s)
}

// IsContact reports whether the id is that of one of the people.
func (b Batch) IsContact(id int64) bool {
	return slices.ContainsFunc(b.People, func(p Person) bool { return p.ContactID == id })
}

// IsChat reports whether the chat, of any bot, is one of one of the people.
func (b Batch) IsChat(id int64) bool {
	return id != 0 && slices.ContainsFunc(b.People, func(p Person) bool {
		return slices.ContainsFunc(p.Chats, func(c Chat) bool { return c.ChatID == id })
	})
}

// IsProfile reports whether a profile is about one of the people. One with another
// externalCustomerId is about somebody else, who shares a phone or an email.
func (b Batch) IsProfile(of contact.Profile) bool {
	return slices.ContainsFunc(b.People, func(p Person) bool { return p.isProfile(of, b.Region) })
}

func (p Person) isProfile(of contact.Profile, region string) bool {
	if of.ID != nil {
		return *of.ID == p.ContactID
	}
	external := written(of.ExternalCustomerID)
	if external != "" && p.ExternalCustomerID != "" {
		return external == p.ExternalCustomerID
	}
	if p.named(written(of.Phone), region) || p.named(written(of.Email), region) {
		return true
	}
	return slices.ContainsFunc(of.Devices, func(d contact.Device) bool { return slices.Contains(p.Tokens, d.Token) })
}

func written(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}

// Mentioned reports whether a text contains an identifier of one of the people as a word
// of its own.
func (b Batch) Mentioned(text string) bool {
	for _, p := range b.People {
		for _, mark := range append([]string{p.ExternalCustomerID, p.Phone, strings.TrimPrefix(p.Phone, "+"), p.Email}, p.Tokens...) {
			if len(mark) >= shortest && hasWord(text, mark) {
				return true
			}
		}
	}
	return false
}

// shortest is how long an identifier is at least that is looked for within texts: a
// shorter one is found everywhere.
const shortest = 4

// hasWord reports whether a text contains a word, in any case of its letters, that goes on
// at neither end.
func hasWord(text, word string) bool {
	text, word = strings.ToLower(text), strings.ToLower(word)
	for from := 0; ; {
		i := strings.Index(text[from:], word)
		if i < 0 {
			return false
		}
		begin, end := from+i, from+i+len(word)
		if (begin == 0 || !wordly(text[begin-1])) && (end == len(text) || !wordly(text[end])) {
			return true
		}
		from = begin + 1
	}
}

// wordly reports whether a word goes on with the byte.
func wordly(c byte) bool {
	return c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 0x80
}

// IsAbout reports whether an event that nobody has names one of the people: by its key, or
// in its parameters.
func (b Batch) IsAbout(key string, params []byte) bool {
	return b.Named(key) || reader{b, false}.reads(params)
}

// Tells reports whether a JSON text tells of one of the people: an identifier of theirs
// is a string in it, or their contact or chat a number. Texts in it that are JSON
// themselves are read, too.
func (b Batch) Tells(text []byte) bool { return reader{b, true}.reads(text) }

// reader looks for people in JSON, and if it says so for the numbers of their contacts and
// chats.
type reader struct {
	Batch
	numbers bool
}

func (r reader) reads(text []byte) bool {
	if len(text) == 0 {
		return false
	}
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.UseNumber()
	var value any
	if err := decoder.Decode(&value); err != nil {
		return r.Mentioned(string(text))
	}
	return r.finds("", value)
}

// finds reports whether one of the people is in the value of a member.
func (r reader) finds(name string, value any) bool {
	switch v := value.(type) {
	case string:
		if inner := strings.TrimSpace(v); strings.HasPrefix(inner, "{") || strings.HasPrefix(inner, "[") {
			return r.reads([]byte(inner))
		}
		// A short id of the customer's own system is a word like any other.
		known := len(v) >= shortest || strings.HasSuffix(strings.ToLower(name), "customerid")
		return known && r.Named(v) || r.Mentioned(v) || r.isNumber(name, v)
	case json.Number:
		return r.isNumber(name, v.String())
	case []any:
		return slices.ContainsFunc(v, func(of any) bool { return r.finds(name, of) })
	case map[string]any:
		for member, of := range v {
			if r.Mentioned(member) || r.finds(member, of) {
				return true
			}
		}
	}
	return false
}

// isNumber reports whether a number is a chat of one of the people, or in a member that
// may be an id, a contact.
func (r reader) isNumber(name, text string) bool {
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil || !r.numbers {
		return false
	}
	name = strings.ToLower(name)
	id := strings.HasSuffix(name, "id") || strings.HasSuffix(name, "ids")
	return id && r.IsContact(n) || r.IsChat(n)
}
