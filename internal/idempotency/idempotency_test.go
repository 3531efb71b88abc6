package idempotency_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"bellman/internal/fault"
	"bellman/internal/idempotency"
	"bellman/internal/message"
	"bellman/internal/store"
	"bellman/internal/store/storetest"
)

var noon = time.Date(2026, 11, 28, 12, 0, 0, 0, time.UTC)

// desk makes messages under keys, in a workspace of its own.
type desk struct {
	*testing.T
	store    *store.DB
	messages *message.Service
	keys     *idempotency.Service
	clock    atomic.Int64
}

func newDesk(t *testing.T, s *store.DB) *desk {
	t.Helper()
	d := &desk{T: t, store: s}
	d.clock.Store(noon.UnixMilli())
	now := func() time.Time { return time.UnixMilli(d.clock.Load()) }
	d.messages = message.New(s.Messages, nil, now)
	d.keys = idempotency.New(s.Idempotency, now, slog.New(slog.DiscardHandler))
	return d
}

func (d *desk) later(by time.Duration) { d.clock.Add(by.Milliseconds()) }

// make makes a message under the key, and ends as told; with an error, what is
// answered is not kept.
func (d *desk) make(key, name string, how idempotency.Ending) (answer string, err error) {
	request := idempotency.Request{WorkspaceID: 1, Key: key, Fingerprint: name}
	text, err := d.keys.Once(d.Context(), request, func(ctx context.Context) ([]byte, idempotency.Ending) {
		m, err := d.messages.Create(ctx, 1, name, message.Text("hi"))
		if err != nil {
			return []byte(err.Error()), idempotency.Refused
		}
		return []byte(fmt.Sprint("made ", m.ID)), how
	})
	return string(text), err
}

func (d *desk) made() int {
	d.Helper()
	all, _, err := d.messages.Find(d.Context(), 1, message.Filter{Limit: 1000})
	require.NoError(d, err)
	return len(all)
}

func onDesk(t *testing.T, test func(t *testing.T, d *desk)) {
	t.Helper()
	storetest.Each(t, func(t *testing.T, s *store.DB) { test(t, newDesk(t, s)) })
}

func TestOnce(t *testing.T) {
	t.Parallel()
	onDesk(t, func(t *testing.T, d *desk) {
		first, err := d.make("k", "a", idempotency.Done)
		require.NoError(t, err)
		again, err := d.make("k", "a", idempotency.Done)
		require.NoError(t, err)
		require.Equal(t, first, again)
		require.Equal(t, 1, d.made())
		_, err = d.make("k", "b", idempotency.Done)
		require.ErrorIs(t, err, idempotency.ErrReused)
		other, err := d.make("l", "a", idempotency.Done)
		require.NoError(t, err)
		require.NotEqual(t, first, other)

		d.later(idempotency.KeepFor - time.Millisecond)
		again, err = d.make("k", "a", idempotency.Done)
		require.NoError(t, err)
		require.Equal(t, first, again)
		d.later(time.Millisecond)
		again, err = d.make("k", "b", idempotency.Done)
		require.NoError(t, err)
		require.NotEqual(t, first, again, "a day later the key is free")
		again, err = d.make("k", "b", idempotency.Done)
		require.NoError(t, err)
		require.Equal(t, "made 3", again)
		require.Equal(t, 3, d.made())
	})
}

// What wrote nothing leaves the key free, unless it is done; what wrote something
// keeps it, whatever it was answered.
func TestWhatTakesTheKey(t *testing.T) {
	t.Parallel()
	onDesk(t, func(t *testing.T, d *desk) {
		calls := 0
		ask := func(key string, how idempotency.Ending) string {
			request := idempotency.Request{WorkspaceID: 1, Key: key, Fingerprint: "ask"}
			text, err := d.keys.Once(t.Context(), request, func(context.Context) ([]byte, idempotency.Ending) {
				calls++
				return []byte(fmt.Sprint(calls)), how
			})
			require.NoError(t, err)
			return string(text)
		}
		require.Equal(t, "1", ask("done", idempotency.Done))
		require.Equal(t, "1", ask("done", idempotency.Done))
		require.Equal(t, "2", ask("refused", idempotency.Refused))
		require.Equal(t, "3", ask("refused", idempotency.Failed))
		require.Equal(t, "4", ask("refused", idempotency.Done))
		require.Equal(t, "4", ask("refused", idempotency.Done))

		refused, err := d.make("wrote", "a", idempotency.Refused)
		require.NoError(t, err)
		again, err := d.make("wrote", "a", idempotency.Done)
		require.NoError(t, err)
		require.Equal(t, refused, again)
		require.Equal(t, 1, d.made())
	})
}

