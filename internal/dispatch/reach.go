package dispatch

import "time"

const (
	// horizon is how much sending a claim covers while steps are quick.
	horizon = 60 * time.Millisecond
	// farthest is the most that a claim covers, however long steps take: what is
	// claimed and has not left is unknown after a crash.
	farthest = time.Second
)

// reach decides how much sending a claim covers: enough that a sender does not wait
// for the next one, little enough that a crash leaves few recipients unknown. It
// follows how long steps take, by their mean and how far they are from it, as TCP
// does with its round trips, the first of which counts in full (RFC 6298). It is pure.
type reach struct{ mean, swing time.Duration }

// stepped records how long a step took that the database accepted. What it refused
// says nothing of how long the next one takes.
func (r *reach) stepped(took time.Duration) {
	took = min(took, farthest)
	if r.mean == 0 {
		r.mean, r.swing = took, took/2
		return
	}
	off := took - r.mean
	r.mean += off / 8
	r.swing += (off.Abs() - r.swing) / 4
}

// span returns how much sending a claim covers. A claim that is asked for when a
// step has just begun waits for the end of that one, and then for its own.
func (r *reach) span() time.Duration {
	return min(max(2*(r.mean+2*r.swing)+stepEvery+horizon/2, horizon), farthest)
}
