package loop

import "time"

// Doubling returns the delay after n failures in a row: first after one, twice
// as much after each more, never above most.
func Doubling(first time.Duration, n int, most time.Duration) time.Duration {
	d := min(first, most)
	for ; n > 1 && d < most; n-- {
		// Not 2·d, which overflows for a most near the largest duration.
		d += min(d, most-d)
	}
	return d
}
