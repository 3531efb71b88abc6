package seal

import (
	"context"
	"crypto/hmac"
	"errors"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"bellman/internal/loop"
)

const (
	// readEvery is how often a process reads the ring again.
	readEvery = 15 * time.Second
	// settle is how old a key is before it signs: by then every process has read it, some
	// times over, so that none gets back what it does not know as signed. Sealing need not
	// wait: a process that finds a blob under a key that it does not have reads the ring.
	settle = time.Minute
)

// Store is what seal needs of the database.
type Store interface {
	// Ring returns what is stored.
	Ring(ctx context.Context) (Stored, error)
	// ChangeRing stores what change makes of what is stored, one caller after another. A key
	// whose MadeAt is zero is made now, by the database's clock. When changed is false, or
	// with an error, nothing is.
	ChangeRing(ctx context.Context, change func(Stored) (next Stored, changed bool, err error)) error
	// Places returns where there are blobs.
	Places() []Place
	// Blobs returns up to limit blobs of a place whose rows have ids above after, by id.
	Blobs(ctx context.Context, p Place, after int64, limit int) ([]Blob, error)
	// Replace puts others in the place of blobs that are still there as they were, in one
	// transaction, and returns how many were.
	Replace(ctx context.Context, p Place, all []Replacement) (int, error)
}

// Ring seals, unseals, marks and derives with the keys of an installation. It is safe for
// concurrent use.
type Ring struct {
	keys atomic.Pointer[keys]

	// store is nil for a ring that never changes.
	store Store
	// source returns the present secret key: a file may have got another one.
	source func() (Secret, error)
	// reading is held by who reads the ring again, and guards what is below.
	reading sync.Mutex
	secret  Secret
}

// Of returns a ring with one key of [KeySize] bytes, which never changes and is in no
// database.
func Of(key []byte) *Ring {
	r := &Ring{}
	r.keys.Store(&keys{turn: 1, all: []dataKey{newDataKey(firstKey, key)}})
	return r
}

// Open returns the ring of an installation, which it makes when there is none. source
// returns the secret key; it is asked again when that is not the installation's any more.
// When it is not from the begin, the error is [ErrOtherSecret].
func Open(ctx context.Context, store Store, source func() (Secret, error)) (*Ring, error) {
	secret, err := source()
	if err != nil {
		return nil, err
	}
	r := &Ring{store: store, source: source, secret: secret}
	// Who starts on a ring that is there need not wait for those who write.
	stored, err := store.Ring(ctx)
	if err == nil && !stored.opens(secret) {
		err = change(ctx, store, func(st Stored) (Stored, error) { return st.founded(secret) })
	}
	if err != nil {
		return nil, err
	}
	return r, r.read(ctx)
}

// change stores what a decision makes of the ring.
func change(ctx context.Context, store Store, decide func(Stored) (Stored, error)) error {
	return store.ChangeRing(ctx, func(st Stored) (Stored, bool, error) {
		next, err := decide(st)
		return next, err == nil && !next.same(st), err
	})
}

// read reads the ring again.
func (r *Ring) read(ctx context.Context) error {
	r.reading.Lock()
	defer r.reading.Unlock()
	return r.readLocked(ctx)
}

func (r *Ring) readLocked(ctx context.Context) error {
	stored, err := r.store.Ring(ctx)
	if err != nil {
		return err
	}
	secret := r.secret
	if !stored.opens(secret) {
		if secret, err = r.source(); err != nil {
			return err
		}
	}
	fresh, err := stored.open(secret, settle)
	if err != nil {
		return err
	}
	r.secret = secret
	have := r.keys.Load()
	if have != nil && have.same(fresh) {
		return nil
	}
	fresh.turn = 1
	if have != nil {
		fresh.turn = have.turn + 1
	}
	r.keys.Store(fresh)
	return nil
}

// Seal makes a secret unreadable for who does not have the ring. The result opens for the
// same number alone: it cannot be moved to another row.
func (r *Ring) Seal(secret string, number int64) []byte { return r.keys.Load().seal(secret, number) }

// Unseal opens what a ring of this installation has sealed for the number, in whatever
// process. What does not open is [ErrUnreadable]; when it may open later, the fault is
// Unavailable.
func (r *Ring) Unseal(sealed []byte, number int64) (string, error) {
	if err := r.know(KeyOf(sealed)); err != nil {
		return "", err
	}
	return r.keys.Load().unseal(sealed, number)
}

// know reads the ring again if this process does not have the key.
func (r *Ring) know(id int64) error {
	if r.store == nil || r.keys.Load().knows(id) {
		return nil
	}
	r.reading.Lock()
	defer r.reading.Unlock()
	if r.keys.Load().knows(id) {
		return nil // somebody else has read it meanwhile
	}
	// The store limits how long its calls take.
	if err := r.readLocked(context.Background()); err != nil {
		return errNotNow.Because(err)
	}
	return nil
}

// Mark returns a mark of 32 bytes by which a text is known again that travels through a
// browser. The text begins with what it is for, so that none passes for another.
func (r *Ring) Mark(text string) []byte {
	k := r.keys.Load()
	return k.all[k.signing].mark(text)
}

// Marked reports whether the mark is of the text, by any key of the ring.
func (r *Ring) Marked(text string, mark []byte) bool {
	return r.keys.Load().inOrder(func(k dataKey) bool { return hmac.Equal(k.mark(text), mark) })
}

// Turn is larger when what [Ring.Derive] returns has changed.
func (r *Ring) Turn() uint64 { return r.keys.Load().turn }

// Derive returns keys for one purpose, made of each of the ring: the first one signs, and
// all are read with. turn is that of [Ring.Turn] for them.
func (r *Ring) Derive(purpose string) (all [][]byte, turn uint64) {
	k := r.keys.Load()
	k.inOrder(func(one dataKey) bool {
		all = append(all, derive(one.key, purpose))
		return false
	})
	return all, k.turn
}

// Run reads the ring again every 15 seconds until the context ends. Whoever learns of a new
// key seals anew what is under older ones: this process itself may have written it a moment
// before. When the key has settled, that is done once more, for what others wrote who had
// not learnt of it.
func (r *Ring) Run(ctx context.Context, log *slog.Logger) {
	var resealed uint64
	work := func(ctx context.Context) error {
		if err := r.read(ctx); err != nil {
			return err
		}
		turn := r.Turn()
		if turn == resealed {
			return nil
		}
		done, err := r.Reseal(ctx)
		if err != nil {
			return err
		}
		resealed = turn
		if done.Sealed > 0 {
			log.InfoContext(ctx, "secrets are sealed anew under the newest key", "secrets", done.Sealed)
		}
		return nil
	}
	loop.Every(ctx, readEvery, nil, work, func(err error) {
		if errors.Is(err, ErrOtherSecret) {
			log.ErrorContext(ctx, "this process has a secret key that is not the installation's any more: start it with the new one")
			return
		}
		log.WarnContext(ctx, "the ring of keys is read again later", "error", err)
	})
}
