package campaign

import (
	"encoding/json"

	"bellman/internal/fault"
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
	// Key makes a repetition harmless: within [KeepAnswers] only one message goes
	// to this addressee under the key, and a repeated send gets the receipt of the
	// first. Any text will do; empty for none.
	Key string
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
	case len(chats) > 0:
		return nil
	case to.ContactID != 0:
		return errNoContact
	}
	return errNoChat
}
