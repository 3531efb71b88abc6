package harness

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"syscall"

	"bellman/internal/sandbox"
)

// Sandbox is the stand-in for Telegram in a process of its own. It writes a journal of all messages that it accepts,
// each before its answer: a message in the journal has arrived, whatever answer Bellman got.
type Sandbox struct {
	*Process

	// Address is host:port.
	Address string
	journal string
}

// StartSandbox runs a sandbox with a fresh journal in the program's folder.
func (p Program) StartSandbox(ctx context.Context) (*Sandbox, error) {
	address, err := FreeAddress()
	if err != nil {
		return nil, err
	}
	s := &Sandbox{Address: address, journal: filepath.Join(p.Folder, "journal.jsonl")}
	s.Process, err = p.Start(ctx, "sandbox", address, "sandbox", "--journal", s.journal)
	return s, err
}

// URL is what bellman takes as --telegram-url.
func (s *Sandbox) URL() string { return "http://" + s.Address }

// control makes a call to script the sandbox. It is retried when the sandbox was scripted to refuse connections: a
// refused call has no effect.
func (s *Sandbox) control(ctx context.Context, method, path string, in, out any) (err error) {
	for range 20 {
		err = call(ctx, method, s.URL()+"/sandbox/"+path, http.Header{}, in, out)
		if !refused(err) {
			return err
		}
	}
	return err
}

// refused reports whether a connection was reset, which shows in several ways.
func refused(err error) bool {
	return errors.Is(err, syscall.ECONNRESET) || errors.Is(err, syscall.EPIPE) || errors.Is(err, io.EOF)
}

// Rate sets how many messages a second the sandbox lets a bot send.
func (s *Sandbox) Rate(ctx context.Context, perSecond int) error {
	return s.control(ctx, http.MethodPut, "rates", map[string]any{"ratePerSecond": perSecond}, nil)
}

// Latency sets how long every answer is held back, in milliseconds, and up to how much longer at random.
func (s *Sandbox) Latency(ctx context.Context, least, jitter int64) error {
	return s.control(ctx, http.MethodPut, "rates", map[string]any{"latencyMs": least, "jitterMs": jitter}, nil)
}

// Put brings chats of a bot into a state.
func (s *Sandbox) Put(ctx context.Context, botID int64, state sandbox.State, chats ...int64) error {
	return s.control(ctx, http.MethodPost, "people", map[string]any{"bot": botID, "state": state, "chats": chats}, nil)
}

// AddFaults adds fault rules. Their Duration is sent in whole milliseconds.
func (s *Sandbox) AddFaults(ctx context.Context, faults ...sandbox.Fault) error {
	for _, f := range faults {
		f.DurationMs = f.Duration.Milliseconds()
		if err := s.control(ctx, http.MethodPost, "faults", f, nil); err != nil {
			return err
		}
	}
	return nil
}

// Faults returns the rules with their counters.
func (s *Sandbox) Faults(ctx context.Context) ([]sandbox.FaultReport, error) {
	var list struct{ Faults []sandbox.FaultReport }
	err := s.control(ctx, http.MethodGet, "faults", nil, &list)
	return list.Faults, err
}

// Stats returns the sandbox's counters.
func (s *Sandbox) Stats(ctx context.Context) (stats sandbox.Stats, err error) {
	err = s.control(ctx, http.MethodGet, "stats", nil, &stats)
	return stats, err
}

// Arrival is a line of the journal: a message that Telegram has accepted.
type Arrival struct {
	Bot       int64
	Chat      int64
	MessageID int64
	// At is in unix milliseconds.
	At   int64
	Text string
}

// Arrivals reads the journal. While the sandbox runs, it may end in the middle of a line, which is an error.
func (s *Sandbox) Arrivals() (all []Arrival, err error) {
	file, err := os.Open(s.journal)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	lines := bufio.NewScanner(file)
	for lines.Scan() {
		var a Arrival
		if err := json.Unmarshal(lines.Bytes(), &a); err != nil {
			return nil, fmt.Errorf("line %d of the journal: %w", len(all)+1, err)
		}
		all = append(all, a)
	}
	return all, lines.Err()
}
