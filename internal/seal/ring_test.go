package seal

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"bellman/internal/fault"
)

func opened(t *testing.T, s *shelf, secret Secret) *Ring {
	t.Helper()
	r, err := Open(t.Context(), s, func() (Secret, error) { return secret, nil })
	require.NoError(t, err)
	return r
}

// The first key of an installation of earlier programs is its secret key, with which they
// sealed and marked; that of a new one is random.
func TestFirstKey(t *testing.T) {
	t.Parallel()
	key := NewKey()
	secret, err := NewSecret(key)
	require.NoError(t, err)
	mac := hmac.New(sha256.New, key)
	mac.Write([]byte("text"))
	before := newShelf()
	before.stored.Pin = secret.Fingerprint()
	r := opened(t, before, secret)
	require.Equal(t, mac.Sum(nil), r.Mark("text"))
	plain, err := Of(key).Unseal(r.Seal("x", 1), 1)
	require.NoError(t, err)
	require.Equal(t, "x", plain)
	require.Len(t, r.Seal("x", 1), 12+1+16, "nonce, secret, tag: as earlier programs read it")
	require.NotContains(t, string(before.stored.Keys[0].Under[secret.Fingerprint()]), string(key))

	fresh := opened(t, newShelf(), secret)
	require.NotEqual(t, mac.Sum(nil), fresh.Mark("text"))
	_, err = fresh.Unseal(Of(key).Seal("x", 1), 1)
	require.ErrorIs(t, err, ErrUnreadable)
}

// A blob opens with its key, for its number, and as it was made.
func TestBlobs(t *testing.T) {
	t.Parallel()
	s, secret := newShelf(), RandomSecret()
	r := opened(t, s, secret)
	first := r.Seal("a secret", 7)
	require.NoError(t, r.Rotate(t.Context(), RandomSecret()))
	second := r.Seal("a secret", 7)
	require.NotContains(t, string(second), "a secret")
	require.Equal(t, []int64{1, 2}, []int64{KeyOf(first), KeyOf(second)})
	for _, blob := range [][]byte{first, second} {
		for _, number := range []int64{0, -7, 8} {
			_, err := r.Unseal(blob, number)
			require.ErrorIs(t, err, ErrUnreadable)
		}
		for i := range blob {
			damaged := []byte(string(blob))
			damaged[i] ^= 1
			_, err := r.Unseal(damaged, 7)
			require.Error(t, err, i)
			_, err = r.Unseal(blob[:i], 7)
			require.Error(t, err, i)
		}
		plain, err := r.Unseal(blob, 7)
		require.NoError(t, err)
		require.Equal(t, "a secret", plain)
	}
	_, err := r.Unseal(nil, 7)
	require.ErrorIs(t, err, ErrUnreadable)
}

// A data key that is changed in the database, or put in the place of another one, is not
// taken.
func TestStoredKeysAreBound(t *testing.T) {
	t.Parallel()
	s, secret := newShelf(), RandomSecret()
	r := opened(t, s, secret)
	require.NoError(t, r.Rotate(t.Context(), RandomSecret()))
	mine := secret.Fingerprint()
	s.stored.Keys[1].Under[mine] = s.stored.Keys[0].Under[mine]
	require.ErrorContains(t, r.read(t.Context()), "data key 2 is damaged")
	s.stored.Keys[1].Under[mine] = nil
	require.ErrorIs(t, r.read(t.Context()), ErrOtherSecret)
	plain, err := r.Unseal(r.Seal("x", 1), 1)
	require.NoError(t, err, "what it has it keeps")
	require.Equal(t, "x", plain)
}

// What cannot be done says why, and changes nothing.
func TestChangesAreRefused(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	s, old, fresh := newShelf(), RandomSecret(), RandomSecret()
	r := opened(t, s, old)
	require.NoError(t, r.Retire(ctx, old, false), "there is no change")
	require.ErrorIs(t, r.Rotate(ctx, old), ErrSame)
	require.NoError(t, r.Rotate(ctx, fresh))
	st := s.aged()
	require.NoError(t, r.Rotate(ctx, fresh), "it goes on")
	require.ErrorIs(t, r.Rotate(ctx, RandomSecret()), ErrUnderWay)
	require.ErrorIs(t, opened(t, s, fresh).Rotate(ctx, RandomSecret()), ErrUnderWay)
	require.ErrorIs(t, r.Retire(ctx, old, false), ErrOldSecret)
	require.ErrorIs(t, r.Retire(ctx, fresh, true), ErrNewSecret)
	require.ErrorIs(t, r.Retire(ctx, RandomSecret(), false), ErrOtherSecret)
	require.True(t, st.same(s.aged()))
	require.Equal(t, fresh.Fingerprint(), s.stored.Coming())
	require.NoError(t, r.Retire(ctx, old, true))
	require.Empty(t, s.stored.Coming())
	require.Len(t, s.stored.Keys, 2, "the data key stays: it may have sealed")
	_, err := Open(ctx, s, func() (Secret, error) { return fresh, nil })
	require.ErrorIs(t, err, ErrOtherSecret)
}

