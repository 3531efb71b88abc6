package foreign

import (
	"regexp"
	"strings"
)

// tokens are the parts of an expression of Velocity, but for references.
var (
	number   = regexp.MustCompile(`^-?[0-9]+(\.[0-9]+)?`)
	operator = regexp.MustCompile(`^(==|!=|<=|>=|&&|\|\||<|>|!|\+|-|\*|/|%|\(|\)|,|(?:eq|ne|gt|lt|ge|le|and|or|not)\b)`)
	literal  = regexp.MustCompile(`^(true|false|null)\b`)
	spelled  = map[string]string{
		"eq": "==", "ne": "!=", "gt": ">", "lt": "<", "ge": ">=", "le": "<=", "and": "&&", "or": "||", "not": "!",
	}
	opposite = map[string]string{" == ": " != ", " != ": " == ", " < ": " >= ", " >= ": " < ", " > ": " <= ", " <= ": " > "}
)

// reader reads an expression of Velocity, by descent.
type reader struct {
	s    *scanner
	rest string
	next string // the next operator; empty for an operand or the end
	deep int
}

const unreadable = "it cannot be read; look for a sign too many or too few"

// expression reads a whole expression.
func (s *scanner) expression(source string) value {
	r := reader{s: s, rest: source}
	r.skip()
	v := r.any()
	if v.reason == "" && (r.rest != "" || r.next != "") {
		return without(unreadable)
	}
	return v
}

// arguments reads what stands between the parentheses of a method.
func (s *scanner) arguments(source string) []value {
	if strings.TrimSpace(source) == "" {
		return nil
	}
	r := reader{s: s, rest: source}
	r.skip()
	args := []value{r.any()}
	for r.next == "," {
		r.skip()
		args = append(args, r.any())
	}
	if r.rest != "" || r.next != "" {
		return []value{without(unreadable)}
	}
	return args
}

// skip goes to the next operator or operand.
func (r *reader) skip() {
	r.rest = strings.TrimLeft(r.rest, " \t\r\n")
	r.next = operator.FindString(r.rest)
	r.rest = r.rest[len(r.next):]
	if word, ok := spelled[r.next]; ok {
		r.next = word
	}
}

func (r *reader) any() value {
	v := r.all()
	for r.next == "||" {
		r.skip()
		v = join(v, "or", r.all())
	}
	return v
}

func (r *reader) all() value {
	v := r.relation()
	for r.next == "&&" {
		r.skip()
		v = join(v, "and", r.relation())
	}
	return v
}

func (r *reader) relation() value {
	v := r.sum()
	switch op := r.next; op {
	case "==", "!=", "<", ">", "<=", ">=":
		r.skip()
		return compare(v, op, r.sum())
	}
	return v
}

// sums are the filters that reckon.
var sums = map[string]string{"+": "plus", "-": "minus", "*": "times", "/": "divided_by", "%": "modulo"}

func isSum(sign string) bool { return sign == "+" || sign == "-" }

// sum reads a value, or one that is reckoned from left to right with operators of
// one rank.
func (r *reader) sum() value {
	v := r.not()
	first := r.next
	for sums[r.next] != "" {
		op := r.next
		if isSum(first) != isSum(op) {
			return without("a calculation has one kind of sign in Liquid; make it in two steps")
		}
		r.skip()
		by := r.not()
		if by.reason == "" && by.kind != operand {
			by = without(noFilter)
		}
		if by.reason != "" {
			return by
		}
		name := sums[op]
		_, text := unquote(by.text)
		_, texts := unquote(v.text)
		if op == "+" && (text || texts) {
			name = "append"
		}
		v = v.filter(name + ": " + by.text)
	}
	return v
}

// deepest is how deep parentheses and negations may stand.
const deepest = 20