// The process dies between the write and its answer: what was made is found again,
// and where that cannot be, the key stays taken.
func TestAnswersThatAreLost(t *testing.T) {
	t.Parallel()
	onDesk(t, func(t *testing.T, d *desk) {
		first, err := d.make("k", "a", idempotency.Failed)
		require.NoError(t, err)
		for _, how := range []idempotency.Ending{idempotency.Refused, idempotency.Done, idempotency.Done} {
			again, err := d.make("k", "a", how)
			require.NoError(t, err)
			require.Equal(t, first, again)
		}
		kept, err := d.store.Idempotency.Kept(t.Context(), 1, "k", time.Time{})
		require.NoError(t, err)
		require.Equal(t, first, string(kept.Answer))
		_, err = d.make("k", "b", idempotency.Done)
		require.ErrorIs(t, err, idempotency.ErrReused)
		require.Equal(t, 1, d.made())

		lost, err := d.make("l", "l", idempotency.Failed)
		require.NoError(t, err)
		again, err := d.make("l", "l", idempotency.Refused)
		require.NoError(t, err)
		require.Equal(t, lost, again)
		kept, err = d.store.Idempotency.Kept(t.Context(), 1, "l", time.Time{})
		require.NoError(t, err)
		require.Empty(t, kept.Answer, "that the repetition is refused is no answer to the first")

		rename := func() error {
			request := idempotency.Request{WorkspaceID: 1, Key: "r", Fingerprint: "rename"}
			_, err := d.keys.Once(t.Context(), request, func(ctx context.Context) ([]byte, idempotency.Ending) {
				_, err := d.messages.Update(ctx, 1, 1, "renamed", message.Text("hi"))
				require.NoError(t, err)
				return nil, idempotency.Failed
			})
			return err
		}
		require.NoError(t, rename())
		err = rename()
		require.ErrorIs(t, err, idempotency.ErrInUse)
		require.Equal(t, fault.Conflict, fault.KindOf(err))
	})
}

// Sixteen that ask at once make one thing, and all get the same answer.
func TestOnceAtOnce(t *testing.T) {
	t.Parallel()
	onDesk(t, func(t *testing.T, d *desk) {
		const clients = 16
		for round := range 5 {
			key := fmt.Sprint("k", round)
			answers := make([]string, clients)
			var running sync.WaitGroup
			for i := range clients {
				running.Go(func() {
					var err error
					if answers[i], err = d.make(key, "a", idempotency.Done); err != nil {
						t.Error(err)
					}
				})
			}
			running.Wait()
			for _, a := range answers {
				require.Equal(t, answers[0], a)
			}
			require.Equal(t, round+1, d.made())
		}
	})
}

func TestKeysAreChecked(t *testing.T) {
	t.Parallel()
	s := &shelf{}
	for key, good := range map[string]bool{
		"k": true, "! ~": true, strings.Repeat("k", idempotency.MaxKey): true,
		"": false, "\x1f": false, "\x7f": false, "a\nb": false, "\xff": false, strings.Repeat("k", idempotency.MaxKey+1): false,
	} {
		_, err := s.keys().Once(t.Context(), idempotency.Request{Key: key}, func(context.Context) ([]byte, idempotency.Ending) {
			return nil, idempotency.Failed
		})
		if good {
			require.NoError(t, err, key)
		} else {
			require.ErrorIs(t, err, idempotency.ErrKey, key)
		}
	}
}

// shelf is a store that keeps nothing.
type shelf struct {
	err    error
	kept   [][]byte
	forgot []time.Time
	limits []int
	log    strings.Builder
}

