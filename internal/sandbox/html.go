package sandbox

import (
	"errors"
	"fmt"
	"strconv"
	"unicode/utf8"
)

// htmlTags maps every tag of Telegram's HTML to the entity it makes.
var htmlTags = map[string]entityType{
	"b": bold, "strong": bold,
	"i": italic, "em": italic,
	"u": underline, "ins": underline,
	"s": strikethrough, "strike": strikethrough, "del": strikethrough,
	"tg-spoiler": spoiler, "span": spoiler,
	"a":          textLink,
	"code":       code,
	"pre":        pre,
	"blockquote": blockquote,
	"tg-emoji":   customEmoji,
	"tg-time":    dateTime,
}

// openTag is a start tag whose end tag has not come yet.
type openTag struct {
	name   string
	value  string // what its attribute says: the address, the language, the emoji's id, …
	format string // of a time
	offset int    // UTF-16 units of text before it
	start  int    // bytes of text before it
}

// htmlParser turns Telegram's HTML into plain text and entities. It is meant for reuse: its buffers stay.
type htmlParser struct {
	src      []byte
	pos      int
	text     []byte
	units    int
	entities []entity
	open     []openTag
	halves   bool // a numeric reference named half of a surrogate pair
}

// parse reads src; the results are in text and entities. The error's text is what Telegram says after
// "can't parse entities: "; its offsets are bytes of src.
func (p *htmlParser) parse(src []byte) error {
	p.src, p.pos, p.units, p.halves = src, 0, 0, false
	p.text, p.entities, p.open = p.text[:0], p.entities[:0], p.open[:0]
	for p.pos < len(p.src) {
		var err error
		switch c := p.src[p.pos]; {
		case c == '&' && p.reference(&p.text):
		case c == '<' && p.at(p.pos+1) == '/':
			err = p.endTag()
		case c == '<':
			err = p.startTag()
		default:
			if utf8.RuneStart(c) {
				p.units += unitsOf(c)
			}
			p.text = append(p.text, c)
			p.pos++
		}
		if err != nil {
			return err
		}
	}
	return p.finish()
}

func (p *htmlParser) finish() error {
	if n := len(p.open); n > 0 {
		return fmt.Errorf(`Can't find end tag corresponding to start tag "%s"`, p.open[n-1].name)
	}
	if p.halves {
		return errors.New("Text contains invalid Unicode characters after decoding HTML entities, " +
			"check for unmatched surrogate code units")
	}
	for i := range p.entities {
		if p.entities[i].kind == code {
			p.entities[i].value = ""
		}
	}
	return nil
}

// at returns the byte at i, and 0 past the end: the end of the text counts as white space.
func (p *htmlParser) at(i int) byte {
	if i < len(p.src) {
		return p.src[i]
	}
	return 0
}

func isSpace(c byte) bool {
	return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\v' || c == 0
}

// unitsOf is the number of UTF-16 units of the character whose first UTF-8 byte is c.
func unitsOf(c byte) int {
	if c >= 0xf0 {
		return 2
	}
	return 1
}

func (p *htmlParser) startTag() error {
	begin := p.pos
	p.pos++
	for !isSpace(p.at(p.pos)) && p.at(p.pos) != '>' {
		p.pos++
	}
	if p.at(p.pos) == 0 {
		return fmt.Errorf("Unclosed start tag at byte offset %d", begin)
	}
	name := lowerString(p.src[begin+1 : p.pos])
	if _, ok := htmlTags[name]; !ok {
		return fmt.Errorf(`Unsupported start tag "%s" at byte offset %d`, name, begin)
	}
	tag := openTag{name: name, offset: p.units, start: len(p.text)}
	for p.at(p.pos) != '>' {
		if err := p.attribute(&tag, begin); err != nil {
			return err
		}
	}
	p.pos++
	if name == "span" && tag.value != "spoiler" {
		return fmt.Errorf(`Tag "span" must have class "tg-spoiler" at byte offset %d`, begin)
	}
	p.open = append(p.open, tag)
	return nil
}

func (p *htmlParser) skipSpace() {
	for p.at(p.pos) != 0 && isSpace(p.at(p.pos)) {
		p.pos++
	}
}

// attribute reads one attribute of a start tag, or the white space before its end.
func (p *htmlParser) attribute(tag *openTag, begin int) error {
	p.skipSpace()
	if p.at(p.pos) == '>' {
		return nil
	}
	start := p.pos
	for c := p.at(p.pos); !isSpace(c) && c != '=' && c != '>' && c != '/' && c != '"' && c != '\''; c = p.at(p.pos) {
		p.pos++
	}
	name := p.src[start:p.pos]
	if len(name) == 0 {
		return fmt.Errorf(`Empty attribute name in the tag "%s" at byte offset %d`, tag.name, begin)
	}
	p.skipSpace()
	if p.at(p.pos) != '=' {
		if p.at(p.pos) == 0 {
			return fmt.Errorf(`Unclosed start tag "%s" at byte offset %d`, tag.name, begin)
		}
		tag.set(name, nil)
		return nil
	}
	p.pos++
	p.skipSpace()
	if p.at(p.pos) == 0 {
		return fmt.Errorf(`Unclosed start tag "%s" at byte offset %d`, tag.name, begin)
	}
	value, err := p.attributeValue()
	if err != nil {
		return err
	}
	if p.at(p.pos) == 0 {
		return fmt.Errorf("Unclosed start tag at byte offset %d", begin)
	}
	tag.set(name, value)
	return nil
}

