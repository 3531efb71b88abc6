package sandbox

import (
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strconv"
)

// ActionKind is an action of a person.
type ActionKind string

// The kinds of actions.
const (
	ActionStart   ActionKind = "start"   // opens t.me/<bot>?start=<Payload>: the bot hears "/start <payload>"
	ActionText    ActionKind = "text"    // writes Text
	ActionContact ActionKind = "contact" // shares a contact card: their own, or with UserID somebody else's
	ActionPress   ActionKind = "press"   // presses the button with Data under the message MessageID
	ActionBlock   ActionKind = "block"   // blocks the bot: from now on messages to them are 403
	ActionUnblock ActionKind = "unblock" // unblocks it
)

// Action is something that a person does in a private chat with a bot.
type Action struct {
	Kind      ActionKind `json:"kind"`
	Bot       int64      `json:"bot"`
	Chat      int64      `json:"chat"` // the person, which is also their chat
	Payload   string     `json:"payload,omitempty"`
	Text      string     `json:"text,omitempty"`
	Phone     string     `json:"phone,omitempty"`
	UserID    int64      `json:"userId,omitempty"` // whose card is shared; 0: their own; -1: of somebody without Telegram
	MessageID int64      `json:"messageId,omitempty"`
	Data      string     `json:"data,omitempty"`
	FirstName string     `json:"firstName,omitempty"` // default "Person <id>"
	LastName  string     `json:"lastName,omitempty"`
	Username  string     `json:"username,omitempty"`
	Language  string     `json:"language,omitempty"` // language_code
}

// Event is the result of an action.
type Event struct {
	UpdateID int64  `json:"updateId"`          // 0 if the bot does not want such updates
	QueryID  string `json:"queryId,omitempty"` // of a pressed button
}

var startPayload = regexp.MustCompile(`^[A-Za-z0-9_-]{0,64}$`)

// Act lets a person do something. The bot is notified by long poll or webhook. A person who writes to the bot has
// started it, and is a subscriber from then on.
func (s *Sandbox) Act(a Action) (Event, error) {
	if a.Bot <= 0 || a.Chat <= 0 || a.Chat > maxUserID {
		return Event{}, errors.New("an action needs a bot and the chat of a person")
	}
	b := s.bot(a.Bot)
	switch a.Kind {
	case ActionStart:
		if !startPayload.MatchString(a.Payload) {
			return Event{}, errors.New("a start payload is at most 64 of A-Z, a-z, 0-9, _ and -")
		}
		a.Text = "/start"
		if a.Payload != "" {
			a.Text += " " + a.Payload
		}
		return s.write(b, &a)
	case ActionText:
		if a.Text == "" {
			return Event{}, errors.New("a text message needs a text")
		}
		return s.write(b, &a)
	case ActionContact:
		if a.Phone == "" {
			return Event{}, errors.New("a contact card needs a phone")
		}
		return s.write(b, &a)
	case ActionPress:
		return s.press(b, &a)
	case ActionBlock, ActionUnblock:
		return s.turn(b, &a)
	}
	return Event{}, fmt.Errorf("unknown action %q", a.Kind)
}

// user renders the User object of the person.
func (a *Action) user() json.RawMessage {
	user := map[string]any{"id": a.Chat, "is_bot": false}
	a.name(user)
	if a.Language != "" {
		user["language_code"] = a.Language
	}
	return render(user)
}

// chat renders the Chat object of the conversation.
func (a *Action) chat() json.RawMessage {
	chat := map[string]any{"id": a.Chat, "type": "private"}
	a.name(chat)
	return render(chat)
}

func (a *Action) name(object map[string]any) {
	object["first_name"] = a.FirstName
	if a.FirstName == "" {
		object["first_name"] = "Person " + strconv.FormatInt(a.Chat, 10)
	}
	if a.LastName != "" {
		object["last_name"] = a.LastName
	}
	if a.Username != "" {
		object["username"] = a.Username
	}
}

// render marshals values that cannot fail to be marshalled.
func render(v any) json.RawMessage {
	body, err := json.Marshal(v)
	if err != nil {
		panic(err) // maps of strings, numbers and rendered JSON cannot fail
	}
	return body
}

