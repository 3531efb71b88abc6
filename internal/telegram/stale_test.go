package telegram

import (
	"io"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// A router that forgets connections leaves as many dead ones behind as there were. They say nothing of the server: the
// next call finds one that lives.
func TestCallPassesDeadConnections(t *testing.T) {
	t.Parallel()
	const together = 20
	var arrived sync.WaitGroup
	arrived.Add(together)
	server := httptest.NewServer(afterProof(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/bot1:token/sendMessage" {
			arrived.Done()
			arrived.Wait()
		}
		_, _ = io.WriteString(w, `{"ok":true,"result":{"message_id":1}}`)
	}))
	t.Cleanup(server.Close)
	c, err := NewClient(server.URL, Proxy{})
	require.NoError(t, err)
	var sending sync.WaitGroup
	for range together {
		sending.Go(func() { c.Send("", "1:token", "sendMessage", []byte(`{}`)) })
	}
	sending.Wait()
	server.CloseClientConnections()
	time.Sleep(restAfter + 50*time.Millisecond) // what is tested comes after a rest
	require.True(t, c.Send("", "1:token", "sendPhoto", []byte(`{}`)).OK)
}