// The ring of a lost key is nobody's, and ids are not given twice.
func TestForget(t *testing.T) {
	t.Parallel()
	for name, begun := range map[string]bool{"with a ring": true, "of an earlier program": false} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, lost := newShelf(), RandomSecret()
			s.stored.Pin = lost.Fingerprint()
			blob := Of(lost.key).Seal("x", 1)
			if begun {
				opened(t, s, lost)
			}
			require.NoError(t, Forget(t.Context(), s))
			require.NoError(t, Forget(t.Context(), s), "it may be done twice")
			r := opened(t, s, RandomSecret())
			s.calls = 0 // nobody asks the database for a key that is gone
			_, err := r.Unseal(blob, 1)
			require.ErrorIs(t, err, ErrUnreadable)
			require.EqualValues(t, 2, KeyOf(r.Seal("x", 1)))
			_, err = r.Unseal(r.Seal("x", 1), 1)
			require.NoError(t, err)
		})
	}
	s := newShelf()
	require.NoError(t, Forget(t.Context(), s))
	require.Empty(t, s.stored.Keys)
}

// An older data key can be dropped when nothing is under it and nobody uses it any more.
func TestDrop(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	s := newShelf()
	r := opened(t, s, RandomSecret())
	s.put(places[0], 1, r.Seal("x", 1))
	text, mark := "link", r.Mark("link")
	require.NoError(t, r.Rotate(ctx, RandomSecret()))
	require.ErrorContains(t, Drop(ctx, s, 1), "1 secrets are under this data key")
	_, err := r.Reseal(ctx)
	require.NoError(t, err)
	s.now = s.now.Add(settle - 1)
	require.ErrorIs(t, Drop(ctx, s, 1), ErrInUse, "processes may sign with it")
	s.now = s.now.Add(1)
	s.put(places[0], 1, nil)
	require.ErrorIs(t, Drop(ctx, s, 2), ErrInUse)
	require.ErrorIs(t, Drop(ctx, s, 3), ErrNoKey)
	require.True(t, r.Marked(text, mark))
	require.NoError(t, Drop(ctx, s, 1))
	require.ErrorIs(t, Drop(ctx, s, 1), ErrNoKey)
	require.NoError(t, r.read(ctx))
	require.False(t, r.Marked(text, mark))
	keys, _ := r.Derive("codes")
	require.Len(t, keys, 1)
	_, err = r.Unseal(Of(NewKey()).Seal("x", 1), 1)
	require.ErrorIs(t, err, ErrUnreadable)
}

// What somebody else writes while blobs are sealed anew stays, and what does not open
// too.
func TestResealChangesNothingElse(t *testing.T) {
	t.Parallel()
	s := newShelf()
	r := opened(t, s, RandomSecret())
	for id := range int64(page + 50) {
		s.put(places[0], id+1, r.Seal(fmt.Sprint("secret ", id+1), id+1))
	}
	s.put(places[1], 3, []byte("damaged"))
	require.NoError(t, r.Rotate(t.Context(), RandomSecret()))
	written := r.Seal("written beside", 2)
	s.replacing = func() { s.put(places[0], 2, written) }
	done, err := r.Reseal(t.Context())
	require.NoError(t, err)
	require.Equal(t, Resealed{Sealed: page + 49, Changed: 1, Unreadable: 1}, done)
	require.Equal(t, written, s.get(places[0], 2))
	require.Equal(t, "damaged", string(s.get(places[1], 3)))
	done, err = r.Reseal(t.Context())
	require.NoError(t, err)
	require.Equal(t, Resealed{Unreadable: 1}, done)
	for id := range int64(page + 50) {
		if id != 1 {
			plain, err := r.Unseal(s.get(places[0], id+1), id+1)
			require.NoError(t, err)
			require.Equal(t, fmt.Sprint("secret ", id+1), plain)
		}
	}
}

// A process learns of a new key, seals anew, does so again when the key has settled, and
// takes a secret key that was changed in its file.
func TestRun(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var log strings.Builder
		s, old, fresh := newShelf(), RandomSecret(), RandomSecret()
		pass := func(d time.Duration) {
			for ; d > 0; d -= readEvery {
				s.mu.Lock()
				s.now = s.now.Add(readEvery)
				s.mu.Unlock()
				time.Sleep(readEvery)
				synctest.Wait()
			}
		}
		kept := old
		r, err := Open(t.Context(), s, func() (Secret, error) { return kept, nil })
		require.NoError(t, err)
		s.put(places[0], 1, r.Seal("x", 1))
		ctx, stop := context.WithCancel(t.Context())
		done := make(chan struct{})
		go func() {
			defer close(done)
			r.Run(ctx, slog.New(slog.NewTextHandler(&log, nil)))
		}()
		pass(readEvery)
		command := opened(t, s, old)
		stale := command.Seal("stale", 2)
		require.NoError(t, command.Rotate(t.Context(), fresh))
		pass(readEvery)
		require.EqualValues(t, 2, KeyOf(s.get(places[0], 1)))
		s.put(places[0], 2, stale)
		pass(settle)
		require.EqualValues(t, 2, KeyOf(s.get(places[0], 2)), "what was written since is found when the key has settled")
		require.Equal(t, 2, strings.Count(log.String(), "sealed anew"))

		require.NoError(t, command.Retire(t.Context(), fresh, false))
		pass(readEvery)
		require.Contains(t, log.String(), "not the installation's any more")
		kept = fresh
		pass(readEvery)
		require.Equal(t, fresh.Fingerprint(), r.Secret().Fingerprint(), "the file has it")
		s.mu.Lock()
		s.calls = 0
		s.mu.Unlock()
		pass(readEvery)
		require.Contains(t, log.String(), "read again later")
		for _, secret := range []string{old.Text(), fresh.Text(), string(old.key), string(fresh.key)} {
			require.NotContains(t, log.String(), secret)
		}
		stop()
		<-done
	})
}

