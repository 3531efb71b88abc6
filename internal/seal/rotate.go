package seal

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
)

// This file is how the secret key of an installation is changed while it serves: a new data
// key, and the ring under a new secret key beside the old one (Rotate); what is sealed
// under older data keys, sealed anew (Reseal); the old secret key opens nothing any more
// (Retire). Each of them can be cut off at any moment, and done again.

// Secret returns the secret key with which the ring was read.
func (r *Ring) Secret() Secret {
	r.reading.Lock()
	defer r.reading.Unlock()
	return r.secret
}

// Rotate adds a data key, and seals the ring under the fresh secret key too: both open it
// until [Ring.Retire]. While a change to the same key is under way it does nothing; to
// another one it is [ErrUnderWay].
func (r *Ring) Rotate(ctx context.Context, fresh Secret) error {
	mine := r.Secret()
	err := change(ctx, r.store, func(st Stored) (Stored, error) { return st.rotated(mine, fresh) })
	if err != nil {
		return err
	}
	return r.read(ctx)
}

// Retire makes a secret key, under which the ring is, the installation's only one: the
// other one of a change opens nothing any more. back says that it is the old one, and the
// change is given up; the new data key stays. Without a change under way it does nothing.
func (r *Ring) Retire(ctx context.Context, kept Secret, back bool) error {
	return change(ctx, r.store, func(st Stored) (Stored, error) { return st.retired(kept, back) })
}

// Drop makes a data key open and know nothing any more, when it is known to somebody: links
// that were signed with it lead nowhere. While there are blobs under it, or processes seal
// and sign with it, it is refused.
func Drop(ctx context.Context, store Store, id int64) error {
	s, err := Look(ctx, store)
	if err != nil {
		return err
	}
	n := 0
	for _, blobs := range s.Blobs[id] {
		n += blobs
	}
	if n > 0 {
		return fmt.Errorf("%d secrets are under this data key: bellman secret rotate seals them anew", n)
	}
	return change(ctx, store, func(st Stored) (Stored, error) { return st.dropped(id) })
}

// Forget makes room for another secret key when the installation's is lost. What was sealed
// under the ring stays sealed, and what was signed is of nobody.
func Forget(ctx context.Context, store Store) error {
	return change(ctx, store, func(st Stored) (Stored, error) { return st.forgotten(), nil })
}

// Place is a column with blobs.
type Place struct{ Table, Column string }

// Blob is what a row has sealed, for which number.
type Blob struct {
	ID, Number int64
	Sealed     []byte
}

// Replacement is what is to take the place of a blob that is still as it was.
type Replacement struct {
	Blob

	Fresh []byte
}

// Resealed says what [Ring.Reseal] has done.
type Resealed struct {
	// Sealed are blobs that were sealed anew. Changed are those that somebody else has
	// written meanwhile, or removed.
	Sealed, Changed int
	// Unreadable are blobs that no key of the ring opens: they stay as they are.
	Unreadable int
}

// page is how many blobs are sealed anew in a transaction.
const page = 100

// Reseal seals anew, under the newest key of the ring, what is under older ones. A blob
// that somebody else writes meanwhile stays as that one wrote it.
func (r *Ring) Reseal(ctx context.Context) (done Resealed, err error) {
	k := r.keys.Load()
	err = each(ctx, r.store, func(p Place, blobs []Blob) error {
		var all []Replacement
		for _, b := range blobs {
			if KeyOf(b.Sealed) >= k.newest().id {
				continue
			}
			plain, err := k.unseal(b.Sealed, b.Number)
			if errors.Is(err, ErrUnreadable) {
				done.Unreadable++
				continue
			}
			if err != nil {
				return err
			}
			all = append(all, Replacement{b, k.seal(plain, b.Number)})
		}
		if len(all) == 0 {
			return nil
		}
		n, err := r.store.Replace(ctx, p, all)
		done.Sealed, done.Changed = done.Sealed+n, done.Changed+len(all)-n
		return err
	})
	return done, err
}

// each visits the blobs of all places, page by page.
func each(ctx context.Context, store Store, visit func(Place, []Blob) error) error {
	for _, p := range store.Places() {
		for after := int64(0); ; {
			blobs, err := store.Blobs(ctx, p, after, page)
			if err == nil {
				err = visit(p, blobs)
			}
			if err != nil {
				return err
			}
			if len(blobs) < page {
				break
			}
			after = blobs[len(blobs)-1].ID
		}
	}
	return nil
}

// same reports whether a decision has changed nothing.
func (st Stored) same(other Stored) bool {
	return st.Pin == other.Pin && slices.EqualFunc(st.Keys, other.Keys, func(a, b StoredKey) bool {
		return a.ID == b.ID && maps.EqualFunc(a.Under, b.Under, func(x, y []byte) bool { return string(x) == string(y) })
	})
}

// same reports whether the keys and what they do are the same; the turn does not count.
func (k *keys) same(other *keys) bool {
	return k.signing == other.signing && maps.Equal(k.gone, other.gone) &&
		slices.EqualFunc(k.all, other.all, func(a, b dataKey) bool { return a.id == b.id && string(a.key) == string(b.key) })
}
