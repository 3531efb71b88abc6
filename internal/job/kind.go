package job

import (
	"fmt"
	"regexp"
	"time"
)

// A Kind is a sort of job, declared once, by those who enqueue it and those who
// run it alike. Each kind has a queue of its own, so that slow jobs of one kind
// never hold up another, and a process that does not know a kind yet leaves its
// jobs alone.
type Kind struct {
	// Name is 2 to 64 lower-case letters, digits and underscores, beginning with a
	// letter. It is kept with every job: under a new name nobody finds the old
	// ones.
	Name string
	// Workers is how many jobs of the kind one process runs at once, 1 to 1000.
	Workers int
	// Timeout is how long one attempt may take, at least a second. The handler's
	// context ends then; a handler that takes no notice for 15 seconds more may be
	// joined by another.
	Timeout time.Duration
	// Attempts is how often a job is tried before it is given up, 1 to 1000. An
	// attempt whose process died counts: a job that kills its process does not do
	// so for ever.
	Attempts int
	// Delay is the time from the end of a failed attempt, counted from 1, to the
	// next one. Less than a second is a second. Delays above 5 seconds are kept to
	// within 5 seconds and a poll. nil is Doubling(time.Second, time.Hour).
	Delay func(attempt int) time.Duration
}

// A Job is what a handler is told.
type Job struct {
	// ID is the row that the job is about; 0 for a periodic job.
	ID int64
	// Attempt counts from 1.
	Attempt int
	// Last says that no attempt follows when this one fails: the time to write
	// down that it failed for good. A process that dies in its last attempt writes
	// nothing.
	Last bool
}

// Doubling returns the delays first, 2·first, 4·first and so on, none above most.
func Doubling(first, most time.Duration) func(attempt int) time.Duration {
	return func(attempt int) time.Duration {
		d := min(first, most)
		for ; attempt > 1 && d < most; attempt-- {
			// Not 2·d, which overflows for a most near the largest duration.
			d += min(d, most-d)
		}
		return d
	}
}

// most is the upper bound of a kind's numbers.
const most = 1000

var kindName = regexp.MustCompile(`^[a-z][a-z0-9_]{1,63}$`)

// validate tells what is wrong with a declaration.
func (k Kind) validate() error {
	switch {
	case !kindName.MatchString(k.Name):
		return fmt.Errorf("job: a kind cannot be named %q", k.Name)
	case k.Workers < 1 || k.Workers > most:
		return fmt.Errorf("job: %s has %d workers, which is not in 1…%d", k.Name, k.Workers, most)
	case k.Timeout < time.Second:
		return fmt.Errorf("job: %s has a timeout of %s, which is below a second", k.Name, k.Timeout)
	case k.Attempts < 1 || k.Attempts > most:
		return fmt.Errorf("job: %s has %d attempts, which is not in 1…%d", k.Name, k.Attempts, most)
	}
	return nil
}

// delay is the time to the attempt after this one.
func (k Kind) delay(attempt int) time.Duration {
	delay := k.Delay
	if delay == nil {
		delay = Doubling(time.Second, time.Hour)
	}
	return max(delay(attempt), time.Second)
}
