package summary

import (
	"bytes"
	"container/list"
	"context"
	"errors"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"bellman/internal/fault"
	"bellman/internal/message"
)

var (
	launch  = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	errDown = errors.New("database is away")
)

// archive is a store of campaigns; it can be away, or hold its answer back.
type archive struct {
	mu        sync.Mutex
	campaigns map[int64]Stored
	down      error
	reads     int
	holding   chan struct{}
}

func (a *archive) Launched(_ context.Context, since time.Time, limit int) (ids []int64, _ error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	for id, c := range a.campaigns {
		if len(ids) < limit && !c.LaunchedAt.Before(since) && !c.LaunchedAt.IsZero() {
			ids = append(ids, id)
		}
	}
	return ids, a.down
}

func (a *archive) Stored(ctx context.Context, ids []int64) (found []Stored, _ error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.reads++
	if a.holding != nil {
		a.mu.Unlock()
		select {
		case <-a.holding:
		case <-ctx.Done():
		}
		a.mu.Lock()
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
	}
	for _, id := range ids {
		if c, there := a.campaigns[id]; there {
			found = append(found, c)
		}
	}
	return found, a.down
}

// newCache returns a cache over an archive: 1 and 2 have been launched, 3 has not,
// 4 cannot be read. The log is written to log.
func newCache() (c *Cache, a *archive, log *bytes.Buffer) {
	const content = `{"text":"<a href=\"https://shop.example/sale\">a</a> <a href=\"https://shop.example/{{ contact.id }}\">b</a>",
		"language":"en","tags":["sale"],"translations":{"uk":{"text":"<a href=\"https://shop.example/%zz\">c</a>"}}}`
	a = &archive{campaigns: map[int64]Stored{
		1: {Campaign{ID: 1, LaunchedAt: launch}, content},
		2: {Campaign{ID: 2, LaunchedAt: launch}, `{"text":"x","noUtm":true}`},
		3: {Campaign{ID: 3}, ""},
		4: {Campaign{ID: 4, LaunchedAt: launch}, "broken"},
	}}
	log = &bytes.Buffer{}
	return NewCache(a, func() time.Time { return launch.Add(time.Hour) }, slog.New(slog.NewTextHandler(log, nil))), a, log
}

func TestGet(t *testing.T) {
	t.Parallel()
	c, a, _ := newCache()
	got, err := c.Get(t.Context(), 1)
	require.NoError(t, err)
	require.Equal(t, []string{"sale"}, got.Tags)
	require.Equal(t, []message.Link{
		{Target: "https://shop.example/sale", Language: "en"},
		{Target: "https://shop.example/{{ contact.id }}", Personal: true, Language: "en"},
		{Target: "https://shop.example/%zz", Language: "uk"},
	}, got.Links)
	require.Equal(t, "uk", got.Languages.Of("uk-UA"))
	require.Equal(t, "en", got.Languages.Of("de"))
	for link, want := range map[int]string{0: "https://shop.example/sale", 1: "own", 2: "https://shop.example/%zz", 3: "own", -1: "own"} {
		require.Equal(t, want, got.Target(link, "own"))
	}
	got, err = c.Get(t.Context(), 2)
	require.NoError(t, err)
	require.True(t, got.NoUTM)
	_, err = c.Get(t.Context(), 99)
	require.ErrorIs(t, err, ErrNotFound)
	require.Equal(t, 3, a.reads)

	a.down = errDown
	_, err = c.Get(t.Context(), 1)
	require.NoError(t, err, "it is kept")
	_, err = c.Get(t.Context(), 3)
	require.Equal(t, fault.Unavailable, fault.KindOf(err))
	require.ErrorIs(t, err, errDown)
}

