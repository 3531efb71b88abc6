package campaign

import (
	"encoding/json"
	"fmt"
	"time"
	"unicode/utf8"

	"bellman/internal/fault"
	"bellman/internal/idempotency"
	"bellman/internal/message"
)

// Addressee is a person to send to: a contact, by all of its chats with the bot, or
// one chat. Exactly one of ContactID and ChatID is not zero.
type Addressee struct {
	ContactID int64
	ChatID    int64
	// Data is a JSON object for personalisation; nil for none.
	Data json.RawMessage
	// Language is the BCP 47 tag of the version to send; empty for the contact's
	// own language.
	Language string
	// Label is the sender's own name for the request, of up to [MaxLabel] characters;
	// empty for none. It is reported with what becomes of the message. The same
	// message with the same label, data and language goes to an addressee once
	// within [KeepRequests]: a repetition gets the receipt of the first. With other
	// data it is another message.
	Label string
}

// MaxLabel is how long a label may be, in characters.
const MaxLabel = 255

// KeepRequests is how long a request with a label is remembered.
const KeepRequests = 24 * time.Hour

// key stands for what an addressee with a label is sent, data compared by their
// meaning; it is empty without a label. The bot is no part of it, so that a
// repetition through another bot still counts as one.
func (to Addressee) key(messageID int64) string {
	if to.Label == "" {
		return ""
	}
	return to.meaning(messageID)
}

// meaning stands for what an addressee is sent, and under which label.
func (to Addressee) meaning(messageID int64) string {
	who := fmt.Sprint(messageID, " ", to.ContactID, " ", to.ChatID)
	return idempotency.Fingerprint([]byte(who), []byte(to.Label), []byte(to.Language), idempotency.Meaning(to.Data))
}

// Chat is a chat in which an addressee can be reached.
type Chat struct{ ChatID, ContactID int64 }

// The reasons to reject an addressee.
var (
	errAddressee = fault.New(fault.Invalid, "recipient_invalid", "name the recipient by either contactId or token")
	errNoContact = fault.New(fault.Invalid, "contact_unreachable", "there is no contact with this id that has a chat with this bot")
	errNoChat    = fault.New(fault.Invalid, "token_unknown", "this bot has no chat with this token")
	errLanguage  = fault.New(fault.Invalid, "language_invalid",
		"languageCode is a BCP 47 tag of at most %d characters, such as uk or pt-BR", message.MaxLanguage)
	errLabel = fault.New(fault.Invalid, "label_invalid", "externalRequestId has at most %d characters", MaxLabel)
)

// check returns why nothing can be sent to the addressee, who has the given chats;
// nil when it can.
func (to Addressee) check(chats []Chat) *fault.Error {
	switch {
	case (to.ContactID == 0) == (to.ChatID == 0):
		return errAddressee
	case message.CheckData(to.Data) != nil:
		return message.CheckData(to.Data)
	case len(to.Language) > message.MaxLanguage:
		return errLanguage
	case utf8.RuneCountInString(to.Label) > MaxLabel:
		return errLabel
	case len(chats) > 0:
		return nil
	case to.ContactID != 0:
		return errNoContact
	}
	return errNoChat
}