// write sends the bot a message of the person: a text or a contact card.
func (s *Sandbox) write(b *bot, a *Action) (Event, error) {
	b.mu.Lock()
	switch b.people.get(a.Chat).State {
	case Blocked:
		b.mu.Unlock()
		return Event{}, errors.New("the person has blocked the bot and must unblock it before they write")
	case Deactivated:
		b.mu.Unlock()
		return Event{}, errors.New("the person's account is deactivated")
	}
	b.people.set(a.Chat, subscribed)
	b.messages++
	id := b.messages
	b.mu.Unlock()
	message := map[string]any{
		"message_id": id, "from": a.user(), "chat": a.chat(), "date": s.options.Now().Unix(),
	}
	if a.Kind == ActionContact {
		message["contact"] = a.card()
	} else {
		message["text"] = a.Text
		if command := commandLength(a.Text); command > 0 {
			message["entities"] = []map[string]any{{"offset": 0, "length": command, "type": "bot_command"}}
		}
	}
	return Event{UpdateID: b.updates.add("message", render(message))}, nil
}

var leadingCommand = regexp.MustCompile(`^/[A-Za-z0-9_]{1,32}\b`)

func commandLength(text string) int { return len(leadingCommand.FindString(text)) }

// card renders the Contact object that is shared.
func (a *Action) card() map[string]any {
	card := map[string]any{"phone_number": a.Phone}
	a.name(card)
	delete(card, "username")
	switch {
	case a.UserID == 0:
		card["user_id"] = a.Chat
	case a.UserID > 0:
		card["user_id"] = a.UserID
	}
	return card
}

// press presses a callback button that the bot did put under the message.
func (s *Sandbox) press(b *bot, a *Action) (Event, error) {
	seq, _ := b.locate(a.MessageID)
	m, found := s.journal.get(seq)
	if !found || m.Chat != a.Chat || m.Deleted {
		return Event{}, fmt.Errorf("the chat has no message %d of the bot", a.MessageID)
	}
	keyboard := markup{}
	if len(m.ReplyMarkup) > 0 {
		var err error
		if keyboard, err = parseMarkup(m.ReplyMarkup, b.scene(a.Chat)); err != nil {
			return Event{}, err
		}
	}
	if !slices.Contains(keyboard.data, a.Data) {
		return Event{}, fmt.Errorf("the message has no button with the data %q", a.Data)
	}
	c := call{sandbox: s, bot: b}
	u := &b.updates
	u.mu.Lock()
	query := strconv.FormatInt(a.Chat<<10|int64(len(u.queries)), 10)
	u.queries[query] = &CallbackAnswer{QueryID: query}
	u.mu.Unlock()
	id := u.add("callback_query", render(map[string]any{
		"id": query, "from": a.user(), "message": c.messageJSON(m), "data": a.Data,
		"chat_instance": strconv.FormatInt(a.Chat, 10),
	}))
	return Event{UpdateID: id, QueryID: query}, nil
}

// turn blocks or unblocks the bot.
func (s *Sandbox) turn(b *bot, a *Action) (Event, error) {
	before, after, condition := "member", "kicked", Condition{State: Blocked}
	if a.Kind == ActionUnblock {
		before, after, condition = "kicked", "member", subscribed
	}
	b.mu.Lock()
	if (b.people.get(a.Chat).State == Blocked) == (a.Kind == ActionBlock) {
		b.mu.Unlock()
		return Event{}, fmt.Errorf("%s: the chat is in that state already", a.Kind)
	}
	b.people.set(a.Chat, condition)
	b.mu.Unlock()
	who := json.RawMessage(b.identity.Load().user)
	member := func(status string) map[string]any {
		m := map[string]any{"status": status, "user": who}
		if status == "kicked" {
			m["until_date"] = 0
		}
		return m
	}
	return Event{UpdateID: b.updates.add("my_chat_member", render(map[string]any{
		"chat": a.chat(), "from": a.user(), "date": s.options.Now().Unix(),
		"old_chat_member": member(before), "new_chat_member": member(after),
	}))}, nil
}
