package track

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"testing"
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

// drain returns what a spool has, and removes it.
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

// What a process leaves is replayed by the next one, before its own, however it
// ended; and the torn line is never continued.
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
	require.NoError(t, first.close()) // what the kernel does for a killed one

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

func TestSpoolDirectoryThatIsNone(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "file")
	require.NoError(t, os.WriteFile(path, nil, 0o600))
	_, err := openSpool(path, names())
	require.Error(t, err)
}

// Damage costs the lines that it is in.
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
				// A line end that is lost joins two lines.
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
