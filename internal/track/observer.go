package track

import "time"

// Observer learns what becomes of clicks, so that it can be measured. Its
// methods must be quick, and safe for concurrent use.
type Observer interface {
	// Recorded reports whether so many clicks were stored by one transaction, and how
	// long it took.
	Recorded(clicks int, took time.Duration)
	// Spooled reports whether so many clicks went to files, because the database did
	// not take them; once it does, Recorded gets them too.
	Spooled(clicks int)
	// Uncounted reports whether so many clicks were answered and are lost.
	Uncounted(clicks int)
}

// unobserved is the observer of a service that has none.
type unobserved struct{}

func (unobserved) Recorded(int, time.Duration) {}
func (unobserved) Spooled(int)                 {}
func (unobserved) Uncounted(int)               {}
