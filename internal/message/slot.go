package message

import (
	"errors"
	"strings"
	"unicode/utf8"

	"bellman/internal/fault"
	"bellman/internal/message/liquid"
	"bellman/internal/message/markup"
)

// textSlot is a text that is not the same for everybody.
type textSlot struct {
	template *liquid.Template
	field    string
	// most is how many characters it may show.
	most int
	// caption tells that it may be empty.
	caption bool
}

func (s *textSlot) write(c *composer) error {
	rendered, err := c.render(s.template, htmlEscaper{})
	if err != nil {
		return blame(err, s.field)
	}
	if f := c.html.Parse(rendered); f != nil {
		return f.Of(s.field)
	}
	if f := checkShown(c.html.Text(), s.most, s.caption); f != nil {
		return f.Of(s.field)
	}
	c.html.LimitEntities()
	raw := 0
	c.dst = append(c.dst, '"')
	c.html.Rewrite(func(part []byte) {
		raw += len(part)
		c.dst = appendJSON(c.dst, part)
	}, func(a markup.Anchor, written []byte) {
		if address, ok := c.link(a.Number, c.html.Target(a)); ok {
			address = escapedAddress(address)
			c.dst = appendQuotedAddress(c.dst, address)
			raw += len(address) + len(`""`)
			return
		}
		raw += len(written)
		c.dst = appendJSON(c.dst, written)
	})
	c.dst = append(c.dst, '"')
	if raw > MaxRawText {
		return rawTooLong(raw).Of(s.field)
	}
	return nil
}

// blame names the field of a fault that has none.
func blame(err error, field string) error {
	if f, ok := errors.AsType[*fault.Error](err); ok && f.Field == "" {
		return f.In(field)
	}
	return err
}

// escapedAddress returns an address as it stands in HTML.
func escapedAddress(address string) string {
	if strings.ContainsAny(address, markup.Special) {
		return string(markup.AppendEscaped(nil, address))
	}
	return address
}

// appendQuotedAddress appends an escaped address as the value of an attribute,
// inside a JSON string.
func appendQuotedAddress(dst []byte, escaped string) []byte {
	dst = append(dst, `\"`...)
	dst = appendJSON(dst, escaped)
	return append(dst, `\"`...)
}

// linkSlot is a link that is the same for everybody but for its address.
type linkSlot struct {
	number  int
	address []byte
	// html tells that it stands in a text, not in a field of its own.
	html bool
	// written is what stands there when clicks are not counted.
	written []byte
}

func (s *linkSlot) write(c *composer) error {
	address, ok := c.link(s.number, s.address)
	switch {
	case !ok:
		c.dst = append(c.dst, s.written...)
	case s.html:
		c.dst = appendQuotedAddress(c.dst, escapedAddress(address))
	default:
		c.dst = appendString(c.dst, address)
	}
	return nil
}

// checkPlain returns what is wrong with a rendered field, and its code.
type checkPlain func(text string) (code, reason string)

// plainSlot is a field that is not the same for everybody and no HTML.
type plainSlot struct {
	template *liquid.Template
	field    string
	check    checkPlain
}

func (s *plainSlot) write(c *composer) error {
	rendered, err := c.render(s.template, plainEscaper{})
	if err != nil {
		return blame(err, s.field)
	}
	if code, reason := s.check(string(rendered)); code != "" {
		return invalid(s.field, code, "%s", reason)
	}
	c.dst = appendString(c.dst, rendered)
	return nil
}

// addressSlot is an address that is not the same for everybody.
type addressSlot struct {
	template *liquid.Template
	field    string
	// number is the link's, -1 when its clicks are not counted.
	number int
}

func (s *addressSlot) write(c *composer) error {
	rendered, err := c.render(s.template, plainEscaper{})
	if err != nil {
		return blame(err, s.field)
	}
	address := markup.TrimAddress(string(rendered))
	if code, reason := checkAddress(s.field, address); code != "" {
		return invalid(s.field, code, "%s", reason)
	}
	if counted, ok := c.link(s.number, []byte(address)); ok {
		address = counted
	}
	c.dst = appendString(c.dst, address)
	return nil
}

// effectSlot is a message effect; private chats alone have them, and their ids
// are positive.
type effectSlot string

func (s effectSlot) write(c *composer) error {
	if c.to.ChatID > 0 {
		c.dst = append(c.dst, `,"message_effect_id":`...)
		c.dst = appendString(c.dst, string(s))
	}
	return nil
}

// privateSlot stands before what a private chat alone can have. It writes
// nothing: a group, whose id is negative, gets no such message.
type privateSlot string

func (s privateSlot) write(c *composer) error {
	if c.to.ChatID < 0 {
		return invalid(string(s), "button_private_only", "a button that opens a Mini App works in private chats only")
	}
	return nil
}

// checkShown finds fault with how much a text shows.
func checkShown(text []byte, most int, caption bool) *fault.Flaw {
	n := len(text)
	if n > most { // in bytes; characters are fewer
		n = utf8.RuneCount(text)
	}
	switch {
	case markup.IsBlank(text) && !caption:
		return fault.Flawf(0, "text_missing", "the text is empty; write what the message says")
	case n > most && caption:
		return fault.Flawf(0, "text_too_long", "the text has %d characters; with media Telegram takes %d", n, most)
	case n > most:
		return fault.Flawf(0, "text_too_long", "the text has %d characters; Telegram takes %d", n, most)
	}
	return nil
}

func rawTooLong(bytes int) *fault.Flaw {
	return fault.Flawf(0, "text_too_long", "the text has %d bytes with its mark-up, Telegram takes %d", bytes, MaxRawText)
}
