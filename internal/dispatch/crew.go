package dispatch

import "time"

// crewRest is how long a goroutine of the crew waits for its next call.
const crewRest = 5 * time.Second

// crew are the goroutines that make calls. Each call blocks one for as long as
// the answer takes; one that has answered takes the next call, because its
// stack has grown to what a call needs by then. There are as many as calls are
// on the wire.
type crew struct {
	calls chan func()
	over  chan struct{}
}

func newCrew() *crew { return &crew{calls: make(chan func()), over: make(chan struct{})} }

// dismiss ends those that wait for a call. Those that make one end after it.
func (c *crew) dismiss() { close(c.over) }

// do makes the call on a goroutine that is free, or on a new one.
func (c *crew) do(call func()) {
	select {
	case c.calls <- call:
	default:
		go c.work(call)
	}
}

func (c *crew) work(call func()) {
	rest := time.NewTimer(crewRest)
	defer rest.Stop()
	for {
		call()
		rest.Reset(crewRest)
		select {
		case call = <-c.calls:
		case <-rest.C:
			return
		case <-c.over:
			return
		}
	}
}