func (r *reader) not() value {
	if r.deep++; r.deep > deepest {
		return without(unreadable)
	}
	defer func() { r.deep-- }()
	switch {
	case r.next == "!":
		r.skip()
		return negate(r.not())
	case r.next == "(":
		r.skip()
		v := r.any()
		if r.next != ")" {
			return without(unreadable)
		}
		r.skip()
		return v
	case r.next == "-" && number.MatchString("-"+r.rest):
		r.rest, r.next = "-"+r.rest, ""
	case r.next != "":
		return without(unreadable)
	}
	return r.operand()
}

// operand reads a reference or a literal.
func (r *reader) operand() value {
	var v value
	switch {
	case strings.HasPrefix(r.rest, "$"):
		inner := &scanner{source: r.rest, view: r.rest, locals: r.s.locals, blocks: r.s.blocks}
		ref, ok := inner.reference(0)
		if !ok {
			return without(unreadable)
		}
		v, r.rest = ref.of, r.rest[ref.end:]
		if v.text == "data" {
			v = without("it is all of the data; name one value, as in data.name")
		}
	case literal.MatchString(r.rest):
		word := literal.FindString(r.rest)
		v, r.rest = value{text: strings.Replace(word, "null", "nil", 1)}, r.rest[len(word):]
	case number.MatchString(r.rest):
		n := number.FindString(r.rest)
		v, r.rest = value{text: n}, r.rest[len(n):]
		if len(n) > 15 {
			v = without("the number is too long")
		}
	default:
		inside, size := quotedText(r.rest)
		if size == 0 {
			return without(unreadable)
		}
		interpolated := r.rest[0] == '"' && strings.ContainsAny(inside, "$#")
		text, ok := quote(inside)
		if v = (value{text: text}); !ok || interpolated {
			v = without("the text has signs that Liquid cannot write; put it together in steps")
		}
		r.rest = r.rest[size:]
	}
	r.skip()
	return v
}

// quotes are the signs that texts stand in; editors make curly ones of straight
// ones.
var quotes = [][2]string{{"'", "'"}, {`"`, `"`}, {"‘", "’"}, {"’", "’"}, {"“", "”"}, {"”", "”"}, {"„", "“"}}

// quotedText returns what is in the quotes that a text begins with, and how long it
// is with them; zero when it begins with none.
func quotedText(text string) (inside string, size int) {
	for _, q := range quotes {
		rest, ok := strings.CutPrefix(text, q[0])
		if !ok {
			continue
		}
		if end := strings.Index(rest, q[1]); end >= 0 {
			return rest[:end], len(q[0]) + end + len(q[1])
		}
	}
	return "", 0
}

// compare returns a relation of two values.
func compare(a value, sign string, b value) value {
	switch {
	case a.reason != "":
		return a
	case b.reason != "":
		return b
	case a.kind != operand || b.kind != operand:
		return without("Liquid compares values without filters; put the value into a variable first, with {% assign %}")
	}
	return value{text: a.text + " " + sign + " " + b.text, kind: relation}
}

// join returns two conditions joined by "and" or "or", which bind alike in Liquid.
func join(a value, sign string, b value) value {
	switch {
	case a.reason != "":
		return a
	case b.reason != "":
		return b
	case a.kind == filtered || b.kind == filtered:
		return without("conditions are joined without filters; put the value into a variable first, with {% assign %}")
	}
	joined := value{kind: both}
	if sign == "or" {
		joined.kind = either
	}
	if a.kind > relation && a.kind != joined.kind {
		a.text = "(" + a.text + ")"
	}
	if b.kind > relation {
		b.text = "(" + b.text + ")"
	}
	joined.text = a.text + " " + sign + " " + b.text
	return joined
}

// negate returns the opposite of a condition.
func negate(v value) value {
	if v.reason != "" {
		return v
	}
	switch v.kind {
	case operand:
		return value{text: v.text + " == blank", kind: relation}
	case relation:
		for sign, other := range opposite {
			if before, after, ok := strings.Cut(v.text, sign); ok && !strings.ContainsAny(before, `"'`) {
				return value{text: before + other + after, kind: relation}
			}
		}
	}
	return without("Liquid has no such negation; turn the condition around, or use {% unless %}")
}
