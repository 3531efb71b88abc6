package job

import "time"

// Grace is for how long after its timeout a job is not taken for stuck.
const Grace = grace

// Hurry takes the waits out of a worker, after its kinds were registered.
func (w *Worker) Hurry() {
	w.tested = true
	for _, d := range w.duties {
		d.poll = cooldown
	}
}

// StopWithin is how long a stop waits for the jobs under way.
func (w *Worker) StopWithin(limit time.Duration) { w.stop = limit }

// Next is when the period after the one of t begins.
func Next(period time.Duration, t time.Time) time.Time { return schedule(period).Next(t) }
