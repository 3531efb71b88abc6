package campaign

import (
	"context"
	"sync"
	"time"
)

// watchEvery is how often a watched campaign is read.
const watchEvery = 500 * time.Millisecond

// Update is what a watcher is told.
type Update struct {
	Report Report
	// Err tells that the campaign could not be read any more; such an update is
	// the last.
	Err error
}

// last tells that no update will follow.
func (u Update) last() bool { return u.Err != nil || u.Report.State.Ended() }

// Watch returns a channel that gets the campaign at once, and again whenever
// its state, counts or progress have changed, at most every half second. Who
// reads late gets the latest only. The channel is closed after the last update
// and when the context ends. However many watch a campaign, it is read once.
// A campaign that the workspace does not have is NotFound.
func (s *Service) Watch(ctx context.Context, workspaceID, id int64) (<-chan Update, error) {
	key := watched{workspaceID, id}
	updates := make(chan Update, 1)
	look := s.watches.join(key, updates)
	if look == nil {
		r, err := s.Get(ctx, workspaceID, id)
		if err != nil {
			return nil, err
		}
		if r.State.Ended() {
			updates <- Update{Report: r}
			close(updates)
			return updates, nil
		}
		look = s.watches.begin(key, updates, r, func(l *lookout) { go s.lookOut(key, l) })
	}
	context.AfterFunc(ctx, func() { s.watches.leave(key, look, updates) })
	return updates, nil
}

// lookOut reads a campaign for its watchers until there are none.
func (s *Service) lookOut(key watched, l *lookout) {
	tick := time.NewTicker(watchEvery)
	defer tick.Stop()
	for {
		select {
		case <-l.watching.Done():
			return
		case <-tick.C:
		}
		r, err := s.Get(l.watching, key.workspaceID, key.id)
		if !s.watches.tell(key, l, Update{r, err}) {
			return
		}
	}
}

// watched names a campaign that is watched.
type watched struct{ workspaceID, id int64 }

// lookout is one campaign's watchers, for whom one goroutine reads.
type lookout struct {
	// watching ends, by stop, with the last watcher.
	watching context.Context
	stop     context.CancelFunc
	latest   Update
	watchers map[chan Update]struct{}
}

// watches are the lookouts of a process. A lookout lives while it has
// watchers.
type watches struct {
	mu  sync.Mutex
	all map[watched]*lookout
}

// join adds a watcher to the campaign's lookout; nil when there is none.
func (w *watches) join(key watched, c chan Update) *lookout {
	w.mu.Lock()
	defer w.mu.Unlock()
	l := w.all[key]
	if l != nil {
		l.add(c)
	}
	return l
}

// begin makes a lookout with a first watcher and has it read, unless somebody
// was faster.
func (w *watches) begin(key watched, c chan Update, r Report, read func(*lookout)) *lookout {
	w.mu.Lock()
	defer w.mu.Unlock()
	l := w.all[key]
	if l == nil {
		l = &lookout{latest: Update{Report: r}, watchers: map[chan Update]struct{}{}}
		l.watching, l.stop = context.WithCancel(context.Background())
		if w.all == nil {
			w.all = map[watched]*lookout{}
		}
		w.all[key] = l
		read(l)
	}
	l.add(c)
	return l
}

// add adds a watcher and tells it what is known.
func (l *lookout) add(c chan Update) {
	l.watchers[c] = struct{}{}
	c <- l.latest
}

// tell hands an update to every watcher, if it is news. It returns false when
// there is no more to read for.
func (w *watches) tell(key watched, l *lookout, u Update) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.all[key] != l {
		return false
	}
	if u.Err == nil && !u.Report.differs(l.latest.Report) {
		return true
	}
	l.latest = u
	for c := range l.watchers {
		select {
		case <-c: // it was too late for that one
		default:
		}
		c <- u
	}
	if !u.last() {
		return true
	}
	for c := range l.watchers {
		close(c)
	}
	clear(l.watchers)
	w.end(key, l)
	return false
}

// leave takes a watcher away.
func (w *watches) leave(key watched, l *lookout, c chan Update) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if _, there := l.watchers[c]; !there {
		return
	}
	close(c)
	delete(l.watchers, c)
	if len(l.watchers) == 0 {
		w.end(key, l)
	}
}

// end stops a lookout's reading.
func (w *watches) end(key watched, l *lookout) {
	l.stop()
	delete(w.all, key)
}

// differs tells that a watcher would see another campaign.
func (r Report) differs(from Report) bool {
	return r.State != from.State || r.StateReason != from.StateReason || r.StateDetail != from.StateDetail ||
		r.Counts != from.Counts || r.Progress != from.Progress
}
