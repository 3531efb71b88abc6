package seal

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"bellman/internal/fault"
)

// process is one that serves, with the secret key that its operator gave it.
type process struct {
	ring   *Ring
	secret Secret
}

// world is an installation whose secret key is changed while processes serve.
type world struct {
	*shelf

	t         *rapid.T
	processes []*process
	// secret is the operator's key, fresh the one to which it is being changed.
	secret, fresh Secret
	changing      bool
	// plain is what each row holds, old what was ever sealed, codes what was signed.
	plain map[Place]map[int64]string
	old   []Blob
	texts []string
	codes []signedText
}

type signedText struct {
	text string
	mark []byte
	key  []byte
}

func (w *world) start(s Secret) *process {
	w.t.Helper()
	ring, err := Open(context.Background(), w.shelf, func() (Secret, error) { return s, nil })
	require.NoError(w.t, err, "an operator's key starts a process at every moment")
	return &process{ring, s}
}

func (w *world) any() *process { return rapid.SampledFrom(w.processes).Draw(w.t, "process") }

// tick is when every process reads the ring again.
func (w *world) tick(*rapid.T) {
	w.mu.Lock()
	w.now = w.now.Add(readEvery)
	w.mu.Unlock()
	for _, p := range w.processes {
		require.NoError(w.t, p.ring.read(context.Background()))
	}
}

func (w *world) seal(t *rapid.T) {
	p, id := rapid.SampledFrom(places).Draw(t, "place"), rapid.Int64Range(1, 5).Draw(t, "row")
	text := fmt.Sprint("secret ", len(w.old))
	blob := w.any().ring.Seal(text, number(p, id))
	w.put(p, id, blob)
	w.plain[p][id] = text
	w.old, w.texts = append(w.old, Blob{id, number(p, id), blob}), append(w.texts, text)
}

func (w *world) sign(*rapid.T) {
	p := w.any()
	text := fmt.Sprint("text ", len(w.codes))
	keys, _ := p.ring.Derive("codes")
	w.codes = append(w.codes, signedText{text, p.ring.Mark(text), keys[0]})
}

// restart ends a process and starts it with either key of the operator's.
func (w *world) restart(t *rapid.T) {
	i := rapid.IntRange(0, len(w.processes)-1).Draw(t, "process")
	key := w.secret
	if w.changing && rapid.Bool().Draw(t, "new key") {
		key = w.fresh
	}
	w.processes[i] = w.start(key)
}

// cut has the calls of the shelf fail from one on, as when the command is killed.
func (w *world) cut(t *rapid.T, command func() error) error {
	w.calls = rapid.IntRange(0, 12).Draw(t, "calls")
	err := command()
	w.calls = -1
	if err != nil {
		require.ErrorIs(w.t, err, errCut)
	}
	return err
}

func (w *world) rotate(t *rapid.T) {
	if !w.changing {
		w.fresh = RandomSecret()
	}
	key := w.secret
	_ = w.cut(t, func() error {
		ring, err := Open(context.Background(), w.shelf, func() (Secret, error) { return key, nil })
		if err != nil {
			return err
		}
		if err := ring.Rotate(context.Background(), w.fresh); err != nil {
			return err
		}
		_, err = ring.Reseal(context.Background())
		return err
	})
	w.changing = w.stored.Coming() != ""
}

// retire is what the operator does when each process has the new key, or the old one.
func (w *world) retire(t *rapid.T) {
	if !w.changing {
		return
	}
	kept, back := w.fresh, rapid.Bool().Draw(t, "back")
	if back {
		kept = w.secret
	}
	for i, p := range w.processes {
		if p.secret.Fingerprint() != kept.Fingerprint() {
			w.processes[i] = w.start(kept)
		}
	}
	gone := w.secret
	if back {
		gone = w.fresh
	}
	err := w.cut(t, func() error {
		ring, err := Open(context.Background(), w.shelf, func() (Secret, error) { return kept, nil })
		if err != nil {
			return err
		}
		return ring.Retire(context.Background(), kept, back)
	})
	if err != nil {
		return
	}
	w.secret, w.changing = kept, false
	_, err = Open(context.Background(), w.shelf, func() (Secret, error) { return gone, nil })
	require.ErrorIs(w.t, err, ErrOtherSecret, "the other key opens nothing any more")
}