func (p *htmlParser) attributeValue() ([]byte, error) {
	quote := p.at(p.pos)
	if quote != '"' && quote != '\'' {
		return p.bareValue()
	}
	p.pos++
	var value []byte
	for c := p.at(p.pos); c != quote && c != 0; c = p.at(p.pos) {
		if c == '&' && p.reference(&value) {
			continue
		}
		value = append(value, c)
		p.pos++
	}
	if p.at(p.pos) == quote {
		p.pos++
	}
	return value, nil
}

// bareValue reads a value without quotes: letters, digits, periods and hyphens.
func (p *htmlParser) bareValue() ([]byte, error) {
	start := p.pos
	for c := p.at(p.pos); isAlnum(c) || c == '.' || c == '-'; c = p.at(p.pos) {
		p.pos++
	}
	if c := p.at(p.pos); !isSpace(c) && c != '>' {
		return nil, fmt.Errorf("Unexpected end of name token at byte offset %d", start)
	}
	return []byte(lowerString(p.src[start:p.pos])), nil
}

// set keeps an attribute if the tag uses it; all others are ignored.
func (t *openTag) set(name, value []byte) {
	switch t.name + " " + string(name) {
	case "a href", "tg-emoji emoji-id", "tg-time unix":
		t.value = string(value)
	case "code class":
		if rest, ok := cutPrefix(value, "language-"); ok {
			t.value = string(rest)
		}
	case "span class":
		if rest, ok := cutPrefix(value, "tg-"); ok {
			t.value = string(rest)
		}
	case "tg-time format":
		t.format = string(value)
	case "blockquote expandable":
		t.value = "expandable"
	}
}

func (p *htmlParser) endTag() error {
	begin := p.pos
	if len(p.open) == 0 {
		return fmt.Errorf("Unexpected end tag at byte offset %d", begin)
	}
	p.pos += 2
	for !isSpace(p.at(p.pos)) && p.at(p.pos) != '>' {
		p.pos++
	}
	name := lowerString(p.src[begin+2 : p.pos])
	p.skipSpace()
	if p.at(p.pos) != '>' {
		return fmt.Errorf("Unclosed end tag at byte offset %d", begin)
	}
	p.pos++
	tag := p.open[len(p.open)-1]
	if name != "" && name != tag.name {
		return fmt.Errorf(`Unmatched end tag at byte offset %d, expected "</%s>", found "</%s>"`, begin, tag.name, name)
	}
	p.open = p.open[:len(p.open)-1]
	if p.units == tag.offset {
		return nil
	}
	return p.closeTag(tag)
}

// closeTag makes the entity of a tag that has text between its start and its end.
func (p *htmlParser) closeTag(tag openTag) error {
	e := entity{kind: htmlTags[tag.name], offset: tag.offset, length: p.units - tag.offset}
	switch e.kind {
	case textLink:
		e = linkEntity(e, tag.value, p.text[tag.start:])
		if e.kind == noEntity {
			return nil
		}
	case customEmoji:
		// A number has one spelling (TDLib, to_integer_safe).
		if id, err := strconv.ParseInt(tag.value, 10, 64); err != nil || id == 0 || strconv.FormatInt(id, 10) != tag.value {
			return errors.New("Invalid custom emoji identifier specified")
		}
		e.value = tag.value
	case dateTime:
		if !isTimeFormat(tag.format) {
			return errTimeFormat
		}
		at := leadingNumber(tag.value)
		if at <= 0 {
			return nil
		}
		e.value, e.format = strconv.FormatInt(int64(at), 10), tag.format
	case blockquote:
		if tag.value != "" {
			e.kind = expandableBlockquote
		}
	case code:
		e.value = tag.value
		if p.mergeCode(e, pre, tag.value) {
			return nil
		}
	case pre:
		if last := p.last(e, code); last != nil && p.mergeCode(e, code, last.value) {
			return nil
		}
	}
	p.entities = append(p.entities, e)
	return nil
}

// linkEntity decides what an <a> becomes: a link, a mention of a user, or nothing when its address is no link.
func linkEntity(e entity, address string, text []byte) entity {
	if address == "" {
		address = string(text)
	}
	if id, ok := linkUser(address); ok {
		e.kind, e.user = textMention, id
		return e
	}
	address, err := checkLink(address, false)
	if err != nil {
		return entity{}
	}
	e.value = address
	return e
}

// last returns the entity that ended last, if it has the kind and covers the same text as e.
func (p *htmlParser) last(e entity, k entityType) *entity {
	if len(p.entities) == 0 {
		return nil
	}
	last := &p.entities[len(p.entities)-1]
	if last.kind != k || last.offset != e.offset || last.length != e.length {
		return nil
	}
	return last
}

// mergeCode turns a <code> with a language and a <pre> around the same text into one block of code.
func (p *htmlParser) mergeCode(e entity, other entityType, language string) bool {
	last := p.last(e, other)
	if last == nil || language == "" {
		return false
	}
	last.kind, last.value = pre, language
	return true
}

func isAlnum(c byte) bool {
	return c >= '0' && c <= '9' || c|0x20 >= 'a' && c|0x20 <= 'z'
}

// lowerString lowers ASCII letters and leaves every other byte alone.
func lowerString(b []byte) string {
	for i, c := range b {
		if c < 'A' || c > 'Z' {
			continue
		}
		out := []byte(string(b))
		for ; i < len(out); i++ {
			if c := out[i]; c >= 'A' && c <= 'Z' {
				out[i] = c | 0x20
			}
		}
		return string(out)
	}
	return string(b)
}

func cutPrefix(b []byte, prefix string) ([]byte, bool) {
	if len(b) < len(prefix) || string(b[:len(prefix)]) != prefix {
		return b, false
	}
	return b[len(prefix):], true
}
