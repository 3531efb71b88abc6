package message

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// expression is what the inside of a piece of Liquid speaks of. The library
// evaluates expressions and does not tell.
type expression struct {
	variables []variable
	filters   []named
}

// variable is a variable with its properties: "data", "order", "total". A path
// ends where something is looked up by a number or by another variable.
type variable struct {
	path []string
	at   int
}

// named is a name at its place.
type named struct {
	name string
	at   int
}

func (v variable) String() string { return strings.Join(v.path, ".") }

// has tells whether the expression uses a filter.
func (e expression) has(filter string) bool {
	for _, f := range e.filters {
		if f.name == filter {
			return true
		}
	}
	return false
}

// words are no variables.
var words = map[string]bool{
	"true": true, "false": true, "nil": true, "and": true, "or": true, "contains": true, "in": true, "reversed": true,
}

// readExpression lists the variables and filters of an expression whose syntax
// is right. Places count from that of args, which is at.
func readExpression(args string, at int) expression {
	r := expressionReader{rest: args, at: at}
	r.read("")
	return r.expression
}

type expressionReader struct {
	expression
	rest string
	at   int
}

// next takes the next lexeme off; at the end it is empty.
func (r *expressionReader) next() (word string, at int) {
	trimmed := strings.TrimLeftFunc(r.rest, unicode.IsSpace)
	at = r.at + len(r.rest) - len(trimmed)
	size := lexemeSize(trimmed)
	word = trimmed[:size]
	r.rest, r.at = trimmed[size:], at+size
	return word, at
}

// read reads to the closing lexeme, or to the end.
func (r *expressionReader) read(closing string) {
	filter := false
	for {
		word, at := r.next()
		switch {
		case word == "" || word == closing:
			return
		case !isName(word):
		case filter:
			r.filters = append(r.filters, named{strings.TrimSuffix(word, ":"), at})
		case !words[word] && !strings.HasSuffix(word, ":"):
			r.variable(word, at)
		}
		filter = word == "|"
	}
}

// variable reads the properties that follow a variable's name.
func (r *expressionReader) variable(name string, at int) {
	i := len(r.variables)
	r.variables = append(r.variables, variable{[]string{name}, at})
	for ended := false; ; {
		before := *r
		word, _ := r.next()
		switch {
		case len(word) > 1 && word[0] == '.' && word != "..":
			word = word[1:]
		case word == "[":
			inside := *r
			key, _ := r.next()
			if end, _ := r.next(); end == "]" && len(key) > 1 && (key[0] == '"' || key[0] == '\'') {
				word = key[1 : len(key)-1]
				break
			}
			*r = inside
			r.read("]")
			ended = true
		default:
			r.rest, r.at = before.rest, before.at
			return
		}
		if !ended {
			r.variables[i].path = append(r.variables[i].path, word)
		}
	}
}

func isName(word string) bool {
	first, _ := utf8.DecodeRuneInString(word)
	return first == '_' || unicode.IsLetter(first)
}

// lexemeSize returns how long the first lexeme is, by the rules of the library's
// scanner.
func lexemeSize(s string) int {
	switch {
	case s == "":
		return 0
	case s[0] == '"' || s[0] == '\'':
		if end := strings.IndexByte(s[1:], s[0]); end >= 0 {
			return end + 2
		}
		return 1
	case s[0] == '.' && isName(s[1:]):
		return 1 + nameSize(s[1:])
	case strings.HasPrefix(s, ".."):
		return 2
	case isDigit(s[0]):
		return numberSize(s)
	case isName(s):
		size := nameSize(s)
		if strings.HasPrefix(s[size:], ":") {
			size++
		}
		return size
	}
	_, size := utf8.DecodeRuneInString(s)
	return size
}

func nameSize(s string) int {
	size := strings.IndexFunc(s, func(r rune) bool {
		return r != '_' && r != '-' && !unicode.IsLetter(r) && !unicode.IsDigit(r) && !unicode.IsMark(r)
	})
	switch {
	case size < 0:
		return len(s)
	case s[size] == '?':
		return size + 1
	}
	return size
}

func numberSize(s string) int {
	size := 0
	for size < len(s) && (isDigit(s[size]) || s[size] == '.' && size+1 < len(s) && isDigit(s[size+1])) {
		size++
	}
	return size
}
