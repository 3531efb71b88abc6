package message

import (
	"encoding/json"
	"fmt"
	"strings"
	"unicode/utf8"

	"bellman/internal/fault"
)

// MaxRawText is how many bytes of text, mark-up included, the Bot API accepts
// (Bot API server: "text is too long").
const MaxRawText = 32768

// Content is what a message says. It is stored as JSON.
type Content struct {
	// Text is in Telegram's HTML.
	Text string `json:"text"`
}

// Check returns an Invalid fault that names the first thing Telegram would
// refuse.
func (c Content) Check() error {
	switch {
	case strings.TrimSpace(c.Text) == "":
		return fault.New(fault.Invalid, "text_missing", "write the text of the message").In("text")
	case !utf8.ValidString(c.Text) || strings.ContainsRune(c.Text, 0):
		return fault.New(fault.Invalid, "text_invalid", "the text holds characters that are no text; write it in UTF-8").In("text")
	case len(c.Text) > MaxRawText:
		return fault.New(fault.Invalid, "text_too_long",
			"the text has %d bytes with its mark-up, Telegram accepts %d", len(c.Text), MaxRawText).In("text")
	}
	return nil
}

// Encode returns the content as it is stored.
func (c Content) Encode() (string, error) {
	b, err := json.Marshal(c)
	return string(b), err
}

// Decode reads stored content.
func Decode(stored string) (c Content, err error) {
	if err := json.Unmarshal([]byte(stored), &c); err != nil {
		return c, fmt.Errorf("message: decode content: %w", err)
	}
	return c, nil
}
