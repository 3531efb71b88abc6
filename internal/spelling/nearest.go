// Package spelling finds the name that somebody meant who wrote one that does not
// exist.
package spelling

// Nearest returns the known name that is the fewest changes away, empty when all are
// too far to have been meant: a third of the letters and more.
func Nearest(name string, known []string) string {
	best, least := "", len(name)/3+1
	for _, candidate := range known {
		if d := distance(name, candidate); d < least || d == least && best == "" {
			best, least = candidate, d
		}
	}
	return best
}

// longest bounds the names that are compared, in bytes.
const longest = 64

// distance is Levenshtein's; changes of case are half as far as others, which
// is said by counting in halves and rounding up.
func distance(a, b string) int {
	if len(a) > longest || len(b) > longest {
		return longest
	}
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = 2 * j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = 2 * (i + 1)
		for j := range len(b) {
			changed := diagonal
			switch {
			case a[i] == b[j]:
			case a[i]|0x20 == b[j]|0x20 && isLetter(a[i]):
				changed++
			default:
				changed += 2
			}
			diagonal = row[j+1]
			row[j+1] = min(changed, row[j+1]+2, row[j]+2)
		}
	}
	return (row[len(b)] + 1) / 2
}

func isLetter(c byte) bool { return 'a' <= c|0x20 && c|0x20 <= 'z' }
