package sandbox

import (
	"errors"
	"slices"
	"unicode/utf8"
)

// Limits of texts and captions.
const (
	maxTextBytes     = 32768 // of the parameter, mark-up included
	maxTextLength    = 4096  // code points, after the mark-up is gone
	maxCaptionLength = 1024  // the same of a caption
)

var (
	errTextEmpty   = errors.New("message text is empty")
	errTextTooBig  = errors.New("text is too long")
	errTextUTF8    = errors.New("strings must be encoded in UTF-8")
	errTextBlank   = errors.New("text must be non-empty")
	errTextTooLong = errors.New("message is too long")
	errCaption     = errors.New("message caption is too long")
	errParseMode   = errors.New("unsupported parse_mode")
)

// formatted is a text with its entities, ready to be shown.
type formatted struct {
	text     []byte
	entities []entity
}

// format is the first half of reading a text: bytes, encoding, mark-up. The result shares the parser's memory.
func (p *htmlParser) format(raw, mode, entities []byte) (formatted, error) {
	switch {
	case len(raw) == 0:
		return formatted{}, errTextEmpty
	case len(raw) > maxTextBytes:
		return formatted{}, errTextTooBig
	case !utf8.Valid(raw):
		return formatted{}, errTextUTF8
	}
	if len(mode) != 0 {
		switch lowerString(mode) {
		case "html":
			if err := p.parse(raw); err != nil {
				return formatted{}, errors.New("can't parse entities: " + err.Error())
			}
			return formatted{p.text, p.entities}, nil
		case "none":
		default:
			return formatted{}, errParseMode
		}
	}
	p.text = append(p.text[:0], raw...)
	p.entities = p.entities[:0]
	if len(entities) == 0 {
		return formatted{p.text, p.entities}, nil
	}
	list, err := parseEntities(entities)
	if err == nil {
		list, err = checkEntities(p.text, list)
	}
	return formatted{p.text, list}, err
}

// caption is format for a text that may be empty.
func (p *htmlParser) caption(raw, mode, entities []byte) (formatted, error) {
	if len(raw) == 0 {
		return formatted{}, nil
	}
	return p.format(raw, mode, entities)
}

// finish is the second half: the text is cleaned and trimmed, its entities are arranged, its length is checked.
func (f *formatted) finish(limit int) error {
	f.arrange()
	if isBlank(f.text) {
		return errTextBlank
	}
	if utf8.RuneCount(f.text) > limit {
		return errTextTooLong
	}
	return nil
}

// arrange cleans and trims the text, and arranges its entities before and after, as Telegram does. It drops those after
// the hundredth.
func (f *formatted) arrange() {
	f.entities = arrange(f.entities)
	f.clean()
	f.entities = arrange(f.entities)
	f.trim()
	slices.SortStableFunc(f.entities, compareEntities)
	f.entities = f.entities[:min(len(f.entities), maxEntities)]
}

// finishCaption is finish for a caption; a caption that shows nothing counts as none.
func (f *formatted) finishCaption() error {
	f.arrange()
	if isBlank(f.text) {
		*f = formatted{}
		return nil
	}
	if utf8.RuneCount(f.text) > maxCaptionLength {
		return errCaption
	}
	return nil
}

// clean replaces control characters by spaces, and removes carriage returns and the characters that change the
// direction of text or draw lines through it, in place. Entities follow.
func (f *formatted) clean() {
	dirty := false
	for _, c := range f.text {
		if c < ' ' && c != '\n' || c == 0xe2 || c == 0xcc {
			dirty = true
			break
		}
	}
	if !dirty {
		return
	}
	out := f.text[:0]
	var removed []int // UTF-16 offsets of what was taken out; each is one unit
	units := 0
	for i := 0; i < len(f.text); {
		r, size := utf8.DecodeRune(f.text[i:])
		width := unitsOf(f.text[i]) // out may overtake it below
		switch {
		case r == '\r' || r >= 0x2028 && r <= 0x202e || r == 0x333 || r == 0x33f || r == 0x30a:
			removed = append(removed, units)
		case r < ' ' && r != '\n':
			out = append(out, ' ')
		default:
			out = append(out, f.text[i:i+size]...)
		}
		units += width
		i += size
	}
	f.text = out
	f.remap(func(offset int) int {
		before := 0
		for _, at := range removed {
			if at < offset {
				before++
			}
		}
		return offset - before
	})
}

// trim removes white space at both ends. In front it removes only white space that no entity covers.
func (f *formatted) trim() {
	end := len(f.text)
	for end > 0 && (f.text[end-1] == ' ' || f.text[end-1] == '\n') {
		end--
	}
	f.text = f.text[:end]
	first := end
	for i := range f.entities {
		first = min(first, f.entities[i].offset) // the bytes before the first entity are spaces wherever this matters
	}
	start := 0
	for start < first && (f.text[start] == ' ' || f.text[start] == '\n') {
		start++
	}
	f.text = f.text[start:]
	if len(f.entities) == 0 {
		return
	}
	length := 0
	for _, c := range f.text {
		if utf8.RuneStart(c) {
			length += unitsOf(c)
		}
	}
	f.remap(func(offset int) int { return min(offset-start, length) })
}

// remap moves both ends of every entity and drops those that become empty.
func (f *formatted) remap(move func(int) int) {
	kept := f.entities[:0]
	for _, e := range f.entities {
		offset, end := move(e.offset), move(e.end())
		if end > offset {
			e.offset, e.length = offset, end-offset
			kept = append(kept, e)
		}
	}
	f.entities = kept
}

// isBlank reports whether a text shows nothing.
func isBlank(text []byte) bool {
	for i := 0; i < len(text); {
		r, size := utf8.DecodeRune(text[i:])
		if !isInvisible(r) {
			return false
		}
		i += size
	}
	return true
}

func isInvisible(r rune) bool {
	switch r {
	case ' ', '\n', '\t', 0xa0, 0xad, 0x1680, 0x180e, 0x202f, 0x205f, 0x2800, 0x3000, 0xfeff, 0xfffc:
		return true
	}
	return r >= 0x2000 && r <= 0x200f || r >= 0x2060 && r <= 0x206f
}
