package message

import (
	"cmp"
	"errors"
	"slices"
	"strings"
	"unicode/utf8"

	"bellman/internal/fault"
)

// textSlot is a text that is not the same for everybody.
type textSlot struct {
	program program
	field   string
	// most is how many characters it may show.
	most int
	// caption tells that it may be empty.
	caption bool
}

func (s *textSlot) write(c *composer) error {
	rendered, err := c.render(s.program)
	if err != nil {
		return blame(err, s.field)
	}
	if f := c.html.parse(rendered); f != nil {
		return f.of(s.field)
	}
	if f := cmp.Or(c.html.checkEntities(), checkShown(c.html.text(), s.most, s.caption)); f != nil {
		return f.of(s.field)
	}
	raw := 0
	c.dst = append(c.dst, '"')
	c.html.rewrite(func(part []byte) {
		raw += len(part)
		c.dst = appendJSON(c.dst, part)
	}, func(a anchor, written []byte) {
		if address, ok := c.link(a.number, c.html.value(a.target)); ok {
			before := len(c.dst)
			c.dst = appendQuotedAddress(c.dst, address)
			raw += len(c.dst) - before
			return
		}
		raw += len(written)
		c.dst = appendJSON(c.dst, written)
	})
	c.dst = append(c.dst, '"')
	if raw > MaxRawText {
		return rawTooLong(raw).of(s.field)
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

// appendQuotedAddress appends an address as the value of an attribute, inside a
// JSON string.
func appendQuotedAddress(dst []byte, address string) []byte {
	dst = append(dst, `\"`...)
	if strings.ContainsAny(address, htmlSpecial) {
		dst = appendJSON(dst, appendHTML(nil, address))
	} else {
		dst = appendJSON(dst, address)
	}
	return append(dst, `\"`...)
}

// rewrite goes over what was parsed, without what Telegram does not get: text is
// called with each stretch that stays, and link with each numbered link and its
// address as written, with the quotes.
func (p *htmlParser) rewrite(text func([]byte), link func(a anchor, written []byte)) {
	at := 0
	for _, a := range p.anchors {
		spans := [...]span{a.mark, a.off, a.href}
		slices.SortFunc(spans[:], func(a, b span) int { return a.from - b.from })
		for _, s := range spans {
			if s.empty() {
				continue
			}
			text(p.src[at:s.from])
			at = s.to
			if s != a.href {
				continue
			}
			if a.number >= 0 {
				link(a, p.src[s.from:s.to])
			} else {
				text(p.src[s.from:s.to])
			}
		}
	}
	text(p.src[at:])
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
		c.dst = appendQuotedAddress(c.dst, address)
	default:
		c.dst = appendString(c.dst, address)
	}
	return nil
}

// checkPlain returns what is wrong with a rendered field, and its code.
type checkPlain func(text string) (code, reason string)

// plainSlot is a field that is not the same for everybody and no HTML.
type plainSlot struct {
	program program
	field   string
	check   checkPlain
}

func (s *plainSlot) write(c *composer) error {
	rendered, err := c.render(s.program)
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
	program program
	field   string
	// number is the link's, -1 when its clicks are not counted.
	number int
}

func (s *addressSlot) write(c *composer) error {
	rendered, err := c.render(s.program)
	if err != nil {
		return blame(err, s.field)
	}
	if code, reason := checkAddress(s.field, string(rendered)); code != "" {
		return invalid(s.field, code, "%s", reason)
	}
	if counted, ok := c.link(s.number, rendered); ok {
		c.dst = appendString(c.dst, counted)
	} else {
		c.dst = appendString(c.dst, rendered)
	}
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

// checkShown finds fault with how much a text shows.
func checkShown(text []byte, most int, caption bool) *flaw {
	n := len(text)
	if n > most { // in bytes; characters are fewer
		n = utf8.RuneCount(text)
	}
	switch {
	case isBlank(text) && !caption:
		return flawAt(0, "text_missing", "the text is empty; write what the message says")
	case n > most && caption:
		return flawAt(0, "text_too_long", "the text has %d characters; with media Telegram takes %d", n, most)
	case n > most:
		return flawAt(0, "text_too_long", "the text has %d characters; Telegram takes %d", n, most)
	}
	return nil
}

func rawTooLong(bytes int) *flaw {
	return flawAt(0, "text_too_long", "the text has %d bytes with its mark-up, Telegram takes %d", bytes, MaxRawText)
}
