package track

import (
	"bytes"
	"encoding/hex"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

func open(t *testing.T, directory string, name func() string) *spool {
	t.Helper()
	s, err := openSpool(directory, name)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, s.close()) })
	return s
}

// drain returns the contents of a spool, and removes them.
func drain(t *testing.T, s *spool) (clicks []Click, damaged int) {
	t.Helper()
	for {
		segment, err := s.next()
		require.NoError(t, err)
		if segment == "" {
			return clicks, damaged
		}
		some, bad, err := readSegment(segment)
		require.NoError(t, err)
		clicks, damaged = append(clicks, some...), damaged+bad
		require.NoError(t, s.remove(segment))
	}
}

func TestSpoolGivesBackWhatItGot(t *testing.T) {
	t.Parallel()
	s := open(t, t.TempDir(), names())
	want := []Click{click("a"), click("b"), click("c")}
	want[1].Target, want[1].Agent = "https://x.example/?a=<&>\n\u2028", "Chrome"
	want[2].Press, want[2].Data = "77", "rate:5\x00"
	require.NoError(t, s.append(want[:1]))
	require.NoError(t, s.append(want[1:]))
	got, damaged := drain(t, s)
	require.Equal(t, want, got)
	require.Zero(t, damaged)
	got, _ = drain(t, s)
	require.Empty(t, got)
}

// The next process replays the clicks that a process has left before its own,
// however that process ended; the torn line is never continued.
func TestSpoolOfAKilledProcess(t *testing.T) {
	t.Parallel()
	directory, name := t.TempDir(), names()
	first, err := openSpool(directory, name)
	require.NoError(t, err)
	require.NoError(t, first.append([]Click{click("a"), click("b")}))
	torn, err := appendLine(nil, new(click("torn")))
	require.NoError(t, err)
	_, err = first.open.Write(torn[:len(torn)/2])
	require.NoError(t, err)
	require.NoError(t, first.close()) // as the kernel does for a killed process

	second := open(t, directory, name)
	require.Equal(t, first.slot, second.slot)
	require.NoError(t, second.append([]Click{click("c")}))
	got, damaged := drain(t, second)
	require.Equal(t, []Click{click("a"), click("b"), click("c")}, got)
	require.Equal(t, 1, damaged)
}

func TestSpoolsOfTwoProcesses(t *testing.T) {
	t.Parallel()
	directory, name := t.TempDir(), names()
	one, two := open(t, directory, name), open(t, directory, name)
	require.NotEqual(t, one.slot, two.slot)
	require.NoError(t, one.append([]Click{click("one")}))
	require.NoError(t, two.append([]Click{click("two")}))
	got, _ := drain(t, two)
	require.Equal(t, []Click{click("two")}, got, "a process leaves alone what another one writes")
	require.NoError(t, two.append([]Click{click("left")}))
	require.NoError(t, one.close())
	require.NoError(t, two.close())
	got, _ = drain(t, open(t, directory, name))
	require.ElementsMatch(t, []Click{click("one"), click("left")}, got, "whoever is next takes both")
}

func TestSpoolRotates(t *testing.T) {
	t.Parallel()
	s := open(t, t.TempDir(), names())
	big := click("big")
	big.Target = "https://x.example/" + string(bytes.Repeat([]byte("x"), 1<<20))
	for range 40 {
		require.NoError(t, s.append([]Click{big}))
	}
	segments, err := filepath.Glob(filepath.Join(s.slot, "*"+segmentEnd))
	require.NoError(t, err)
	require.Len(t, segments, 3)
	for range 5 {
		_, err := s.next()
		require.NoError(t, err)
	}
	require.NoError(t, s.append([]Click{click("more")}))
	again, err := filepath.Glob(filepath.Join(s.slot, "*"+segmentEnd))
	require.NoError(t, err)
	require.Equal(t, segments, again, "an outage with many attempts does not make many segments")
	got, _ := drain(t, s)
	require.Len(t, got, 41)
}

// Nobody else on the machine may read the clicks.
func TestSpoolIsPrivate(t *testing.T) {
	t.Parallel()
	if runtime.GOOS == "windows" {
		t.Skip("files have no such permissions there")
	}
	directory := filepath.Join(t.TempDir(), "spool")
	require.NoError(t, open(t, directory, names()).append([]Click{click("a")}))
	files := 0
	require.NoError(t, filepath.Walk(directory, func(path string, info os.FileInfo, err error) error {
		require.NoError(t, err)
		require.Zero(t, info.Mode().Perm()&0o077, path)
		files++
		return nil
	}))
	require.Equal(t, 4, files, "the directory, a slot, its lock and a segment")
}

