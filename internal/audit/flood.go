package audit

import (
	"sync"
	"time"
)

const (
	// window is how long refusals of an address are counted together, from the first one on.
	window = time.Minute
	// allowed of them have a line each; the others are one line with their number.
	allowed = 5
	// mostAddresses is how many addresses are counted at a time; further ones are counted
	// together. So a minute has at most a hundred and thirty lines.
	mostAddresses = 20
)

// flood counts refusals by the address that they came from: whoever tries passwords and
// keys by the thousand does not fill the log.
type flood struct {
	mu   sync.Mutex
	seen map[string]*torrent
}

// torrent is what came from an address in its window.
type torrent struct {
	began  time.Time
	told   int
	untold int64
}

// surge is how often refusals of an address were not told one by one.
type surge struct {
	address string
	since   time.Time
	times   int64
}

// others is the address under which those are counted that are too many.
const others = "many others"

// tell counts a refusal, and reports whether it has a line of its own.
func (f *flood) tell(address string, now time.Time) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.seen == nil {
		f.seen = map[string]*torrent{}
	}
	if f.seen[address] == nil && len(f.seen) >= mostAddresses {
		address = others
	}
	t := f.seen[address]
	if t == nil {
		t = &torrent{began: now}
		f.seen[address] = t
	}
	if t.told < allowed {
		t.told++
		return true
	}
	t.untold++
	return false
}

// over ends the windows that began before the given time, and returns what is to be told
// of them.
func (f *flood) over(before time.Time) (all []surge) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for address, t := range f.seen {
		if t.began.After(before) {
			continue
		}
		delete(f.seen, address)
		if t.untold > 0 {
			all = append(all, surge{address, t.began, t.untold})
		}
	}
	return all
}
