package e2e_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"runtime"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"bellman/test/harness"
)

const (
	// hostileMemory is the most memory that the program may have had, whatever kind of bodies it was sent, in bytes.
	hostileMemory = 160 << 20
	// importMemory is the same for imports of the largest size, which are carried out as well.
	importMemory = 180 << 20
)

// peak returns the most memory that a process has had in its life (its resident set), in bytes.
func peak(t *testing.T, p *harness.Process) int64 {
	t.Helper()
	_, most, err := p.Memory()
	require.NoError(t, err)
	return most
}

// opened is how many files and connections a process has open.
func opened(t *testing.T, p *harness.Process) int {
	t.Helper()
	files, err := os.ReadDir(fmt.Sprintf("/proc/%d/fd", p.PID()))
	require.NoError(t, err)
	return len(files)
}

// repeated is a JSON text of n equal parts.
func repeated(head, part string, n int, tail string) string {
	return head + strings.Repeat(part+",", n-1) + part + tail
}

// TestHostileBodiesTakeLittleMemory sends the real program bodies that are meant to exhaust its memory, with a valid key.
func TestHostileBodiesTakeLittleMemory(t *testing.T) {
	t.Parallel()
	if runtime.GOOS != "linux" {
		t.Skip("only Linux tells the most memory that a process has had")
	}
	b := startBellman(t, t.TempDir()+"/bellman.db", "http://127.0.0.1:1")
	t.Logf("at the start: %d MiB", peak(t, b.server)>>20)
	resting := opened(t, b.server)
	within := func(what string, send func(t *testing.T)) {
		t.Run(what, func(t *testing.T) {
			// A connection of the attack before that is still closing holds its body.
			require.Eventually(t, func() bool { return opened(t, b.server) <= resting+5 }, patience, 5*time.Millisecond)
			require.NoError(t, os.WriteFile(fmt.Sprintf("/proc/%d/clear_refs", b.server.PID()), []byte("5"), 0o600), "forget the peak")
			send(t)
			b.get(t, "/manage/v1/bots", nil)
			most := peak(t, b.server)
			t.Logf("%d MiB", most>>20)
			require.LessOrEqual(t, most, int64(hostileMemory))
		})
	}

	within("1000 bodies that are announced and not sent", func(t *testing.T) {
		refused := b.halves(t, 1000, "{")
		b.get(t, "/manage/v1/bots", nil)
		require.Empty(t, refused)
	})
	within("60 bodies of which half is sent", func(t *testing.T) {
		require.Equal(t, "HTTP/1.1 503", <-b.halves(t, 60, "{"+strings.Repeat(" ", 2<<20)), "there is no room for all")
	})

	// Whole bodies, of what takes the most memory when it is decoded.
	for _, c := range []struct{ name, path, body string }{
		{"empty objects", "/manage/v1/messages", repeated(`{"name":"n","text":"x","buttons":[`, `{}`, 59_000, `]}`)},
		{"small objects", "/manage/v1/campaigns", repeated(`{"name":"n","audience":[`, `{"a":0}`, 29_000, `]}`)},
		{"empty arrays", "/manage/v1/messages/1/send", repeated(`[`, `[]`, 59_000, `]`)},
		{"more of them than may be", "/manage/v1/messages/1/send", repeated(`[`, `[]`, 1_300_000, `]`)},
		{"numbers", "/manage/v1/contacts", repeated(`{"tags":[`, `1e9`, 59_000, `]}`)},
		{"names of groups", "/v1/contacts", repeated(`{"contacts":[],"groupNames":[`, `"a"`, 499_000, `]}`)},
		{"fields of a contact", "/v1/contacts", repeated(`{"dedupeOn":"email","contacts":[{"fields":[`, `{"id":1}`, 249_000, `]}]}`)},
	} {
		within(c.name, func(t *testing.T) {
			var running sync.WaitGroup
			statuses := make([]int, 24)
			for i := range statuses {
				running.Go(func() { statuses[i] = b.send(t, c.path, c.body, i%2 == 0) })
			}
			running.Wait()
			t.Log(statuses)
			for _, s := range statuses {
				require.NotContains(t, []int{0, http.StatusInternalServerError}, s, c.name)
			}
		})
	}
}

