package track

import "time"

// Observer is notified of what happens to clicks, so that it can be measured. Its
// methods must be quick, and safe for concurrent use.
type Observer interface {
	// Recorded reports how many clicks were stored by one transaction, and how long
	// it took.
	Recorded(clicks int, took time.Duration)
	// Spooled reports how many clicks went to files, because the database did not
	// take them; once it does, Recorded gets them too.
	Spooled(clicks int)
	// Uncounted reports how many clicks were answered and are lost.
	Uncounted(clicks int)
}

// unobserved is the observer of a service that is not observed.
type unobserved struct{}

func (unobserved) Recorded(int, time.Duration) {}
func (unobserved) Spooled(int)                 {}
func (unobserved) Uncounted(int)               {}
