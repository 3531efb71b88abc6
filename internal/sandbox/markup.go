package sandbox

import (
	"errors"
	"fmt"
	"unicode/utf8"
)

// Limits of keyboards. Telegram silently cuts a row after 12 buttons; the sandbox refuses, because a button that
// disappears is a fault of its author.
const (
	maxRowButtons   = 12
	maxButtons      = 100
	maxCallbackData = 64  // bytes
	maxCopyText     = 256 // code points
	maxPlaceholder  = 64  // code points
	// maxMarkup is how much a keyboard may take, in bytes of JSON without white space. Telegram measures its own form and
	// publishes no figure; keyboards that were refused had 10 kB and more (github.com/tginfo/Telegram-Limits, issue 187).
	maxMarkup = 10_000
)

// markup is a checked reply_markup parameter.
type markup struct {
	json   string   // an inline keyboard as a Message carries it; empty for every other kind
	inline bool     // it is an inline keyboard
	data   []string // the callback data of its buttons
}

// scene is the data about the bot and the chat by which a keyboard is checked.
type scene struct {
	private  bool   // a private chat
	username string // the bot's
	domain   string // the bot's domain for login links; empty if none was set with BotFather
}

var (
	errButtonType   = errors.New("BUTTON_TYPE_INVALID")
	errMarkupTooBig = errors.New("reply markup is too long")
)

// parseMarkup reads and checks a reply_markup parameter.
func parseMarkup(data []byte, at scene) (markup, error) {
	v, err := parseJSON(data)
	if err != nil {
		return markup{}, errors.New("Can't parse reply keyboard markup JSON object")
	}
	if v.kind != kindObject {
		return markup{}, errors.New("Object expected as reply markup")
	}
	for _, name := range []string{
		"resize_keyboard", "one_time_keyboard", "is_persistent", "selective", "remove_keyboard", "force_reply",
	} {
		if _, err := v.boolField(name); err != nil {
			return markup{}, err
		}
	}
	placeholder, err := v.stringField("input_field_placeholder")
	if err != nil {
		return markup{}, err
	}
	if utf8.RuneCountInString(placeholder) > maxPlaceholder {
		return markup{}, errMarkupTooBig
	}
	if len(v.append(nil)) > maxMarkup {
		return markup{}, errMarkupTooBig
	}
	if rows, ok := v.field("inline_keyboard"); ok {
		return inlineKeyboard(rows, at)
	}
	if rows, ok := v.field("keyboard"); ok {
		return markup{}, eachButton(rows, "keyboard", "keyboard button", func(button *value) error {
			return checkKeyboardButton(button, at)
		})
	}
	return markup{}, nil
}

func inlineKeyboard(rows *value, at scene) (markup, error) {
	m := markup{inline: true}
	// Malformed buttons are reported before invalid ones: the server parses the whole keyboard first.
	err := eachButton(rows, "inline_keyboard", "inline keyboard button", func(button *value) error {
		_, err := parseInlineButton(button)
		return err
	})
	if err != nil {
		return markup{}, err
	}
	for i := range rows.items {
		for j := range rows.items[i].items {
			button, err := parseInlineButton(&rows.items[i].items[j])
			if err == nil {
				err = button.check(at)
			}
			if err != nil {
				return markup{}, err
			}
			if button.kind == "callback_data" {
				m.data = append(m.data, button.target)
			}
		}
	}
	out := appendInlineKeyboard(nil, rows)
	if out != nil {
		m.json = string(out)
	}
	return m, nil
}

// eachButton walks over the rows of a keyboard and wraps a button's error as the server does.
func eachButton(rows *value, field, what string, visit func(*value) error) error {
	if rows.kind != kindArray {
		return errType(field, "Array")
	}
	total := 0
	for i := range rows.items {
		row := &rows.items[i]
		if row.kind != kindArray {
			return fmt.Errorf(`Field "%s" must be an Array of Arrays`, field)
		}
		if total += len(row.items); total > maxButtons || len(row.items) > maxRowButtons {
			return errMarkupTooBig
		}
		for j := range row.items {
			if err := visit(&row.items[j]); err != nil {
				if _, whole := errors.AsType[*contentError](err); whole {
					return err
				}
				return fmt.Errorf("Can't parse %s: %w", what, err)
			}
		}
	}
	return nil
}

// appendInlineKeyboard renders the rows that have buttons; without any it returns nil.
func appendInlineKeyboard(dst []byte, rows *value) []byte {
	first := true
	for i := range rows.items {
		row := &rows.items[i]
		if len(row.items) == 0 {
			continue
		}
		if first {
			dst = append(dst, `{"inline_keyboard":[`...)
		} else {
			dst = append(dst, ',')
		}
		first = false
		dst = row.append(dst)
	}
	if first {
		return nil
	}
	return append(dst, "]}"...)
}

// append renders a JSON value.
func (v *value) append(dst []byte) []byte {
	switch v.kind {
	case kindString:
		return appendString(dst, v.text)
	case kindArray:
		dst = append(dst, '[')
		for i := range v.items {
			if i > 0 {
				dst = append(dst, ',')
			}
			dst = v.items[i].append(dst)
		}
		return append(dst, ']')
	case kindObject:
		dst = append(dst, '{')
		for i := range v.fields {
			if i > 0 {
				dst = append(dst, ',')
			}
			dst = append(appendString(dst, v.fields[i].name), ':')
			dst = v.fields[i].value.append(dst)
		}
		return append(dst, '}')
	}
	return append(dst, v.text...)
}
