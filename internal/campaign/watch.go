package campaign

import (
	"context"
	"sync"
	"time"
)

// watchEvery is how often a watched campaign is read.
const watchEvery = 500 * time.Millisecond

// Update is what a watcher gets.
type Update struct {
	Report Report
	// Err is why the campaign could not be read any more; such an update is the
	// last.
	Err error
}

// last reports whether no update will follow.
func (u Update) last() bool { return u.Err != nil || u.Report.State.Ended() }

// Watch returns a channel that gets the campaign at once, and again whenever its
// state, counts or progress have changed, at most every half second. A slow reader
// gets the latest update only. The channel is closed after the last update and when
// the context ends. However many watchers a campaign has, it is read once. A
// campaign that the workspace does not have is NotFound.
func (s *Service) Watch(ctx context.Context, workspaceID, id int64) (<-chan Update, error) {
	key := watched{workspaceID, id}
	updates := make(chan Update, 1)
	w := s.watches.join(key, updates)
	if w == nil {
		r, err := s.Get(ctx, workspaceID, id)
		if err != nil {
			return nil, err
		}
		if r.State.Ended() {
			updates <- Update{Report: r}
			close(updates)
			return updates, nil
		}
		w = s.watches.begin(key, updates, r, func(w *watch) { go s.keepWatch(key, w) })
	}
	context.AfterFunc(ctx, func() { s.watches.leave(key, w, updates) })
	return updates, nil
}

// keepWatch reads a campaign for its watchers until there are none.
func (s *Service) keepWatch(key watched, w *watch) {
	tick := time.NewTicker(watchEvery)
	defer tick.Stop()
	for {
		select {
		case <-w.watching.Done():
			return
		case <-tick.C:
		}
		r, err := s.Get(w.watching, key.workspaceID, key.id)
		if !s.watches.report(key, w, Update{r, err}) {
			return
		}
	}
}

// watched names a campaign that is watched.
type watched struct{ workspaceID, id int64 }

// watch holds one campaign's watchers, for which one goroutine reads.
type watch struct {
	// watching ends, by stop, with the last watcher.
	watching context.Context
	stop     context.CancelFunc
	latest   Update
	watchers map[chan Update]struct{}
}

// watches are those of a process. A watch lives while it has watchers.
type watches struct {
	mu sync.Mutex
	of map[watched]*watch
}

// join adds a watcher to the campaign's watch; nil when there is none.
func (s *watches) join(key watched, c chan Update) *watch {
	s.mu.Lock()
	defer s.mu.Unlock()
	w := s.of[key]
	if w != nil {
		w.add(c)
	}
	return w
}

// begin makes a watch with a first watcher and starts to read, unless another
// caller was faster.
func (s *watches) begin(key watched, c chan Update, r Report, read func(*watch)) *watch {
	s.mu.Lock()
	defer s.mu.Unlock()
	w := s.of[key]
	if w == nil {
		w = &watch{latest: Update{Report: r}, watchers: map[chan Update]struct{}{}}
		w.watching, w.stop = context.WithCancel(context.Background())
		if s.of == nil {
			s.of = map[watched]*watch{}
		}
		s.of[key] = w
		read(w)
	}
	w.add(c)
	return w
}

// add adds a watcher and gives it the latest update.
func (w *watch) add(c chan Update) {
	w.watchers[c] = struct{}{}
	c <- w.latest
}

// report passes an update to every watcher, if it differs from the latest. It
// returns false when there is nothing more to read.
func (s *watches) report(key watched, w *watch, u Update) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.of[key] != w {
		return false
	}
	if u.Err == nil && !u.Report.differs(w.latest.Report) {
		return true
	}
	w.latest = u
	for c := range w.watchers {
		select {
		case <-c: // the reader has not taken the earlier one
		default:
		}
		c <- u
	}
	if !u.last() {
		return true
	}
	for c := range w.watchers {
		close(c)
	}
	clear(w.watchers)
	s.end(key, w)
	return false
}

// leave takes a watcher away.
func (s *watches) leave(key watched, w *watch, c chan Update) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if _, there := w.watchers[c]; !there {
		return
	}
	close(c)
	delete(w.watchers, c)
	if len(w.watchers) == 0 {
		s.end(key, w)
	}
}

// end stops the reading for a watch.
func (s *watches) end(key watched, w *watch) {
	w.stop()
	delete(s.of, key)
}

// differs reports whether a watcher would see a difference.
func (r Report) differs(from Report) bool {
	return r.State != from.State || r.StateReason != from.StateReason || r.StateDetail != from.StateDetail ||
		r.Counts != from.Counts || r.Progress != from.Progress
}