// check requires that nothing is lost: not a blob, wherever it is, nor one that a backup
// has, nor a signature.
func (w *world) check(*rapid.T) {
	// Signatures first: a process that opens blobs learns of keys.
	for _, p := range w.processes {
		keys, _ := p.ring.Derive("codes")
		for _, c := range w.codes {
			require.True(w.t, p.ring.Marked(c.text, c.mark))
			require.False(w.t, p.ring.Marked(c.text+"x", c.mark))
			require.Contains(w.t, keys, c.key)
		}
	}
	for _, p := range w.processes {
		for place, rows := range w.plain {
			for id, text := range rows {
				plain, err := p.ring.Unseal(w.get(place, id), number(place, id))
				require.NoError(w.t, err)
				require.Equal(w.t, text, plain)
			}
		}
		for i, b := range w.old {
			plain, err := p.ring.Unseal(b.Sealed, b.Number)
			require.NoError(w.t, err)
			require.Equal(w.t, w.texts[i], plain)
			_, err = p.ring.Unseal(b.Sealed, b.Number+1)
			require.ErrorIs(w.t, err, ErrUnreadable)
		}
	}
}

// Whatever processes do, in whatever order, while the secret key is changed, and wherever
// that is cut off: what was sealed opens, and what was signed is known.
func TestNothingIsLost(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		w := &world{shelf: newShelf(), t: t, secret: RandomSecret(), plain: map[Place]map[int64]string{places[0]: {}, places[1]: {}}}
		if rapid.Bool().Draw(t, "of an earlier program") {
			w.stored.Pin = w.secret.Fingerprint()
		}
		for range 3 {
			w.processes = append(w.processes, w.start(w.secret))
		}
		t.Repeat(map[string]func(*rapid.T){
			"": w.check, "tick": w.tick, "seal": w.seal, "sign": w.sign, "restart": w.restart, "rotate": w.rotate, "retire": w.retire,
		})
		// In the end all is under the newest key.
		w.finish(t)
	})
}

// finish carries a change out to its end.
func (w *world) finish(t *rapid.T) {
	ctx := context.Background()
	if !w.changing {
		w.fresh = RandomSecret()
	}
	p := w.start(w.secret)
	require.NoError(t, p.ring.Rotate(ctx, w.fresh))
	_, err := p.ring.Reseal(ctx)
	require.NoError(t, err)
	s, err := Look(ctx, w.shelf)
	require.NoError(t, err)
	require.LessOrEqual(t, len(s.Blobs), 1)
	for id := range s.Blobs {
		require.Equal(t, s.Keys[len(s.Keys)-1].ID, id)
	}
}

// A process whose operator has said that none has the old key any more, and which has it,
// goes on with what it knows. What it does not know may open later.
func TestProcessWithTheOldKey(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	s, first, second, third := newShelf(), RandomSecret(), RandomSecret(), RandomSecret()
	open := func(secret Secret) *Ring {
		r, err := Open(ctx, s, func() (Secret, error) { return secret, nil })
		require.NoError(t, err)
		return r
	}
	stale := open(first)
	known := stale.Seal("known", 1)
	require.NoError(t, open(first).Rotate(ctx, second))
	require.NoError(t, open(second).Retire(ctx, second, false))
	require.NoError(t, open(second).Rotate(ctx, third))
	plain, err := stale.Unseal(known, 1)
	require.NoError(t, err)
	require.Equal(t, "known", plain)
	_, err = stale.Unseal(open(third).Seal("unknown", 1), 1)
	require.Equal(t, fault.Unavailable, fault.KindOf(err), err)
	require.NotErrorIs(t, err, ErrUnreadable)
	require.ErrorIs(t, err, ErrOtherSecret)
	plain, err = open(third).Unseal(stale.Seal("written", 1), 1)
	require.NoError(t, err)
	require.Equal(t, "written", plain)
}

// The time in which a new key does not sign is longer than any process takes to read it.
func TestNewKeysSettle(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	s, secret := newShelf(), RandomSecret()
	r, err := Open(ctx, s, func() (Secret, error) { return secret, nil })
	require.NoError(t, err)
	before := r.Mark("x")
	require.NoError(t, r.Rotate(ctx, RandomSecret()))
	require.EqualValues(t, 2, KeyOf(r.Seal("x", 1)), "it seals at once")
	turn := r.Turn()
	for range int(settle/readEvery) - 1 {
		s.now = s.now.Add(readEvery)
		require.NoError(t, r.read(ctx))
		require.Equal(t, before, r.Mark("x"))
		require.Equal(t, turn, r.Turn())
	}
	s.now = s.now.Add(readEvery)
	require.NoError(t, r.read(ctx))
	require.NotEqual(t, before, r.Mark("x"))
	require.True(t, r.Marked("x", before))
	require.Equal(t, turn+1, r.Turn())
	require.Greater(t, settle, 3*readEvery+3*time.Second)
}