// Slots are directories with a number as their name. A process writes to the first
// free slot and replays all free ones.
func TestSlots(t *testing.T) {
	t.Parallel()
	directory, name := t.TempDir(), names()
	for _, slot := range []string{"2", "10", "x"} {
		require.NoError(t, os.Mkdir(filepath.Join(directory, slot), 0o700))
	}
	require.NoError(t, os.WriteFile(filepath.Join(directory, "7"), nil, 0o600))
	left := func(slot, id string) {
		line, err := appendLine(nil, new(click(id)))
		require.NoError(t, err)
		require.NoError(t, os.WriteFile(filepath.Join(directory, slot, id+segmentEnd), line, 0o600))
	}
	left("10", "b")
	left("2", "a2")
	left("2", "a1")
	left("x", "nobody's")
	one := open(t, directory, name)
	require.Equal(t, filepath.Join(directory, "2"), one.slot)
	got, _ := drain(t, one)
	require.Equal(t, []Click{click("a1"), click("a2"), click("b")}, got)
	left("2", "of another one")
	two := open(t, directory, name)
	require.Equal(t, filepath.Join(directory, "3"), two.slot, "the others are taken, or none")
	got, _ = drain(t, two)
	require.Empty(t, got)
}

// What is left is found whatever the name of the directory.
func TestSpoolInAnyDirectory(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"a[b]c", "a[", "clicks [old] of ї"} {
		directory, segments := filepath.Join(t.TempDir(), name), names()
		first, err := openSpool(directory, segments)
		require.NoError(t, err, name)
		require.NoError(t, first.append([]Click{click("a")}))
		require.NoError(t, first.close())
		got, _ := drain(t, open(t, directory, segments))
		require.Equal(t, []Click{click("a")}, got, name)
	}
}

// A spool that cannot be closed says so, and gives up its slot.
func TestSpoolThatCannotBeClosed(t *testing.T) {
	t.Parallel()
	directory, segments := t.TempDir(), names()
	first, err := openSpool(directory, segments)
	require.NoError(t, err)
	require.NoError(t, first.append([]Click{click("a")}))
	require.NoError(t, first.open.Close())
	require.ErrorIs(t, first.close(), os.ErrClosed)
	require.Equal(t, first.slot, open(t, directory, segments).slot)
}

// What cannot be written leaves no trace, and nothing that follows it in the way.
func TestSpoolGoesOnAfterAFailure(t *testing.T) {
	t.Parallel()
	s := open(t, t.TempDir(), names())
	bad := click("bad")
	bad.At = time.Date(10_000, 1, 1, 0, 0, 0, 0, time.UTC) // JSON has no such year
	require.Error(t, s.append([]Click{click("lost with it"), bad}))
	require.NoError(t, s.append([]Click{click("a")}))
	require.NoError(t, s.open.Close())
	require.Error(t, s.append([]Click{click("lost")}))
	require.NoError(t, s.append([]Click{click("b")}))
	got, damaged := drain(t, s)
	require.Equal(t, []Click{click("a"), click("b")}, got)
	require.Zero(t, damaged)

	require.NoError(t, s.append([]Click{click("c")}))
	require.NoError(t, s.open.Close())
	_, err := s.next()
	require.Error(t, err, "the segment that is written to cannot be closed")
	got, _ = drain(t, s)
	require.Equal(t, []Click{click("c")}, got)
}

// A segment that is gone is removed; one that stays is replayed again.
func TestSegmentThatCannotBeRemoved(t *testing.T) {
	t.Parallel()
	s := open(t, t.TempDir(), names())
	require.NoError(t, s.append([]Click{click("a")}))
	first, err := s.next()
	require.NoError(t, err)
	require.NoError(t, os.Remove(first))
	require.NoError(t, os.MkdirAll(filepath.Join(first, "in the way"), 0o700))
	require.Error(t, s.remove(first))
	again, err := s.next()
	require.NoError(t, err)
	require.Equal(t, first, again)
	require.NoError(t, os.RemoveAll(first))
	require.NoError(t, s.remove(first))
	none, err := s.next()
	require.NoError(t, err)
	require.Empty(t, none)
}

