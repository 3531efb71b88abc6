package telegramtest

import "time"

// sendWindow is the sliding one-second window of a bot: the times, in nanoseconds, of its latest messages.
type sendWindow struct {
	times []int64
	next  int // where the next time goes once times is full
}

// wait returns how long a bot must wait before one more message keeps within limit per second.
func (w *sendWindow) wait(now int64, limit int) time.Duration {
	if limit < 0 || len(w.times) < limit {
		return 0
	}
	oldest := w.times[(w.next-limit+2*len(w.times))%len(w.times)]
	return max(0, time.Duration(oldest-now)+time.Second)
}

// add notes a message. Capacity is the largest limit that wait will be asked about.
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
	current map[int64]stamps
	before  map[int64]stamps
}

// stamps are the times of the latest messages to one chat: the last one, and the ones before it where the limit is
// more than one.
type stamps struct {
	last  int64
	older []int64
}

// configure sets the limit; a change forgets the past.
func (w *chatWindow) configure(limit int, span time.Duration) {
	if w.limit != limit || w.span != span {
		*w = chatWindow{limit: limit, span: span}
	}
}

// take notes a message to a chat, or returns how long it must wait and notes nothing.
func (w *chatWindow) take(now, chat int64) time.Duration {
	if w.limit <= 0 {
		return 0
	}
	w.turn(now)
	s, ok := w.current[chat]
	if !ok {
		s, ok = w.before[chat]
	}
	if ok {
		if wait := s.wait(now, w.limit, w.span); wait > 0 {
			return wait
		}
		if w.limit > 1 {
			s.older = append(s.older, s.last)
			if len(s.older) >= w.limit {
				s.older = append(s.older[:0], s.older[len(s.older)-w.limit+1:]...)
			}
		}
	}
	s.last = now
	w.current[chat] = s
	return 0
}

// wait tells how long until fewer than limit times lie within the span.
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
	age := time.Duration(now - w.started)
	if w.current != nil && age < w.span {
		return
	}
	if w.current == nil || age >= 2*w.span {
		clear(w.before)
	}
	w.before, w.current = w.current, w.before
	if w.current == nil {
		w.current = make(map[int64]stamps)
	}
	clear(w.current)
	w.started = now
}

// seconds rounds a wait up to what retry_after says.
func seconds(wait time.Duration) int {
	return max(1, int((wait+time.Second-1)/time.Second))
}
