package seal

import (
	"context"
	"errors"
	"slices"
	"sync"
	"time"
)

// errCut is what a shelf returns from when on it is cut off.
var errCut = errors.New("cut off")

// shelf is a database of a ring, and of blobs that two places hold.
type shelf struct {
	mu     sync.Mutex
	now    time.Time
	stored Stored
	blobs  map[Place]map[int64][]byte
	// calls is how many more calls are answered, before each further one is errCut; below
	// zero for all.
	calls int
	// replacing runs before blobs are replaced.
	replacing func()
}

var places = []Place{{"bots", "token"}, {"users", "totp"}}

func newShelf() *shelf {
	return &shelf{now: time.Unix(1_800_000_000, 0), calls: -1, blobs: map[Place]map[int64][]byte{places[0]: {}, places[1]: {}}}
}

// begin counts a call, and holds the shelf until end is called.
func (s *shelf) begin() (end func(), err error) {
	s.mu.Lock()
	if s.calls == 0 {
		s.mu.Unlock()
		return func() {}, errCut
	}
	s.calls--
	return s.mu.Unlock, nil
}

func (s *shelf) aged() Stored {
	st := Stored{Pin: s.stored.Pin, Keys: slices.Clone(s.stored.Keys)}
	for i := range st.Keys {
		st.Keys[i].Age = s.now.Sub(st.Keys[i].MadeAt)
	}
	return st
}

func (s *shelf) Ring(context.Context) (Stored, error) {
	end, err := s.begin()
	defer end()
	return s.aged(), err
}

func (s *shelf) ChangeRing(_ context.Context, change func(Stored) (Stored, bool, error)) error {
	end, err := s.begin()
	defer end()
	if err != nil {
		return err
	}
	next, changed, err := change(s.aged())
	if err != nil || !changed {
		return err
	}
	for i := range next.Keys {
		if next.Keys[i].MadeAt.IsZero() {
			next.Keys[i].MadeAt = s.now
		}
	}
	s.stored = next
	return nil
}

func (*shelf) Places() []Place { return places }

// number returns that to which a row of a place is bound.
func number(p Place, id int64) int64 { return id + 1000*int64(slices.Index(places, p)) }

func (s *shelf) Blobs(_ context.Context, p Place, after int64, limit int) (some []Blob, err error) {
	end, err := s.begin()
	defer end()
	for id := after + 1; id < 1000 && len(some) < limit && err == nil; id++ {
		if sealed := s.blobs[p][id]; sealed != nil {
			some = append(some, Blob{id, number(p, id), sealed})
		}
	}
	return some, err
}

func (s *shelf) Replace(_ context.Context, p Place, all []Replacement) (n int, err error) {
	if s.replacing != nil {
		s.replacing()
	}
	end, err := s.begin()
	defer end()
	if err != nil {
		return 0, err
	}
	for _, r := range all {
		if string(s.blobs[p][r.ID]) == string(r.Sealed) {
			s.blobs[p][r.ID] = r.Fresh
			n++
		}
	}
	return n, nil
}

func (s *shelf) put(p Place, id int64, blob []byte) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.blobs[p][id] = blob
}

func (s *shelf) get(p Place, id int64) []byte {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.blobs[p][id]
}
