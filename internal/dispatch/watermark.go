package dispatch

// watermark follows up to which number recipients are settled without a gap, while
// they are settled out of order.
type watermark struct {
	// through is the number up to which all are settled.
	through int64
	ahead   map[int64]struct{}
}

// settle counts seq as settled. A seq that is already below the mark is a deferral
// that came back; it does not move the mark.
func (w *watermark) settle(seq int64) {
	switch {
	case seq <= w.through:
		return
	case seq > w.through+1:
		if w.ahead == nil {
			w.ahead = map[int64]struct{}{}
		}
		w.ahead[seq] = struct{}{}
		return
	}
	w.through = seq
	for len(w.ahead) > 0 {
		if _, ok := w.ahead[w.through+1]; !ok {
			return
		}
		w.through++
		delete(w.ahead, w.through)
	}
}