// Before launch the content may change.
func TestWhatIsNotLaunchedIsNotKept(t *testing.T) {
	t.Parallel()
	c, a, _ := newCache()
	for range 2 {
		got, err := c.Get(t.Context(), 3)
		require.NoError(t, err)
		require.Empty(t, got.Links)
		all, err := c.All(t.Context(), []int64{3})
		require.NoError(t, err)
		require.Empty(t, all[3].Tags)
	}
	require.Equal(t, 4, a.reads)
}

func TestAll(t *testing.T) {
	t.Parallel()
	c, a, log := newCache()
	for range 2 {
		all, err := c.All(t.Context(), []int64{1, 2, 4})
		require.NoError(t, err)
		require.Len(t, all, 3)
		require.Equal(t, []string{"sale"}, all[1].Tags)
		require.Empty(t, all[4].Links)
		require.Empty(t, all[4].Languages.Of("uk"))
	}
	require.Equal(t, 1, a.reads)
	require.Equal(t, 1, strings.Count(log.String(), "the content of a campaign cannot be read"), "it is said once")
	all, err := c.All(t.Context(), []int64{1, 99})
	require.NoError(t, err)
	require.Equal(t, &Campaign{ID: 99}, all[99])
	a.down = errDown
	_, err = c.All(t.Context(), []int64{1, 99})
	require.ErrorIs(t, err, errDown)
}

// A campaign that is not in the cache is read once for all concurrent calls, for a
// second at most.
func TestGetReadsOnceForAll(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c, a, _ := newCache()
		a.holding = make(chan struct{})
		var asking sync.WaitGroup
		for range 20 {
			asking.Go(func() {
				_, err := c.Get(t.Context(), 1)
				require.NoError(t, err)
			})
		}
		synctest.Wait()
		close(a.holding)
		asking.Wait()
		require.Equal(t, 1, a.reads)

		a.holding = make(chan struct{})
		began := time.Now()
		_, err := c.Get(t.Context(), 2)
		require.Equal(t, fault.Unavailable, fault.KindOf(err))
		require.Equal(t, loadLimit, time.Since(began))
	})
}

func TestRefresh(t *testing.T) {
	t.Parallel()
	c, a, log := newCache()
	require.NoError(t, c.Refresh(t.Context()))
	require.Equal(t, 1, a.reads)
	require.NoError(t, c.Refresh(t.Context()))
	require.Equal(t, 1, a.reads, "what is kept is not read again")
	require.Equal(t, 1, strings.Count(log.String(), "cannot be read"))
	a.campaigns[5] = Stored{Campaign{ID: 5, LaunchedAt: launch.Add(time.Minute)}, `{"text":"x"}`}
	require.NoError(t, c.Refresh(t.Context()))
	a.campaigns[6] = Stored{Campaign{ID: 6, LaunchedAt: launch.Add(-time.Second)}, `{"text":"x"}`}
	require.NoError(t, c.Refresh(t.Context()))
	require.Equal(t, 2, a.reads, "what was launched long before the newest is read when it is asked for")
	a.down = errDown
	for id := range int64(2) {
		_, err := c.Get(t.Context(), id+4)
		require.NoError(t, err)
	}
	require.ErrorIs(t, c.Refresh(t.Context()), errDown)
}

// The campaign that Get returned longest ago is dropped; All drops none.
func TestCacheIsBounded(t *testing.T) {
	t.Parallel()
	c, _, _ := newCache()
	for id := range int64(maxKept) {
		c.keep(&Campaign{ID: id + 10, LaunchedAt: launch}, (*list.List).PushFront)
	}
	all, err := c.All(t.Context(), []int64{1})
	require.NoError(t, err)
	require.NotEmpty(t, all[1].Tags)
	require.NotContains(t, c.kept, int64(1))
	for _, id := range []int64{10, 1} {
		_, err := c.Get(t.Context(), id)
		require.NoError(t, err)
	}
	require.Len(t, c.kept, maxKept)
	require.Contains(t, c.kept, int64(1))
	require.Contains(t, c.kept, int64(10))
	require.NotContains(t, c.kept, int64(11))
}
