package message

import (
	"encoding/json"
	"fmt"
	"strconv"
)

// Template is content compiled for sending: what is the same for everybody is
// written once. It is safe for concurrent use.
type Template struct {
	method string
	tail   []byte
}

// Compile prepares content for sending.
func Compile(c Content) (*Template, error) {
	fields, err := json.Marshal(struct {
		Text      string `json:"text"`
		ParseMode string `json:"parse_mode"`
	}{c.Text, "HTML"})
	if err != nil {
		return nil, fmt.Errorf("message: compile: %w", err)
	}
	// fields is "{…}"; the chat id goes before its first member.
	return &Template{method: "sendMessage", tail: append([]byte{','}, fields[1:]...)}, nil
}

// Method returns the name of the Bot API method that sends the message.
func (t *Template) Method() string { return t.method }

// AppendBody appends the JSON body of the call that sends the message to the
// chat. paid lets Telegram charge for it when it is above the bot's free limit.
func (t *Template) AppendBody(dst []byte, chatID int64, paid bool) []byte {
	dst = append(dst, `{"chat_id":`...)
	dst = strconv.AppendInt(dst, chatID, 10)
	if paid {
		dst = append(dst, `,"allow_paid_broadcast":true`...)
	}
	return append(dst, t.tail...)
}