// When the database does not answer, what this process cannot open may open later.
func TestDatabaseDown(t *testing.T) {
	t.Parallel()
	s, secret := newShelf(), RandomSecret()
	r := opened(t, s, secret)
	other := opened(t, s, secret)
	require.NoError(t, other.Rotate(t.Context(), RandomSecret()))
	blob := other.Seal("x", 1)
	s.calls = 0
	_, err := r.Unseal(blob, 1)
	require.ErrorIs(t, err, errCut)
	require.Equal(t, fault.Unavailable, fault.KindOf(err))
	s.calls = -1
	plain, err := r.Unseal(blob, 1)
	require.NoError(t, err)
	require.Equal(t, "x", plain)
	_, err = Open(t.Context(), s, func() (Secret, error) { return Secret{}, errCut })
	require.ErrorIs(t, err, errCut)
}

// A secret key is printed by its fingerprint, whoever prints it.
func TestSecretsAreNotPrinted(t *testing.T) {
	t.Parallel()
	s := RandomSecret()
	again, err := ReadSecret(" " + s.Text() + "\n")
	require.NoError(t, err)
	require.Equal(t, s, again)
	for _, form := range []string{"%v", "%+v", "%#v", "%s", "%q"} {
		printed := fmt.Sprintf(form, s)
		require.Contains(t, printed, s.Fingerprint().Short())
		require.NotContains(t, printed, s.Text()[:8])
	}
	require.Contains(t, fmt.Sprint(struct{ S any }{s}), s.Fingerprint().Short())
	_, err = NewSecret(make([]byte, 31))
	require.Error(t, err)
	for _, bad := range []string{"", "x", base64.StdEncoding.EncodeToString(make([]byte, 31)), s.Text() + s.Text()} {
		_, err := ReadSecret(bad)
		require.Error(t, err)
		if bad != "" && bad != "x" {
			require.NotContains(t, err.Error(), bad)
		}
	}
}

func FuzzUnseal(f *testing.F) {
	s := newShelf()
	secret := RandomSecret()
	r, err := Open(context.Background(), s, func() (Secret, error) { return secret, nil })
	if err != nil {
		f.Fatal(err)
	}
	f.Add(r.Seal("x", 1), int64(1))
	if err := r.Rotate(context.Background(), RandomSecret()); err != nil {
		f.Fatal(err)
	}
	f.Add(r.Seal("x", 1), int64(1))
	f.Add([]byte(magic), int64(0))
	f.Add(append(header(1), "x"...), int64(0))
	f.Add(header(1<<32-1), int64(0))
	f.Fuzz(func(t *testing.T, blob []byte, number int64) {
		plain, err := r.Unseal(blob, number)
		if err == nil {
			require.Equal(t, "x", plain, "only what was sealed opens")
			return
		}
		require.ErrorIs(t, err, ErrUnreadable)
	})
}

func FuzzOpenRing(f *testing.F) {
	secret := RandomSecret()
	f.Add(int64(1), secret.wrap(1, NewKey()), int64(2), []byte{})
	f.Add(int64(1), secret.wrap(1, []byte("short")), int64(1), secret.wrap(1, NewKey()))
	f.Fuzz(func(t *testing.T, a int64, sealedA []byte, b int64, sealedB []byte) {
		st := Stored{Pin: secret.Fingerprint(), Keys: []StoredKey{
			{ID: a, Under: map[Fingerprint][]byte{secret.Fingerprint(): sealedA}},
			{ID: b, Under: map[Fingerprint][]byte{secret.Fingerprint(): sealedB}},
		}}
		k, err := st.open(secret, settle)
		if err != nil {
			require.Nil(t, k)
			return
		}
		require.Len(t, k.all, 2)
		for _, one := range k.all {
			require.Len(t, one.key, KeySize)
		}
	})
}

func BenchmarkUnseal(b *testing.B) {
	r := Of(NewKey())
	blob := r.Seal("4242424242:a token as long as one", 7)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := r.Unseal(blob, 7); err != nil {
			b.Fatal(err)
		}
	}
}