func (s *shelf) keys() *idempotency.Service {
	return idempotency.New(s, func() time.Time { return noon }, slog.New(slog.NewTextHandler(&s.log, nil)))
}

func (s *shelf) Kept(context.Context, int64, string, time.Time) (idempotency.Kept, error) {
	return idempotency.Kept{}, nil
}

func (s *shelf) Keep(ctx context.Context, _ *idempotency.Claim, answer []byte) error {
	s.kept = append(s.kept, answer)
	return errors.Join(s.err, ctx.Err())
}

func (s *shelf) Forget(_ context.Context, before time.Time, limit int) (bool, error) {
	s.forgot, s.limits = append(s.forgot, before), append(s.limits, limit)
	return len(s.forgot)%2 == 1, s.err
}

// An answer that cannot be kept is given all the same, and one whose client has left
// is kept.
func TestKeepingAnswers(t *testing.T) {
	t.Parallel()
	s := &shelf{}
	ctx, leave := context.WithCancel(t.Context())
	once := func() ([]byte, error) {
		return s.keys().Once(ctx, idempotency.Request{Key: "k"}, func(context.Context) ([]byte, idempotency.Ending) {
			leave()
			return []byte("yes"), idempotency.Done
		})
	}
	_, err := once()
	require.NoError(t, err)
	require.Equal(t, [][]byte{[]byte("yes")}, s.kept)
	require.Empty(t, s.log.String())
	s.err = errors.New("no connection")
	answer, err := once()
	require.NoError(t, err)
	require.Equal(t, "yes", string(answer))
	require.Contains(t, s.log.String(), "no connection")
}

// A request that always comes second gives up.
func TestOnceGivesUp(t *testing.T) {
	t.Parallel()
	calls := 0
	_, err := (&shelf{}).keys().Once(t.Context(), idempotency.Request{Key: "k"}, func(ctx context.Context) ([]byte, idempotency.Ending) {
		calls++
		require.ErrorIs(t, idempotency.From(ctx).Lose(), idempotency.ErrInUse)
		return nil, idempotency.Done
	})
	require.ErrorIs(t, err, idempotency.ErrInUse)
	require.Equal(t, 3, calls)
}

// Old answers are removed in pieces, while there are more, also after the database
// was away.
func TestRun(t *testing.T) {
	t.Parallel()
	for name, away := range map[string]error{"": nil, "no connection": errors.New("no connection")} {
		synctest.Test(t, func(t *testing.T) {
			s := &shelf{err: away}
			ctx, cancel := context.WithCancel(t.Context())
			done := make(chan struct{})
			go func() {
				defer close(done)
				s.keys().Run(ctx)
			}()
			time.Sleep(15 * time.Second)
			cancel()
			<-done
			require.Contains(t, s.log.String(), name)
			require.Equal(t, noon.Add(-idempotency.KeepFor), s.forgot[0])
			want := []int{1000, 1000, 1000, 1000}
			if away != nil {
				want = want[:2]
			}
			require.Equal(t, want, s.limits)
		})
	}
}

func TestForget(t *testing.T) {
	t.Parallel()
	onDesk(t, func(t *testing.T, d *desk) {
		for _, key := range []string{"a", "b", "c"} {
			_, err := d.make(key, "a", idempotency.Done)
			require.NoError(t, err)
			d.later(time.Hour)
		}
		for _, want := range []bool{true, true, false} {
			more, err := d.store.Idempotency.Forget(t.Context(), noon.Add(time.Hour), 1)
			require.NoError(t, err)
			require.Equal(t, want, more)
		}
		for key, want := range map[string]string{"a": "", "b": "", "c": "a"} {
			kept, err := d.store.Idempotency.Kept(t.Context(), 1, key, time.Time{})
			require.NoError(t, err)
			require.Equal(t, want, kept.Fingerprint)
		}
		kept, err := d.store.Idempotency.Kept(t.Context(), 2, "c", time.Time{})
		require.NoError(t, err)
		require.Empty(t, kept.Fingerprint, "another workspace's key is another key")
	})
}
