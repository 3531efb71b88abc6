package auth

import (
	"log/slog"
	"net/http"
	"net/netip"
	"sync"
	"sync/atomic"
	"time"

	"bellman/internal/api/request"
	"bellman/internal/fault"
)

const (
	// window is how long wrong keys of an address are counted together, from the first
	// one on. Then a line is written, and the address begins anew.
	window = time.Minute
	// allowed is how many of them are answered 401; the others are 429.
	allowed = 20
	// maxAddresses is how many addresses are counted at a time, and so how many lines a
	// minute can have; further ones are counted together.
	maxAddresses = 100
	// lanes is how many keys are looked up at once for addresses that have sent too many
	// wrong ones. All others need not wait for them.
	lanes = 2
)

// errRefusals is only for wrong keys. A right one is let in, whatever else came from its
// address: people behind one proxy or network share it with those who try keys.
var errRefusals = fault.New(fault.Limited, "keys_refused_too_often",
	"too many wrong API keys came from this address: check the key, and try again in a minute")

// refusals count wrong keys by the address that they came from.
type refusals struct {
	log  *slog.Logger
	mu   sync.Mutex
	seen map[netip.Addr]*refused
	// addresses is the length of seen.
	addresses atomic.Int32
	lanes     chan struct{}
}

// refused is what came from an address in its window.
type refused struct{ wrong, limited int }

func newRefusals(log *slog.Logger) *refusals {
	return &refusals{log: log, seen: map[netip.Addr]*refused{}, lanes: make(chan struct{}, lanes)}
}

// enter waits for a lane when the address has sent too many wrong keys, so that
// whoever tries keys does not keep the database from others. leave gives it back.
func (f *refusals) enter(r *http.Request) (leave func(), err error) {
	if f.addresses.Load() == 0 || !f.suspects(request.Client(r)) {
		return func() {}, nil
	}
	select {
	case f.lanes <- struct{}{}:
		return func() { <-f.lanes }, nil
	case <-r.Context().Done():
		return nil, r.Context().Err()
	}
}

func (f *refusals) suspects(address netip.Addr) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	seen := f.seen[network(address)]
	return seen != nil && seen.wrong >= allowed
}

// note counts a wrong key, and reports whether it is among those that are allowed.
func (f *refusals) note(address netip.Addr) bool {
	address = network(address)
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.seen[address] == nil && len(f.seen) >= maxAddresses {
		address = netip.Addr{}
	}
	seen := f.seen[address]
	if seen == nil {
		seen = &refused{}
		f.seen[address] = seen
		f.addresses.Add(1)
		time.AfterFunc(window, func() { f.tell(address) })
	}
	seen.wrong++
	if seen.wrong <= allowed {
		return true
	}
	seen.limited++
	return false
}

// tell ends the window of an address.
func (f *refusals) tell(address netip.Addr) {
	f.mu.Lock()
	seen := f.seen[address]
	delete(f.seen, address)
	f.addresses.Add(-1)
	f.mu.Unlock()
	name := "many others"
	if address.IsValid() {
		name = address.String()
	}
	f.log.Warn("wrong API keys were refused", "address", name, "keys", seen.wrong, "too_often", seen.limited, "within", window.String())
}

// network returns the address that stands for all that one host can have: of IPv6 it
// has 64 bits for itself.
func network(address netip.Addr) netip.Addr {
	if address.Is4() || !address.IsValid() {
		return address
	}
	// 64 bits are a valid length.
	prefix, _ := address.WithZone("").Prefix(64)
	return prefix.Addr()
}
