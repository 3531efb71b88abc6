package message

import (
	"encoding/json"
	"time"
)

// Person is who a message goes to, as far as its text may speak of it.
type Person struct {
	ContactID          int64
	ExternalCustomerID string
	Phone              string
	Email              string
	FirstName          string
	LastName           string
	// LanguageCode is the contact's, a BCP 47 tag; TimeZone an IANA name.
	LanguageCode string
	TimeZone     string
	// Fields are the values of custom fields, those that there are, in any order.
	Fields []FieldValue
	// Data is a JSON object that came with a triggered send; nil for none.
	Data json.RawMessage
	// Language, when it is not empty, is the language that the sender asks for in
	// place of the contact's.
	Language string
}

// language is the one that the person is to get the message in.
func (p *Person) language() string {
	if p.Language != "" {
		return p.Language
	}
	return p.LanguageCode
}

// Recipient is where one call goes, and what is not the same for everybody.
type Recipient struct {
	ChatID int64
	// MessageID is the message that is edited, for a template of [CompileEdit].
	MessageID int64
	// Paid lets Telegram charge for the message when it is above the bot's free
	// limit.
	Paid bool
	// Now is the time of sending, for texts that speak of it.
	Now time.Time
	// Person may be nil when the template is not personal.
	Person *Person
	// Link returns the address under which clicks on a link are counted; nil
	// leaves links as they are. number is the link's place in
	// [Template.Links]; target is where it leads, with this recipient's values
	// in it.
	Link func(number int, target string) string
	// File returns how the bot sends a file, zero when it has never sent it; nil
	// when it has sent none.
	File func(Media) File
}

// File is how one bot sends a file that it has sent before.
type File struct {
	// ID is Telegram's file_id, good for this bot alone.
	ID string
	// Kind is what Telegram made of the file: a video without sound becomes an
	// animation, and is sent as such from then on.
	Kind Kind
}

// Call is a call of the Bot API that sends a message.
type Call struct {
	// Method is its name.
	Method string
	// Body is its JSON.
	Body []byte
	// Uploads are the files that go along, because the bot has never sent them.
	// Then the answer tells their file ids, in the order of Media.
	Uploads []Upload
	// Media are the files of the message, in order.
	Media []Media
}

// Upload is a file that goes along with a call.
type Upload struct {
	// Field is the name of the form's field that carries it.
	Field string
	Media Media
}

// Link is a link in a message whose clicks are counted.
type Link struct {
	// Target is where it leads, as it is written, with Liquid in it.
	Target string
	// Personal tells that the target is not the same for everybody.
	Personal bool
	// Button is the text of its button; empty for a link in the text.
	Button string
	// Language is the version's that it is in; empty for the default one when
	// its language is not said.
	Language string
}
