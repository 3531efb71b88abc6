package track

import (
	"bufio"
	"bytes"
	"cmp"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/gofrs/flock"

	"bellman/internal/durable"
)

// spool keeps clicks in files while the database does not take them.
//
// Its directory has a numbered slot for each process that uses it, under a file
// lock that ends with the process. A process takes every free slot: it writes to
// the first, and replays what earlier processes left in all of them.
//
// A slot holds segments, whose names grow with time. A segment consists of lines,
// each a checksum and a click in JSON. Only the newest is written to. A segment
// that a killed process has left open is never continued, so that only a last line
// can be torn.
type spool struct {
	slot  string
	locks []*flock.Flock
	// name returns the name of a new segment; names grow.
	name func() string

	mu sync.Mutex
	// open is the segment that is written to; nil for none. size is its length in
	// bytes.
	open *os.File
	size int64
	// closed are the segments that can be replayed, oldest first.
	closed []string
	line   []byte
}

// maxSegment is the size in bytes at which a new segment is begun.
const maxSegment = 16 << 20

const segmentEnd = ".jsonl"

var checksums = crc32.MakeTable(crc32.Castagnoli)

// openSpool opens the spool in the directory, which is created if necessary. name
// returns the names of new segments; they must be unique and grow.
func openSpool(directory string, name func() string) (*spool, error) {
	s := &spool{name: name}
	if err := s.lock(directory); err != nil {
		return nil, fmt.Errorf("track: open spool: %w", errors.Join(err, s.close()))
	}
	return s, nil
}

// lock takes every free slot, or a new one.
func (s *spool) lock(directory string) error {
	if err := os.MkdirAll(directory, 0o700); err != nil {
		return err
	}
	slots, err := slotsIn(directory)
	if err != nil {
		return err
	}
	for _, slot := range slots {
		if err := s.lockSlot(directory, slot); err != nil {
			return err
		}
	}
	// Another process may take the new slot first.
	for slot := len(slots); s.slot == ""; slot++ {
		if err := s.lockSlot(directory, slot); err != nil {
			return err
		}
	}
	return nil
}

// slotsIn returns the numbers of the existing slots.
func slotsIn(directory string) (slots []int, err error) {
	entries, err := os.ReadDir(directory)
	for _, e := range entries {
		if n, err := strconv.Atoi(e.Name()); err == nil && e.IsDir() {
			slots = append(slots, n)
		}
	}
	slices.Sort(slots)
	return slots, err
}

// lockSlot takes a slot with its segments, unless another process has it.
func (s *spool) lockSlot(directory string, number int) error {
	slot := filepath.Join(directory, strconv.Itoa(number))
	if err := os.MkdirAll(slot, 0o700); err != nil {
		return err
	}
	l := flock.New(filepath.Join(slot, "lock"), flock.SetPermissions(0o600))
	if locked, err := l.TryLock(); err != nil || !locked {
		return err
	}
	s.locks = append(s.locks, l)
	s.slot = cmp.Or(s.slot, slot)
	// Not by a pattern: the directory's name may look like one.
	left, err := os.ReadDir(slot) // in the order of their names
	for _, e := range left {
		if strings.HasSuffix(e.Name(), segmentEnd) {
			s.closed = append(s.closed, filepath.Join(slot, e.Name()))
		}
	}
	return err
}

// append writes clicks and returns once they are on the disk.
func (s *spool) append(clicks []Click) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.line = s.line[:0]
	for i := range clicks {
		var err error
		if s.line, err = appendLine(s.line, &clicks[i]); err != nil {
			return fmt.Errorf("track: spool: %w", err)
		}
	}
	if err := s.write(); err != nil {
		// The segment may end in the middle of a line now.
		return fmt.Errorf("track: spool: %w", errors.Join(err, s.rotate()))
	}
	if s.size >= maxSegment {
		return s.rotate()
	}
	return nil
}

// write puts line at the end of the open segment.
func (s *spool) write() error {
	if s.open == nil {
		if err := s.begin(); err != nil {
			return err
		}
	}
	n, err := s.open.Write(s.line)
	s.size += int64(n)
	return errors.Join(err, s.open.Sync())
}

// begin creates a new segment, and makes sure that its name is on the disk.
func (s *spool) begin() (err error) {
	path := filepath.Join(s.slot, s.name()+segmentEnd)
	s.open, err = os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	s.size = 0
	return durable.Folder(s.slot)
}

// rotate closes the open segment.
func (s *spool) rotate() error {
	if s.open == nil {
		return nil
	}
	s.closed = append(s.closed, s.open.Name())
	err := s.open.Close()
	s.open = nil
	return err
}

// next returns the oldest segment; empty when there is none. The open one is
// closed only when there is no other, so that a long outage does not make many.
func (s *spool) next() (string, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.closed) == 0 {
		if err := s.rotate(); err != nil {
			return "", fmt.Errorf("track: spool: %w", err)
		}
	}
	if len(s.closed) == 0 {
		return "", nil
	}
	return s.closed[0], nil
}

// remove removes the segment that next returned.
func (s *spool) remove(segment string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := os.Remove(segment); err != nil && !errors.Is(err, os.ErrNotExist) {
		return fmt.Errorf("track: spool: %w", err)
	}
	s.closed = s.closed[1:]
	return nil
}

// close releases the slots; their contents are kept.
func (s *spool) close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	err := s.rotate()
	for _, l := range s.locks {
		err = errors.Join(err, l.Unlock())
	}
	s.locks = nil
	return err
}

// appendLine appends the click's line: eight hexadecimal digits of CRC-32C, a
// space, the JSON that they cover, a line end.
func appendLine(to []byte, c *Click) ([]byte, error) {
	text, err := json.Marshal(c)
	if err != nil {
		return to, err
	}
	to = hex.AppendEncode(to, checksum(text))
	to = append(append(to, ' '), text...)
	return append(to, '\n'), nil
}

// parseLine reads a line without its end; ok is false when it is damaged.
func parseLine(line []byte) (c Click, ok bool) {
	sum, text, found := bytes.Cut(line, []byte(" "))
	if !found || !strings.EqualFold(string(sum), hex.EncodeToString(checksum(text))) {
		return Click{}, false
	}
	err := json.Unmarshal(text, &c)
	return c, err == nil && c.ID != ""
}

func checksum(text []byte) []byte {
	sum := crc32.Checksum(text, checksums)
	return []byte{byte(sum >> 24), byte(sum >> 16), byte(sum >> 8), byte(sum)}
}

// readSegment returns the clicks of a segment, and how many of its lines are
// damaged or torn.
func readSegment(path string) (clicks []Click, damaged int, err error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, 0, fmt.Errorf("track: spool: %w", err)
	}
	clicks, damaged, err = readLines(file)
	if err := errors.Join(err, file.Close()); err != nil {
		return nil, 0, fmt.Errorf("track: spool: %w", err)
	}
	return clicks, damaged, nil
}

func readLines(from io.Reader) (clicks []Click, damaged int, err error) {
	lines := bufio.NewReader(from)
	for {
		line, err := lines.ReadBytes('\n')
		if err != nil && !errors.Is(err, io.EOF) {
			return nil, 0, err
		}
		if c, ok := parseLine(bytes.TrimSuffix(line, []byte("\n"))); ok {
			clicks = append(clicks, c)
		} else if len(line) > 0 {
			damaged++
		}
		if err != nil {
			return clicks, damaged, nil
		}
	}
}
