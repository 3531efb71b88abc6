package sandbox

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// FaultKind is a kind of fault.
type FaultKind string

// The kinds of faults.
const (
	FaultFlood    FaultKind = "flood"    // 429 with RetryAfter
	FaultError    FaultKind = "error"    // a JSON error with Code and Description; 500 Internal Server Error by default
	FaultGateway  FaultKind = "gateway"  // an HTML page as nginx or a firewall makes it, with Code; 502 by default
	FaultHang     FaultKind = "hang"     // no answer; the connection is closed after Duration, or when the client leaves
	FaultReset    FaultKind = "reset"    // the connection is reset after the whole request was read
	FaultRefuse   FaultKind = "refuse"   // a new connection is reset before anything is read from it
	FaultSlow     FaultKind = "slow"     // the ordinary answer, Duration later
	FaultGarbage  FaultKind = "garbage"  // status 200 and a body that is no JSON
	FaultTruncate FaultKind = "truncate" // the ordinary answer, cut off in the middle of its body
	FaultHuge     FaultKind = "huge"     // the ordinary answer with a member of 10 MB more
	FaultEndless  FaultKind = "endless"  // status 200 and a body that ends when the client leaves
)

// Fault is a rule: which calls go wrong, and how. Of several rules the first that fires counts. A call that matches
// Bot, Method and Chat is counted; after the first Skip of them, every Every-th may fire, with Probability, up to
// Count times.
type Fault struct {
	Kind        FaultKind     `json:"kind"`
	Bot         int64         `json:"bot,omitempty"`         // 0: every bot
	Method      string        `json:"method,omitempty"`      // in any case; empty: every method
	Chat        int64         `json:"chat,omitempty"`        // 0: every chat
	Skip        int64         `json:"skip,omitempty"`        // how many calls pass first
	Every       int64         `json:"every,omitempty"`       // 0 and 1: each one
	Probability float64       `json:"probability,omitempty"` // 0 and 1: always
	Seed        uint64        `json:"seed,omitempty"`        // of the probability
	Count       int64         `json:"count,omitempty"`       // how often it fires at most; 0: no end
	RetryAfter  int           `json:"retryAfter,omitempty"`  // seconds; 1 by default
	Code        int           `json:"code,omitempty"`        // of FaultError and FaultGateway
	Description string        `json:"description,omitempty"` // of FaultError
	Duration    time.Duration `json:"-"`                     // of FaultHang and FaultSlow; 0 for a hang: no end
	DurationMs  int64         `json:"durationMs,omitempty"`  // Duration in the control API
	// Delivered carries the call out first, as without a fault, so that only its answer goes wrong.
	Delivered bool `json:"delivered,omitempty"`
}

// FaultReport is a rule with its counters.
type FaultReport struct {
	Fault

	Seen  int64 `json:"seen"`  // calls that matched
	Fired int64 `json:"fired"` // calls that went wrong
}

func (f *Fault) prepare() error {
	if f.DurationMs != 0 {
		f.Duration = time.Duration(f.DurationMs) * time.Millisecond
	}
	f.DurationMs = f.Duration.Milliseconds()
	f.Method = strings.ToLower(f.Method)
	switch f.Kind {
	case FaultFlood:
		f.RetryAfter = max(f.RetryAfter, 1)
	case FaultError:
		if f.Code == 0 {
			f.Code = 500
		}
		if f.Description == "" {
			f.Description = "Internal Server Error"
		}
	case FaultGateway:
		if f.Code == 0 {
			f.Code = 502
		}
	case FaultSlow:
		if f.Duration <= 0 {
			return fmt.Errorf("fault %q needs a duration", f.Kind)
		}
	case FaultRefuse:
		if f.Bot != 0 || f.Chat != 0 || f.Method != "" || f.Delivered {
			return fmt.Errorf("fault %q comes before the request: it knows no bot, method or chat", f.Kind)
		}
	case FaultHang, FaultReset, FaultGarbage, FaultTruncate, FaultHuge, FaultEndless:
	default:
		return fmt.Errorf("unknown fault %q", f.Kind)
	}
	switch {
	case f.Probability < 0 || f.Probability > 1:
		return fmt.Errorf("probability %v is not between 0 and 1", f.Probability)
	case f.Skip < 0 || f.Every < 0 || f.Count < 0 || f.Duration < 0:
		return fmt.Errorf("skip, every, count and duration cannot be negative")
	case f.Code != 0 && (f.Code < 300 || f.Code > 599):
		return fmt.Errorf("code %d is no error", f.Code)
	}
	return nil
}

// carriesOut reports whether the call is carried out, so that only its answer goes wrong.
func (f *Fault) carriesOut() bool {
	return f.Delivered || f.Kind == FaultSlow || f.Kind == FaultTruncate || f.Kind == FaultHuge
}

// rule is a Fault at work.
type rule struct {
	FaultReport

	random *rand.Rand
}

// faults are the rules of a sandbox.
type faults struct {
	any   atomic.Bool // there are rules: saves the lock where there are none
	mu    sync.Mutex
	rules []*rule
	fired map[FaultKind]int64
}

func (s *faults) add(f Fault) error {
	if err := f.prepare(); err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.rules = append(s.rules, &rule{FaultReport{Fault: f}, rand.New(rand.NewPCG(f.Seed, 0))})
	s.any.Store(true)
	return nil
}

func (s *faults) clear() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.rules, s.fired = nil, nil
	s.any.Store(false)
}

func (s *faults) list() []FaultReport {
	s.mu.Lock()
	defer s.mu.Unlock()
	reports := make([]FaultReport, len(s.rules))
	for i, r := range s.rules {
		reports[i] = r.FaultReport
	}
	return reports
}

func (s *faults) counts() map[FaultKind]int64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	counts := make(map[FaultKind]int64, len(s.fired))
	maps.Copy(counts, s.fired)
	return counts
}

// pick returns the rule that fires for a call; none is nil. A new connection has neither bot nor method.
func (s *faults) pick(bot int64, method []byte, chat int64) *Fault {
	if !s.any.Load() {
		return nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, r := range s.rules {
		if (r.Kind == FaultRefuse) != (bot == 0) || !r.matches(bot, method, chat) || !r.fires() {
			continue
		}
		if s.fired == nil {
			s.fired = make(map[FaultKind]int64)
		}
		s.fired[r.Kind]++
		return &r.Fault
	}
	return nil
}

func (r *rule) matches(bot int64, method []byte, chat int64) bool {
	return (r.Bot == 0 || r.Bot == bot) && (r.Chat == 0 || r.Chat == chat) &&
		(r.Method == "" || r.Method == string(method))
}

func (r *rule) fires() bool {
	r.Seen++
	switch {
	case r.Seen <= r.Skip,
		r.Every > 1 && (r.Seen-r.Skip)%r.Every != 0,
		r.Count > 0 && r.Fired >= r.Count,
		r.Probability > 0 && r.Probability < 1 && r.random.Float64() >= r.Probability:
		return false
	}
	r.Fired++
	return true
}
