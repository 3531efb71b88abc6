package request

import "context"

type leaveKey struct{}

// Leaving returns a context whose request takes one of a bounded number of places, which it
// gives back by [Wait] or at its end, by leave.
func Leaving(ctx context.Context, leave func()) context.Context {
	return context.WithValue(ctx, leaveKey{}, leave)
}

// Wait says that the request of a context only waits from here on, so that it takes no place
// among those that are worked on. Whoever calls it bounds how many there are.
func Wait(ctx context.Context) {
	if leave, ok := ctx.Value(leaveKey{}).(func()); ok {
		leave()
	}
}
