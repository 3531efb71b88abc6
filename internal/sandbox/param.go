package sandbox

import (
	"bytes"
	"errors"
	"io"
	"mime"
	"mime/multipart"
	"strconv"
)

// maxBody is the largest request the sandbox reads, in bytes: Telegram's largest upload and room for the rest.
const maxBody = 52 << 20

var errMultipart = errors.New("can't parse multipart form data")

// param is one parameter of a call. A value that came as JSON but not as a string is kept as its JSON text, which is
// also how a form would carry it.
type param struct {
	name, value []byte
	file        bool // value is an uploaded file's content
	fileName    string
}

// params are the parameters of one call. It is meant for reuse: its buffers stay, and the values point into them and
// into the request.
type params struct {
	list  []param
	arena []byte
	files bool // some are files
}

func (p *params) reset() {
	clear(p.list)
	p.list, p.arena, p.files = p.list[:0], p.arena[:0], false
}

// get returns the first parameter of that name; none is nil.
func (p *params) get(name string) []byte {
	for i := range p.list {
		if string(p.list[i].name) == name && !p.list[i].file {
			return p.list[i].value
		}
	}
	return nil
}

// file returns the first uploaded file in a field of that name; none is nil.
func (p *params) file(name string) *param {
	for i := range p.list {
		if p.list[i].file && string(p.list[i].name) == name {
			return &p.list[i]
		}
	}
	return nil
}

// uploaded is the size of all files together, in bytes.
func (p *params) uploaded() (size int64) {
	if !p.files {
		return 0
	}
	for i := range p.list {
		if p.list[i].file {
			size += int64(len(p.list[i].value))
		}
	}
	return size
}

// integer returns a whole number, and fallback when the parameter is absent or no number, as Telegram's server does.
func (p *params) integer(name string, fallback int64) int64 {
	n, ok := parseInt(p.get(name))
	if !ok {
		return fallback
	}
	return n
}

func (p *params) flag(name string) bool { return isTrue(p.get(name)) }

// parseInt is strconv.ParseInt for bytes, in base ten and without a plus sign, that allocates nothing.
func parseInt(b []byte) (n int64, ok bool) {
	if len(b) == 0 {
		return 0, false
	}
	digits := b
	if b[0] == '-' {
		digits = b[1:]
	}
	if len(digits) == 0 || len(digits) > 18 {
		n, err := strconv.ParseInt(string(b), 10, 64)
		return n, err == nil && b[0] != '+'
	}
	for _, c := range digits {
		if c < '0' || c > '9' {
			return 0, false
		}
		n = n*10 + int64(c-'0')
	}
	if len(digits) < len(b) {
		n = -n
	}
	return n, true
}

// isTrue reads a flag: true, yes and 1 in any case are true, everything else is false.
func isTrue(b []byte) bool {
	switch len(b) {
	case 0:
		return false
	case 4:
		if string(b) == "true" {
			return true
		}
	}
	switch lowerString(bytes.TrimSpace(b)) {
	case "true", "yes", "1":
		return true
	}
	return false
}

// decode reads the parameters of a request: first those in its query, then those in its body. Of several with one
// name the first counts. A body of an unknown type is ignored.
func (p *params) decode(query, contentType, body []byte) error {
	p.reset()
	if len(query) > 0 {
		p.form(query)
	}
	if len(body) == 0 {
		return nil
	}
	switch media := mediaType(contentType); media {
	case "application/json":
		return p.json(body)
	case "application/x-www-form-urlencoded":
		p.form(body)
	case "multipart/form-data":
		return p.multipart(string(contentType), body)
	}
	return nil
}

// mediaType is the type without its parameters, in lower case.
func mediaType(contentType []byte) string {
	if string(contentType) == "application/json" {
		return "application/json"
	}
	name, _, _ := bytes.Cut(contentType, []byte{';'})
	return lowerString(bytes.TrimSpace(name))
}

// json reads the members of one JSON object.
func (p *params) json(body []byte) error {
	s := scanner{data: body, arena: p.arena}
	s.space()
	if s.peek() != '{' {
		return errSyntax
	}
	err := s.object(func(name []byte) (err error) {
		start := s.pos
		var text []byte
		if s.peek() == '"' {
			text, err = s.str()
		} else {
			err = s.skip(1)
			text = body[start:min(s.pos, len(body))]
		}
		p.list = append(p.list, param{name: name, value: text})
		return err
	})
	p.arena = s.arena
	if err != nil {
		return err
	}
	if s.space(); s.pos != len(body) {
		return errSyntax
	}
	return nil
}

// form reads name=value pairs joined by ampersands. A broken escape stands for itself.
func (p *params) form(text []byte) {
	for len(text) > 0 {
		var pair []byte
		pair, text, _ = bytes.Cut(text, []byte{'&'})
		if len(pair) == 0 {
			continue
		}
		name, content, _ := bytes.Cut(pair, []byte{'='})
		p.list = append(p.list, param{name: p.unescape(name), value: p.unescape(content)})
	}
}

func (p *params) unescape(text []byte) []byte {
	if bytes.IndexByte(text, '%') < 0 && bytes.IndexByte(text, '+') < 0 {
		return text
	}
	start := len(p.arena)
	p.arena = appendUnescaped(p.arena, text, true)
	return p.arena[start:len(p.arena):len(p.arena)]
}

// appendUnescaped appends text with its %XX escapes decoded; a plus sign is a space in a query, not in a path.
func appendUnescaped(dst, text []byte, query bool) []byte {
	for i := 0; i < len(text); i++ {
		switch c := text[i]; {
		case c == '+' && query:
			dst = append(dst, ' ')
		case c == '%' && i+2 < len(text) && hexDigit(text[i+1]) >= 0 && hexDigit(text[i+2]) >= 0:
			dst = append(dst, byte(hexDigit(text[i+1])<<4|hexDigit(text[i+2])))
			i += 2
		default:
			dst = append(dst, c)
		}
	}
	return dst
}

// multipart reads a form with files.
func (p *params) multipart(contentType string, body []byte) error {
	_, attributes, err := mime.ParseMediaType(contentType)
	if err != nil || attributes["boundary"] == "" {
		return errMultipart
	}
	reader := multipart.NewReader(bytes.NewReader(body), attributes["boundary"])
	for {
		part, err := reader.NextRawPart()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return errMultipart
		}
		content, err := io.ReadAll(part)
		if err != nil {
			return errMultipart
		}
		file := part.FileName()
		p.files = p.files || file != ""
		p.list = append(p.list, param{name: []byte(part.FormName()), value: content, file: file != "", fileName: file})
	}
}

// object renders the parameters as one JSON object; other values than JSON are strings, files give their size.
func (p *params) object() string {
	out := []byte{'{'}
	for i, one := range p.list {
		if i > 0 {
			out = append(out, ',')
		}
		out = append(appendString(out, one.name), ':')
		switch {
		case one.file:
			out = strconv.AppendInt(out, int64(len(one.value)), 10)
		case isComposite(one.value):
			out = append(out, one.value...)
		default:
			out = appendString(out, one.value)
		}
	}
	return string(append(out, '}'))
}

// isComposite reports whether a value is a JSON object or array.
func isComposite(text []byte) bool {
	if len(text) == 0 || text[0] != '{' && text[0] != '[' {
		return false
	}
	_, err := parseJSON(text)
	return err == nil
}
