package liquid

import "strings"

// nothing is a word that a value is compared with: empty or blank. As a text it
// is empty.
type nothing byte

const (
	// empty is a text of no characters, a list or an object of no items.
	empty nothing = iota
	// blank is that, a text of white space, false, or no value at all.
	blank
)

// String is what it is as a text.
func (nothing) String() string { return "" }

// is tells whether a value is equal to the word.
func (n nothing) is(v any) bool {
	switch v := v.(type) {
	case nothing:
		return n == v
	case nil:
		return n == blank
	case bool:
		return n == blank && !v
	case string, encoded, safe:
		text := printed(v)
		return text == "" || n == blank && strings.TrimSpace(text) == ""
	case []any:
		return len(v) == 0
	case Object:
		return len(v) == 0
	case interval:
		return v.len() == 0
	}
	return false
}

// moment is the word now: what the clock shows, as a Unix time in seconds.
type moment struct{}

func (moment) value(r *Renderer) any { return int(r.Now.Unix()) }

// words are the names that are values by themselves. A source may have a variable
// of its own by the name of one: what it assigns counts.
var words = map[string]expression{"empty": constant{empty}, "blank": constant{blank}, "now": moment{}}
