package integration

import (
	"context"
	"sync"
	"time"

	"bellman/internal/access"
)

// A place is how far somebody has read a list: the key that reads, the list, and how
// many rows of it.
type place struct {
	keyID int64
	list  string
	rows  int64
}

// placeIn returns the place in a list of the key that reads it.
func placeIn(ctx context.Context, list string, rows int64) (place, error) {
	caller, err := access.From(ctx)
	if err != nil {
		return place{}, err
	}
	return place{caller.Key.ID, list, rows}, nil
}

// behind returns the place after more rows.
func (p place) behind(more int) place {
	p.rows += int64(more)
	return p
}

// row is the last of those rows in a list by time.
type row struct {
	at time.Time
	id int64
}

// bookmarks keep where pages of lists by time have ended. A startindex alone would lose
// or repeat rows when others before it move to the end meanwhile; whoever goes on
// where a page has ended goes on behind that page's last row instead, which also costs
// the same at any depth. They are a process's own: without one, as after a restart,
// startindex counts from the beginning of the list.
type bookmarks struct {
	mu sync.Mutex
	// fresh are those since turned, stale those before it.
	fresh, stale map[place]row
	turned       time.Time
}

const (
	// bookmarkTime is how long a bookmark is kept at least, unless there are more than
	// maxBookmarks in that time, and at most twice as long.
	bookmarkTime = 10 * time.Minute
	maxBookmarks = 10_000
)

// turn forgets the bookmarks that are too old or too many.
func (b *bookmarks) turn(now time.Time) {
	if now.Sub(b.turned) < bookmarkTime && len(b.fresh) < maxBookmarks {
		return
	}
	b.stale = b.fresh
	if now.Sub(b.turned) >= 2*bookmarkTime {
		b.stale = nil
	}
	b.fresh, b.turned = map[place]row{}, now
}

// find returns where the page before ended.
func (b *bookmarks) find(p place, now time.Time) (row, bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.turn(now)
	r, ok := b.fresh[p]
	if !ok {
		r, ok = b.stale[p]
	}
	return r, ok
}

func (b *bookmarks) put(p place, r row, now time.Time) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.turn(now)
	b.fresh[p] = r
}