// TestLargeImportsTakeLittleMemory sends the real program imports of nearly 16 MiB, one of which arrives while others are
// carried out.
func TestLargeImportsTakeLittleMemory(t *testing.T) {
	t.Parallel()
	if runtime.GOOS != "linux" {
		t.Skip("only Linux tells the most memory that a process has had")
	}
	b := startBellman(t, t.TempDir()+"/bellman.db", "http://127.0.0.1:1")
	var sessions []string
	for range 6 {
		sessions = append(sessions, b.sendImport(t, largeImport()))
	}
	for _, session := range sessions {
		require.Eventually(t, func() bool {
			var answer struct{ Status string }
			b.get(t, "/v1/importstatus/"+session, &answer)
			require.NotEqual(t, "ERROR", answer.Status)
			return answer.Status == "FINISHED"
		}, 4*patience, 100*time.Millisecond)
	}
	most := peak(t, b.server)
	t.Logf("%d MiB", most>>20)
	require.LessOrEqual(t, most, int64(importMemory))
}

// largeImport is an import of 3000 contacts that can be used, of almost 16 MiB.
func largeImport() string {
	var fields strings.Builder
	for id := range 10 {
		fmt.Fprintf(&fields, `,{"id":%d,"value":"%s"}`, id+1, strings.Repeat("x", 500))
	}
	var text strings.Builder
	for n := range 3000 {
		fmt.Fprintf(&text, `,{"channels":[{"type":"email","value":"p%d@x.ua"}],"fields":[%s]}`, n, fields.String()[1:])
	}
	return `{"dedupeOn":"email","customFieldsIDs":[1,2,3,4,5,6,7,8,9,10],"contacts":[` + text.String()[1:] + `]}`
}

// sendImport posts an import, and returns its session.
func (b installation) sendImport(t *testing.T, text string) (session string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://"+b.Address+"/v1/contacts", strings.NewReader(text))
	require.NoError(t, err)
	r.Header.Set("Authorization", "Bearer "+b.Key)
	answer, err := http.DefaultClient.Do(r)
	require.NoError(t, err)
	defer answer.Body.Close()
	require.Equal(t, http.StatusOK, answer.StatusCode)
	var accepted struct{ AsyncSessionID string }
	require.NoError(t, json.NewDecoder(answer.Body).Decode(&accepted))
	return accepted.AsyncSessionID
}

// halves begins n requests of 4 MiB and sends the same part of each. The channel gets the first bytes of answers.
func (b installation) halves(t *testing.T, n int, part string) (answers chan string) {
	t.Helper()
	answers = make(chan string, n)
	for range n {
		conn, err := net.Dial("tcp", b.Address)
		require.NoError(t, err)
		t.Cleanup(func() { _ = conn.Close() }) // they end with the attack
		go func() {
			answer := make([]byte, len("HTTP/1.1 503"))
			if _, err := io.ReadFull(conn, answer); err == nil {
				answers <- string(answer)
			}
		}()
		_, err = fmt.Fprintf(conn, "POST /v1/contact HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer %s\r\nContent-Length: %d\r\n\r\n%s",
			b.Key, 4<<20, part)
		if err != nil {
			require.ErrorIs(t, err, syscall.ECONNRESET, "it was refused before all was sent")
		}
	}
	return answers
}

// send posts a body, with an Idempotency-Key if wanted, and returns the status.
func (b installation) send(t *testing.T, path, text string, keyed bool) int {
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://"+b.Address+path, strings.NewReader(text))
	if err != nil {
		t.Error(err)
		return 0
	}
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Authorization", "Bearer "+b.Key)
	if keyed {
		r.Header.Set("Idempotency-Key", "hostile")
	}
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Error(path, err)
		return 0
	}
	defer answer.Body.Close()
	_, _ = io.Copy(io.Discard, answer.Body)
	return answer.StatusCode
}
