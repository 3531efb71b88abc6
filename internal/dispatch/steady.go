package dispatch

import "time"

// steady returns a time of the database's as one that stays as far away as it is now
// when the clock is set back: now has a monotonic reading, as [time.Now] gives it.
func steady(t, now time.Time) time.Time {
	if t.IsZero() {
		return t
	}
	return now.Add(t.Sub(now))
}
