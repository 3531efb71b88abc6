package access

import (
	"context"
	"maps"
	"sync"
	"time"
)

// grain is how exactly uses are known: more often than that, one is not written.
const grain = time.Minute

// uses are when keys, or sessions, were used since that was last written, by their ids.
type uses struct {
	mu  sync.Mutex
	all map[int64]time.Time
}

// note notes a use, unless one of nearly the same time is written already.
func (u *uses) note(id int64, written, now time.Time) {
	if now.Sub(written) < grain {
		return
	}
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.all == nil {
		u.all = map[int64]time.Time{}
	}
	u.all[id] = now
}

// flush writes what was noted. What cannot be written is kept for the next time.
func (u *uses) flush(ctx context.Context, write func(context.Context, map[int64]time.Time) error) error {
	u.mu.Lock()
	all := u.all
	u.all = nil
	u.mu.Unlock()
	if len(all) == 0 {
		return nil
	}
	err := write(ctx, all)
	if err == nil {
		return nil
	}
	u.mu.Lock()
	defer u.mu.Unlock()
	maps.Copy(all, u.all)
	u.all = all
	return err
}
