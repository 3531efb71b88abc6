package dispatch

import "time"

// callerRest is how long a goroutine of the pool waits for its next call.
const callerRest = 5 * time.Second

// pool has the goroutines that make calls. Each call blocks one for as long as
// the answer takes; one that has answered takes the next call, because its
// stack has grown to what a call needs by then. There are as many as calls are
// on the wire.
type pool struct {
	calls  chan func()
	closed chan struct{}
}

func newPool() *pool { return &pool{calls: make(chan func()), closed: make(chan struct{})} }

// close ends those that wait for a call. Those that make one end after it.
func (p *pool) close() { close(p.closed) }

// do makes the call on a goroutine that is free, or on a new one.
func (p *pool) do(call func()) {
	select {
	case p.calls <- call:
	default:
		go p.work(call)
	}
}

func (p *pool) work(call func()) {
	rest := time.NewTimer(callerRest)
	defer rest.Stop()
	for {
		call()
		rest.Reset(callerRest)
		select {
		case call = <-p.calls:
		case <-rest.C:
			return
		case <-p.closed:
			return
		}
	}
}
