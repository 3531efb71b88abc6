package message

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// Limits of a keyboard (Bot API, InlineKeyboardButton; Telegram's clients).
//
// spec: tg-callback-data
const (
	maxRowButtons   = 8
	maxButtons      = 100
	maxButtonText   = 256 // characters; more stands on no screen
	maxCallbackData = 64  // bytes
	maxCopyText     = 256 // characters
)

// buttonField is the path of a button in its version.
func buttonField(row, column int) string { return fmt.Sprintf("buttons[%d][%d]", row, column) }

func checkButtonText(text string) (code, reason string) {
	switch n := utf8.RuneCountInString(text); {
	case strings.TrimSpace(text) == "":
		return "button_text_missing", "a button needs a text"
	case n > maxButtonText:
		return "button_text_too_long", fmt.Sprintf("the text of a button has %d characters; up to %d can be shown", n, maxButtonText)
	}
	return "", ""
}

func checkCallbackData(data string) (code, reason string) {
	switch {
	case data == "":
		return "button_data_invalid", "the callback data is empty"
	case len(data) > maxCallbackData:
		return "button_data_invalid", fmt.Sprintf("the callback data has %d bytes; Telegram takes %d", len(data), maxCallbackData)
	}
	return "", ""
}

func checkCopyText(text string) (code, reason string) {
	switch n := utf8.RuneCountInString(text); {
	case n == 0:
		return "button_copy_invalid", "the text to copy is empty"
	case n > maxCopyText:
		return "button_copy_invalid", fmt.Sprintf("the text to copy has %d characters; Telegram takes %d", n, maxCopyText)
	}
	return "", ""
}

// checkAddress finds fault with the address that a field holds, without the
// blanks around it; that of a Mini App has to be https.
func checkAddress(field, text string) (code, reason string) {
	a, reason := parseAddress(text)
	switch {
	case reason != "":
		return "link_invalid", reason
	case strings.HasSuffix(field, ".webApp") && a.scheme != "https":
		return "link_invalid", "a Mini App has an https address"
	}
	return "", ""
}
