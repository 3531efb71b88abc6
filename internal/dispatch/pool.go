package dispatch

import "time"

// callerRest is how long an idle goroutine of the pool waits for its next call.
const callerRest = 5 * time.Second

// pool holds the goroutines that make calls. A call blocks its goroutine until the
// answer comes. The goroutine then takes the next call, because its stack has
// already grown to what a call needs. There are as many goroutines as calls on the
// wire.
type pool struct {
	calls  chan func()
	closed chan struct{}
}

func newPool() *pool { return &pool{calls: make(chan func()), closed: make(chan struct{})} }

// close ends the idle goroutines. Those that are making a call end after it.
func (p *pool) close() { close(p.closed) }

// do makes the call on an idle goroutine, or on a new one.
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
