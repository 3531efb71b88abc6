package body_test

import (
	"bytes"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"bellman/internal/api/body"
	"bellman/internal/api/problem"
)

// guarded reads a request under the budget, and returns what then says while its body is held.
func guarded(budget *body.Budget, r *http.Request, then func(raw []byte, err error)) *httptest.ResponseRecorder {
	w := httptest.NewRecorder()
	budget.Guard(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { then(body.Read(w, r)) })).ServeHTTP(w, r)
	return w
}

// announcing returns a request that announces more than it sends.
func announcing(length int64, sent string) *http.Request {
	r := httptest.NewRequest(http.MethodPost, "/", io.NopCloser(strings.NewReader(sent)))
	r.ContentLength = length
	return r
}

// whole returns a request whose body is a text of n letters.
func whole(n int) *http.Request {
	return httptest.NewRequest(http.MethodPost, "/", strings.NewReader(`"`+strings.Repeat("x", n)+`"`))
}

func requireBusy(t *testing.T, err error) {
	t.Helper()
	var p *problem.Problem
	require.ErrorAs(t, err, &p)
	require.Equal(t, "bodies_too_many", p.Code)
	require.Equal(t, http.StatusServiceUnavailable, p.Status)
}

func TestAnnouncedBytesTakeNoMemory(t *testing.T) {
	t.Parallel()
	budget := body.NewBudget(100<<10, 10<<20, time.Second)
	var nested func(n int)
	nested = func(n int) {
		if n == 0 {
			return
		}
		guarded(budget, announcing(4<<20, "{}"), func(raw []byte, err error) {
			require.NoError(t, err, n)
			require.Equal(t, "{}", string(raw))
			nested(n - 1)
		})
	}
	nested(12)
}

func TestBodiesThatArriveShareABudget(t *testing.T) {
	t.Parallel()
	budget := body.NewBudget(100<<10, 10<<20, time.Second)
	guarded(budget, whole(60<<10), func(_ []byte, err error) {
		require.NoError(t, err)
		w := guarded(budget, whole(60<<10), func(_ []byte, err error) { requireBusy(t, err) })
		require.Equal(t, "2", w.Header().Get("Retry-After"))
		guarded(budget, announcing(-1, `{"a":1}`), func(_ []byte, err error) { require.NoError(t, err, "a small one has room") })
	})
	guarded(budget, whole(60<<10), func(_ []byte, err error) { require.NoError(t, err, "the room is free again") })
}

// Decoded bodies wait for each other: also one that needs more than there is goes alone.
func TestBodiesAreDecodedInTurn(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		budget := body.NewBudget(10<<20, 100<<10, time.Second)
		many := func() *http.Request {
			return httptest.NewRequest(http.MethodPost, "/", strings.NewReader("["+strings.Repeat("{},", 2000)+"{}]"))
		}
		began := time.Now()
		var running sync.WaitGroup
		var together atomic.Int32
		for range 3 {
			running.Go(func() {
				guarded(budget, many(), func(_ []byte, err error) {
					if err != nil || together.Add(1) != 1 {
						t.Error("not in turn", err)
					}
					time.Sleep(400 * time.Millisecond)
					together.Add(-1)
				})
			})
		}
		running.Wait()
		require.Equal(t, 1200*time.Millisecond, time.Since(began))
		guarded(budget, many(), func(_ []byte, err error) {
			require.NoError(t, err)
			w := guarded(budget, many(), func(_ []byte, err error) { requireBusy(t, err) })
			require.Equal(t, "2", w.Header().Get("Retry-After"))
		})
		require.Equal(t, 2200*time.Millisecond, time.Since(began))
	})
}

func TestABodyOfManyValuesIsRefused(t *testing.T) {
	t.Parallel()
	for n, status := range map[int]int{60_000: 0, 60_001: http.StatusRequestEntityTooLarge} {
		_, err := body.Read(httptest.NewRecorder(), post("["+strings.Repeat("0,", n-2)+"0]"))
		require.Equal(t, status, statusOf(err))
	}
}

func statusOf(err error) int {
	if p, ok := err.(*problem.Problem); ok { //nolint:errorlint // as the surfaces get it
		return p.Status
	}
	return 0
}

// A body is the same whatever its length and however it arrives.
func TestBodiesOfAllLengths(t *testing.T) {
	t.Parallel()
	budget := body.NewBudget(8<<20, 8<<20, time.Minute)
	for _, n := range []int{1, 511, 8<<10 - 512, 8<<10 - 2, 8 << 10, 8<<10 + 1, 16 << 10, 100_000, 1 << 20} {
		text := append(append([]byte{'"'}, bytes.Repeat([]byte("x"), n)...), '"')
		for _, length := range []int64{int64(len(text)), -1} {
			guarded(budget, announcing(length, string(text)), func(raw []byte, err error) {
				require.NoError(t, err)
				require.Equal(t, text, raw)
			})
		}
	}
}
