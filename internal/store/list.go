package store

import "strconv"

// A numberList is bulk input of one number each, as a JSON array, the form that
// dialect.list reads. It costs the engines half of what rows of one column cost.
type numberList []int64

func (l numberList) empty() bool { return len(l) == 0 }

// String returns the parameter.
func (l numberList) String() string {
	b := make([]byte, 1, 2+8*len(l))
	b[0] = '['
	for i, v := range l {
		if i > 0 {
			b = append(b, ',')
		}
		b = strconv.AppendInt(b, v, 10)
	}
	return string(append(b, ']'))
}

// ints returns a parameter of numbers.
func ints(values []int64) string { return numberList(values).String() }

// texts returns a parameter of texts.
func texts(values []string) string {
	b := make([]byte, 1, 2+16*len(values))
	b[0] = '['
	for i, v := range values {
		if i > 0 {
			b = append(b, ',')
		}
		b = appendText(b, v)
	}
	return string(append(b, ']'))
}

// intsIn and textsIn render the values of such parameters as a subquery for IN.
func (s *pools) intsIn(param string) string {
	return "(SELECT v FROM " + s.d.list(param, "bigint") + " AS list)"
}

func (s *pools) textsIn(param string) string {
	return "(SELECT v FROM " + s.d.list(param, "text") + " AS list)"
}
