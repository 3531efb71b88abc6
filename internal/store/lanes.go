package store

import (
	"context"
	"slices"
	"sync"
)

// A lane is where transactions wait for the only writer.
type lane int

// The lanes, in the order in which they are served.
const (
	laneDispatch lane = iota
	laneOthers
	laneCount
)

// lanes let transactions to the only writer one after another: those of dispatch
// before all others, however many wait, and within a lane as they came. A step so
// waits for the one transaction that has begun, and its pause before the next one
// leaves room for the others. Nil lanes, of a database with many writers, let
// everybody in.
type lanes struct {
	mu sync.Mutex
	// taken is true while somebody is in.
	taken   bool
	waiting [laneCount][]chan struct{}
}

// enter waits for a turn, which ends with leave. It returns the context's error when
// that ends first.
func (l *lanes) enter(ctx context.Context, in lane) error {
	if l == nil {
		return nil
	}
	turn := l.queue(in)
	if turn == nil {
		return nil
	}
	select {
	case <-turn:
		return nil
	case <-ctx.Done():
		l.abandon(in, turn)
		return ctx.Err()
	}
}

// queue takes the turn, and returns nil, or returns what is closed when it comes.
func (l *lanes) queue(in lane) chan struct{} {
	l.mu.Lock()
	defer l.mu.Unlock()
	if !l.taken {
		l.taken = true
		return nil
	}
	turn := make(chan struct{})
	l.waiting[in] = append(l.waiting[in], turn)
	return turn
}

// abandon gives a turn up, which may have come in the meantime.
func (l *lanes) abandon(in lane, turn chan struct{}) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if i := slices.Index(l.waiting[in], turn); i >= 0 {
		l.waiting[in] = slices.Delete(l.waiting[in], i, i+1)
		return
	}
	l.next()
}

// leave ends a turn.
func (l *lanes) leave() {
	if l == nil {
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.next()
}

// next lets the next one in. The lock is held.
func (l *lanes) next() {
	for in, queue := range l.waiting {
		if len(queue) > 0 {
			close(queue[0])
			l.waiting[in] = queue[1:]
			return
		}
	}
	l.taken = false
}
