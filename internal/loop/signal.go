package loop

// A Signal wakes a loop. Signals that are sent while the loop works count as one.
// The zero value is never sent.
type Signal chan struct{}

// NewSignal returns a signal that nobody has sent yet.
func NewSignal() Signal { return make(Signal, 1) }

// Send wakes the loop, now or as soon as it waits. It does not block.
func (s Signal) Send() {
	select {
	case s <- struct{}{}:
	default:
	}
}
