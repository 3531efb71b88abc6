package liquid

import (
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// lexeme is the smallest part of an expression.
type lexeme struct {
	kind lexemeKind
	// text is a name without its period or colon, or a sign.
	text string
	at   int
	// value is a literal's.
	value any
}

type lexemeKind byte

const (
	endLexeme      lexemeKind = iota
	badLexeme                 // nothing that an expression can have
	nameLexeme                // contact
	propertyLexeme            // .firstName
	keywordLexeme             // truncate:
	literalLexeme             // 7, 1.5, "text"
	signLexeme                // == != < > <= >= .. | , ( ) [ ]
)

// reserved are the names that are no variables.
var reserved = map[string]bool{
	"true": true, "false": true, "nil": true, "and": true, "or": true, "contains": true, "in": true, "reversed": true,
}

// lexemes takes expressions apart.
type lexemes struct {
	source string
	at     int // the place of source in the whole
}

// next takes the next lexeme off.
func (x *lexemes) next() lexeme {
	trimmed := strings.TrimLeft(x.source, " \t\n\v\f\r")
	l := lexeme{at: x.at + len(x.source) - len(trimmed)}
	size := l.read(trimmed)
	x.source, x.at = trimmed[size:], l.at+size
	return l
}

// read reads the lexeme that a text begins with, and returns its length.
func (l *lexeme) read(s string) int {
	if s == "" {
		return 0
	}
	switch c := s[0]; {
	case c == '"' || c == '\'':
		return l.quoted(s)
	case isDigit(c) || c == '-' && len(s) > 1 && isDigit(s[1]):
		return l.number(s)
	case c == '.' && len(s) > 1 && beginsName(s[1]):
		size := 1 + nameSize(s[1:])
		l.kind, l.text = propertyLexeme, s[1:size]
		return size
	case beginsName(c):
		return l.name(s)
	}
	return l.sign(s)
}

func (l *lexeme) sign(s string) int {
	l.kind, l.text = signLexeme, s[:1]
	if len(s) > 1 {
		switch s[:2] {
		case "==", "!=", "<=", ">=", "..":
			l.text = s[:2]
			return 2
		}
	}
	switch s[0] {
	case '<', '>', '|', ',', '(', ')', '[', ']':
	default:
		l.kind = badLexeme
	}
	return 1
}

func (l *lexeme) quoted(s string) int {
	end := strings.IndexByte(s[1:], s[0])
	if end < 0 {
		l.kind = badLexeme
		return len(s)
	}
	l.kind, l.value = literalLexeme, s[1:1+end]
	return end + 2
}

func (l *lexeme) number(s string) int {
	size := 1
	for size < len(s) && isDigit(s[size]) {
		size++
	}
	whole := size
	if size+1 < len(s) && s[size] == '.' && isDigit(s[size+1]) {
		for size++; size < len(s) && isDigit(s[size]); {
			size++
		}
	}
	l.kind = literalLexeme
	var err error
	if size == whole {
		l.value, err = strconv.Atoi(s[:size])
	} else {
		l.value, err = strconv.ParseFloat(s[:size], 64)
	}
	if err != nil {
		l.kind = badLexeme
	}
	return size
}

func (l *lexeme) name(s string) int {
	size := nameSize(s)
	l.kind, l.text = nameLexeme, s[:size]
	switch {
	case !isName(l.text):
		l.kind = badLexeme
	case strings.HasPrefix(s[size:], ":"):
		l.kind = keywordLexeme
		size++
	case l.text == "true" || l.text == "false":
		l.kind, l.value = literalLexeme, l.text == "true"
	case l.text == "nil":
		l.kind = literalLexeme
	}
	return size
}

// beginsName tells whether a name can begin with a byte.
func beginsName(c byte) bool { return isLetter(c) || c == '_' || c >= utf8.RuneSelf }

// nameSize returns how long the name is that a text begins with.
func nameSize(s string) int {
	size := 0
	for size < len(s) && (beginsName(s[size]) || isDigit(s[size]) || s[size] == '-') {
		size++
	}
	if size < len(s) && s[size] == '?' {
		size++
	}
	return size
}

// IsProperty tells whether a text can stand behind a period, and means what it means
// in brackets.
func IsProperty(s string) bool { return isName(s) && !isOfLists(s) && nameSize(s) == len(s) }

// isName tells whether a text is the name of a variable or a filter.
func isName(s string) bool {
	first, _ := utf8.DecodeRuneInString(s)
	return (first == '_' || unicode.IsLetter(first)) && strings.IndexFunc(strings.TrimSuffix(s, "?"), func(r rune) bool {
		return r != '_' && r != '-' && !unicode.IsLetter(r) && !unicode.IsDigit(r) && !unicode.IsMark(r)
	}) < 0
}
