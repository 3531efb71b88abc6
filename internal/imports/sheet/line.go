package sheet

import (
	"bufio"
	"bytes"
	"slices"
)

// A line is a physical line of the file, without its end.
type line struct {
	text []byte
	// number counts from 1.
	number int
	// long is true for a line that is longer than [MaxRow]; its text is cut off.
	long bool
}

// lines reads lines. They end with LF or CRLF, or, in a file whose first line ends
// with a lone CR, with any of the three.
type lines struct {
	text   *bufio.Reader
	ends   string
	number int
	// back are lines that are read once more.
	back []line
}

func newLines(text *bufio.Reader) *lines {
	// An error comes again when the text is read.
	first, _ := text.Peek(chunk)
	return &lines{text: text, ends: lineEnds(first)}
}

// lineEnds returns the bytes that end a line in a file that begins so.
func lineEnds(first []byte) string {
	quoted := false
	for i, b := range first {
		switch {
		case b == '"':
			quoted = !quoted
		case quoted:
		case b == '\n':
			return "\n"
		case b == '\r':
			if rest := bytes.TrimLeft(first[i:], "\r"); len(rest) == 0 || rest[0] != '\n' {
				return "\r\n"
			}
			return "\n"
		}
	}
	return "\n"
}

// next returns the next line, or io.EOF.
func (l *lines) next() (line, error) {
	if len(l.back) > 0 {
		first := l.back[0]
		l.back = l.back[1:]
		return first, nil
	}
	out := line{number: l.number + 1}
	for begun := false; ; begun = true {
		// Something is waited for; then everything that is there is taken.
		if _, err := l.text.Peek(1); err != nil {
			if !begun || !isEnd(err) {
				return out, err
			}
			break
		}
		ready, _ := l.text.Peek(l.text.Buffered())
		at := bytes.IndexAny(ready, l.ends)
		taken := ready
		if at >= 0 {
			taken = ready[:at]
		}
		out.add(taken)
		if at < 0 {
			// What is buffered is discarded without fail, here and below.
			_, _ = l.text.Discard(len(ready))
			continue
		}
		_, _ = l.text.Discard(at + 1)
		if ready[at] == '\r' {
			l.skipLF()
		}
		break
	}
	l.number++
	out.text = bytes.TrimRight(out.text, "\r")
	return out, nil
}

// skipLF skips the second half of a CRLF.
func (l *lines) skipLF() {
	if following, err := l.text.Peek(1); err == nil && following[0] == '\n' {
		_, _ = l.text.Discard(1)
	}
}

// add appends text, as far as there is room.
func (l *line) add(text []byte) {
	if room := MaxRow - len(l.text); len(text) > room {
		text, l.long = text[:room], true
	}
	l.text = append(l.text, text...)
}

// again has lines read once more, before all others.
func (l *lines) again(read []line) { l.back = append(slices.Clip(read), l.back...) }
