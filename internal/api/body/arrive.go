package body

import (
	"errors"
	"io"
)

const (
	// firstRoom is what a body gets before anything of it has arrived, in bytes.
	firstRoom = 8 << 10
	// lastRoom is what a reader needs to find the end.
	lastRoom = 512
)

// arrive returns all of a body. It takes room as the bytes arrive, not as they are
// announced: whoever announces much and sends nothing takes next to nothing. It has
// at most so many bytes.
func (a *account) arrive(body io.Reader, most int64) ([]byte, error) {
	var raw []byte
	for {
		if len(raw) == cap(raw) {
			wider, err := a.widen(raw, most)
			if err != nil {
				return nil, err
			}
			raw = wider
		}
		n, err := body.Read(raw[len(raw):cap(raw)])
		raw = raw[:len(raw)+n]
		if errors.Is(err, io.EOF) {
			return raw, nil
		}
		if err != nil {
			return nil, err
		}
	}
}

// widen returns raw with twice the room, or with what most bytes need, if that is less.
func (a *account) widen(raw []byte, most int64) ([]byte, error) {
	before := int64(cap(raw))
	room := min(max(firstRoom, 2*before), most+lastRoom)
	if err := a.take(room); err != nil {
		return nil, err
	}
	wider := make([]byte, len(raw), room)
	copy(wider, raw)
	a.give(before)
	return wider, nil
}
