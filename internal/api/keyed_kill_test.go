package api_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"bellman/internal/api/apitest"
	"bellman/internal/idempotency"
	"bellman/internal/store"
	"bellman/internal/store/storetest"
)

// childDatabase is the environment variable with the database of a process that
// serves the APIs and is killed.
const childDatabase = "BELLMAN_TEST_KEYED_DB"

// stuck never keeps an answer: it says that there is one, and stands still.
type stuck struct{ store.Idempotency }

func (stuck) Keep(context.Context, *idempotency.Claim, []byte) error {
	_, _ = fmt.Println("written")
	select {}
}

// TestServeKeyed is the process that is killed: what it was asked for is written,
// and not answered.
func TestServeKeyed(t *testing.T) {
	t.Parallel()
	address := os.Getenv(childDatabase)
	if address == "" {
		return // only the process that TestKilledBeforeTheAnswer starts has one
	}
	in := apitest.NewOn(t, storetest.Open(t, address))
	in.Config.Idempotency = idempotency.New(stuck{in.Store.Idempotency}, in.Config.Now, slog.New(slog.DiscardHandler))
	in.Rebuild(t)
	server := httptest.NewServer(in.Handler)
	_, _ = fmt.Println(server.URL, in.Key)
	_, err := io.Copy(io.Discard, os.Stdin)
	require.NoError(t, err)
}

// A process is killed after it has written what was asked for, and before it has
// answered. The repetition makes nothing: it gets the answer when the feature finds
// what was made, and else is told that the key is taken.
func TestKilledBeforeTheAnswer(t *testing.T) {
	t.Parallel()
	storetest.EachAddress(t, func(t *testing.T, address string) {
		in := prepared(t, storetest.Open(t, address))
		for _, c := range making {
			before := count(t, in, c.list)
			killed(t, address, c.path, c.body, c.name)
			for range 2 {
				w := in.Call(http.MethodPost, c.path, c.body, idempotency.Header, c.name)
				if c.found {
					require.Less(t, w.Code, 300, w.Body)
				} else {
					require.Equal(t, http.StatusConflict, w.Code, w.Body)
					require.Contains(t, w.Body.String(), "look at what was made")
				}
			}
			require.Equal(t, before+1, count(t, in, c.list), c.name)
		}
	})
}

// killed makes a call to a process of its own, which is killed when it is about to
// answer.
func killed(t *testing.T, address, path, body, key string) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	cmd := exec.CommandContext(ctx, os.Args[0], "-test.run=^TestServeKeyed$")
	cmd.Env = append(os.Environ(), childDatabase+"="+address)
	cmd.Stderr = t.Output()
	stdin, err := cmd.StdinPipe()
	require.NoError(t, err)
	defer stdin.Close()
	stdout, err := cmd.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, cmd.Start())
	lines := bufio.NewScanner(stdout)
	require.True(t, lines.Scan(), "the child says where it is")
	url, secret, ok := strings.Cut(lines.Text(), " ")
	require.True(t, ok, lines.Text())
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, url+path, strings.NewReader(body))
	require.NoError(t, err)
	r.SetBasicAuth("any", secret)
	r.Header.Set(idempotency.Header, key)
	r.Header.Set("Content-Type", "application/json")
	answered := make(chan error, 1)
	go func() {
		w, err := http.DefaultClient.Do(r)
		if err == nil {
			err = w.Body.Close()
			cancel() // it was not to answer, and will not write
		}
		answered <- err
	}()
	require.True(t, lines.Scan(), "the child says that it has written")
	require.Equal(t, "written", lines.Text())
	require.NoError(t, cmd.Process.Kill())
	require.Error(t, cmd.Wait())
	require.Error(t, <-answered)
}
