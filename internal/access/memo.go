package access

import (
	"sync"
	"time"
)

const (
	// memory is for how long is good what was read of a key or a session: what another
	// process takes away opens nothing after that.
	memory = time.Second
	// mostRemembered is how many are remembered at a time.
	mostRemembered = 10_000
)

// memo remembers for a moment what the database said.
type memo[V any] struct {
	mu      sync.Mutex
	entries map[string]remembered[V]
	// turn grows with each forgetting: what was read before is not remembered after it.
	turn int
}

type remembered[V any] struct {
	value V
	until time.Time
}

// get returns what is remembered under the name, or reads it.
func (m *memo[V]) get(name string, now time.Time, read func() (V, error)) (V, error) {
	m.mu.Lock()
	known, ok := m.entries[name]
	turn := m.turn
	m.mu.Unlock()
	if ok && now.Before(known.until) && !now.Before(known.until.Add(-memory)) {
		return known.value, nil
	}
	value, err := read()
	if err != nil {
		return value, err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.turn != turn {
		return value, nil
	}
	if m.entries == nil || len(m.entries) >= mostRemembered {
		m.entries = map[string]remembered[V]{}
	}
	m.entries[name] = remembered[V]{value, now.Add(memory)}
	return value, nil
}

// forget makes everything be read anew.
func (m *memo[V]) forget() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.turn++
	m.entries = nil
}
