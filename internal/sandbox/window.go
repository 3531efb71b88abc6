package sandbox

import (
	"maps"
	"time"
)

// sendWindow is the sliding one-second window of a bot: the times, in nanoseconds, of its latest messages.
type sendWindow struct {
	times []int64
	next  int // where the next time goes once times is full
}

// later returns, in nanoseconds, how much later than the first one item i of an album counts: as many as a span's
// limit count at once, the next ones a span later, and so on.
func later(i, limit int, span time.Duration) int64 {
	if limit <= 0 {
		return 0
	}
	return int64(i/limit) * int64(span)
}

// wait returns how long a bot must wait before count more messages keep within limit per second. More than the limit
// wait until there is none in the window.
func (w *sendWindow) wait(now int64, limit, count int) time.Duration {
	if limit < 0 {
		return 0
	}
	limit -= min(count, limit) - 1
	if len(w.times) < limit {
		return 0
	}
	oldest := w.times[(w.next-limit+2*len(w.times))%len(w.times)]
	return max(0, time.Duration(oldest-now)+time.Second)
}

// add records a message. Capacity is the largest limit that wait will be called with.
func (w *sendWindow) add(now int64, capacity int) {
	switch {
	case capacity <= 0:
	case len(w.times) < capacity:
		if w.next != 0 { // the capacity grew: put the times in order first
			w.times = append(append([]int64(nil), w.times[w.next:]...), w.times[:w.next]...)
			w.next = 0
		}
		w.times = append(w.times, now)
	default:
		w.times[w.next] = now
		w.next = (w.next + 1) % len(w.times)
	}
}

// chatWindow holds the sliding windows of all chats of a bot. Only chats written to within the last two spans take
// memory: times live in two generations, and the older one is dropped whole.
type chatWindow struct {
	limit   int
	span    time.Duration
	started int64 // when the current generation began
	booked  int64 // the latest time that is still to come
	current map[int64]stamps
	before  map[int64]stamps
}

// stamps are the times of the latest messages to one chat: the last one, and the ones before it where the limit is
// more than one.
type stamps struct {
	last  int64
	older []int64
}

// configure sets the limit; a change drops the past.
func (w *chatWindow) configure(limit int, span time.Duration) {
	if w.limit != limit || w.span != span {
		*w = chatWindow{limit: limit, span: span}
	}
}

// take records messages to a chat, one or those of an album, or returns how long they must wait and records nothing.
func (w *chatWindow) take(now, chat int64, count int) time.Duration {
	if w.limit <= 0 {
		return 0
	}
	w.turn(now)
	s, ok := w.current[chat]
	if !ok {
		s, ok = w.before[chat]
	}
	if ok {
		if wait := s.wait(now, w.limit-min(count, w.limit)+1, w.span); wait > 0 {
			return wait
		}
	}
	for i := range count {
		if ok && w.limit > 1 {
			s.older = append(s.older, s.last)
			if len(s.older) >= w.limit {
				s.older = append(s.older[:0], s.older[len(s.older)-w.limit+1:]...)
			}
		}
		s.last, ok = now+later(i, w.limit, w.span), true
	}
	if s.last > now {
		w.booked = max(w.booked, s.last)
	}
	w.current[chat] = s
	return 0
}

// wait returns how long it takes until fewer than limit times lie within the span.
func (s *stamps) wait(now int64, limit int, span time.Duration) time.Duration {
	oldest := s.last
	if limit > 1 {
		if len(s.older) < limit-1 {
			return 0
		}
		oldest = s.older[len(s.older)-limit+1]
	}
	return max(0, time.Duration(oldest-now)+span)
}

// turn starts a new generation when the current one is older than the span.
func (w *chatWindow) turn(now int64) {
	if w.current != nil && time.Duration(now-w.started) < w.span {
		return
	}
	w.before, w.current = w.current, w.before
	switch {
	case w.current == nil:
		w.current = make(map[int64]stamps)
	case w.booked+int64(w.span) > now:
		maps.DeleteFunc(w.current, func(chat int64, s stamps) bool {
			_, newer := w.before[chat]
			return newer || s.last+int64(w.span) <= now
		})
	default:
		clear(w.current)
	}
	w.started = now
}

// Uploads of the same size: up to freeUpload bytes in all they are free; above, a bot's server spaces calls with files
// of the same size, and refuses what would have to wait too long.
const (
	freeUpload    = 100_000
	uploadBacklog = 5 * time.Second
	uploadBurst   = time.Second     // of waiting that an idle size has in hand
	uploadRefusal = 3 * time.Second // how long a refusal is held back
)

// uploadWindow spaces the uploads of one bot.
type uploadWindow struct {
	next map[int64]int64 // by size: when the latest one was let through, in nanoseconds
}

// take returns how long an upload must be held back, and whether it is carried out then.
func (w *uploadWindow) take(now, size int64) (hold time.Duration, ok bool) {
	if w.next[size] > now+int64(uploadBacklog) {
		return uploadRefusal, false
	}
	if w.next == nil {
		w.next = make(map[int64]int64)
	}
	maps.DeleteFunc(w.next, func(other, at int64) bool { return other != size && at < now-2*int64(uploadBurst) })
	apart := min(max(time.Duration(size)*100, 200*time.Millisecond), 900*time.Millisecond)
	w.next[size] = max(w.next[size]+int64(apart), now-int64(uploadBurst))
	return max(0, time.Duration(w.next[size]-now)), true
}

// seconds rounds a wait up to whole seconds, for retry_after.
func seconds(wait time.Duration) int {
	return max(1, int((wait+time.Second-1)/time.Second))
}
