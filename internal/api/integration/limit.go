package integration

import (
	"sync"
	"time"

	"golang.org/x/time/rate"

	"bellman/internal/fault"
)

// pace is a limit of the vendor's: calls a second of one workspace, shared by
// all calls of the same pace.
type pace struct {
	name      string
	perSecond int
}

// The vendor's limits (docs.yespo.io, "Rate Limits").
//
// spec: rate-limits
var (
	paceDefault          = pace{"default", 200}
	paceContacts         = pace{"contacts", 50}
	paceContactByToken   = pace{"contact by token", 150}
	paceEvents           = pace{"events", 350}
	pacePastEvents       = pace{"past events", 100}
	pacePastEventsDelete = pace{"past events, deleted", 5}
	paceInteraction      = pace{"interactions", 300}
	paceHistory          = pace{"history", 10}
)

// limits holds a bucket for each workspace and pace.
type limits struct {
	mu      sync.Mutex
	buckets map[bucketKey]*rate.Limiter
	now     func() time.Time
}

type bucketKey struct {
	workspaceID int64
	pace        string
}

func newLimits() *limits { return &limits{buckets: map[bucketKey]*rate.Limiter{}, now: time.Now} }

// take counts a call, or returns a Limited fault.
func (l *limits) take(workspaceID int64, p pace) error {
	key := bucketKey{workspaceID, p.name}
	l.mu.Lock()
	bucket := l.buckets[key]
	if bucket == nil {
		bucket = rate.NewLimiter(rate.Limit(p.perSecond), p.perSecond)
		l.buckets[key] = bucket
	}
	l.mu.Unlock()
	if bucket.AllowN(l.now(), 1) {
		return nil
	}
	return fault.New(fault.Limited, "too_many_calls", "Too many requests: at most %d a second", p.perSecond)
}