func TestSegmentsThatCannotBeRead(t *testing.T) {
	t.Parallel()
	for _, path := range []string{t.TempDir(), filepath.Join(t.TempDir(), "none")} {
		clicks, damaged, err := readSegment(path)
		require.Error(t, err)
		require.Nil(t, clicks)
		require.Zero(t, damaged)
	}
}

// Lines that a process does not write are counted as damaged.
func TestLinesAreChecked(t *testing.T) {
	t.Parallel()
	line := func(text string) string { return hex.EncodeToString(checksum([]byte(text))) + " " + text }
	good, err := appendLine(nil, new(click("a")))
	require.NoError(t, err)
	for text, want := range map[string][2]int{
		"": {0, 0}, "\n": {0, 1}, "\n\n": {0, 2}, "x": {0, 1}, "x\ny": {0, 2}, string(good): {1, 0}, string(bytes.TrimSpace(good)): {1, 0},
		string(good) + string(good): {2, 0}, string(good) + "\n" + string(good): {2, 1}, "0" + string(good): {0, 1},
		line(`{"id":"a"}`): {1, 0}, strings.ToUpper(line("")) + line(`{"id":"a"}`): {0, 1},
		line(`{}`): {0, 1}, line(`[]`): {0, 1}, line(`{"id":"a","seq":"b"}`): {0, 1}, line(``): {0, 1}, `{"id":"a"}`: {0, 1},
	} {
		clicks, damaged, err := readLines(strings.NewReader(text))
		require.NoError(t, err)
		require.Equal(t, want, [2]int{len(clicks), damaged}, "%q", text)
	}
	_, _, err = readLines(iotest.ErrReader(io.ErrClosedPipe))
	require.ErrorIs(t, err, io.ErrClosedPipe)
}

func TestSpoolDirectoryThatIsNone(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "file")
	require.NoError(t, os.WriteFile(path, nil, 0o600))
	_, err := openSpool(path, names())
	require.Error(t, err)
}

// Damage costs only the lines that it hits.
func TestDamageCostsItsLines(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(1, 8).Draw(t, "clicks")
		var text []byte
		var starts []int
		for i := range n {
			starts = append(starts, len(text))
			var err error
			text, err = appendLine(text, new(click(fmt.Sprint("id", i))))
			require.NoError(t, err)
		}
		at := rapid.IntRange(0, len(text)-1).Draw(t, "at")
		flip := byte(rapid.IntRange(1, 255).Draw(t, "flip"))
		text[at] ^= flip
		got, _, err := readLines(bytes.NewReader(text))
		require.NoError(t, err)
		hit := map[int]bool{}
		for i, start := range starts {
			if at >= start {
				clear(hit)
				hit[i] = true
				// A lost line end joins two lines.
				if i+1 < n && at == starts[i+1]-1 {
					hit[i+1] = true
				}
			}
		}
		seen := map[string]bool{}
		for _, c := range got {
			seen[c.ID] = true
			want := click(c.ID)
			require.Equal(t, want, c, "nothing that was not written is read")
		}
		for i := range n {
			if !hit[i] {
				require.True(t, seen[fmt.Sprint("id", i)])
			}
		}
	})
}

func FuzzReadLines(f *testing.F) {
	line, err := appendLine(nil, new(click("a")))
	require.NoError(f, err)
	f.Add(line)
	f.Add(append(bytes.Clone(line), line[:10]...))
	f.Add([]byte("\n\n00000000 {}\n"))
	f.Fuzz(func(t *testing.T, text []byte) {
		clicks, _, err := readLines(bytes.NewReader(text))
		require.NoError(t, err)
		for _, c := range clicks {
			require.NotEmpty(t, c.ID)
			if y := c.At.Year(); y < 0 || y > 9999 {
				continue // JSON does not write such a time
			}
			again, err := appendLine(nil, &c)
			require.NoError(t, err)
			back, ok := parseLine(bytes.TrimSuffix(again, []byte("\n")))
			require.True(t, ok)
			require.True(t, c.At.Equal(back.At))
			c.At, back.At = time.Time{}, time.Time{}
			require.Equal(t, c, back)
		}
	})
}
