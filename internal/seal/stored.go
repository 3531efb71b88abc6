package seal

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"time"
)

// This file decides what becomes of the ring in the database. Each function is given what
// is stored and returns what shall be, and changes nothing itself.

// Stored is a ring as it is in the database.
type Stored struct {
	// Pin is the fingerprint of the installation's secret key; empty before the first
	// start, and when the key was forgotten.
	Pin Fingerprint
	// Keys are the data keys, by id. There are none before the first start with a program
	// that knows rings.
	Keys []StoredKey
}

// StoredKey is a data key in the database.
type StoredKey struct {
	ID int64
	// MadeAt is when it was made, and Age how long ago that was when it was read, both by
	// the database's clock. MadeAt is zero for one that is to be stored.
	MadeAt time.Time
	Age    time.Duration
	// Under are its sealed forms, each under the secret key of the fingerprint. During a
	// change of the secret key there are two; a key that was forgotten has none.
	Under map[Fingerprint][]byte
}

// Forgotten reports whether nobody can open the key any more.
func (k StoredKey) Forgotten() bool { return len(k.Under) == 0 }

var (
	// ErrOtherSecret is returned when the database knows another secret key.
	ErrOtherSecret = errors.New("the secret key is not the one that this database was made with")
	// ErrSame is returned for a new secret key that is the present one.
	ErrSame = errors.New("the new secret key is the present one: make another")
	// ErrUnderWay is returned while a change to a further secret key is not finished.
	ErrUnderWay = errors.New("a change of the secret key is under way already: when every process has the new key, " +
		"finish it with the new key by bellman secret retire, or give it up with the old one by bellman secret retire --back")
	// ErrNoKey is returned for a data key that is not in the ring.
	ErrNoKey = errors.New("there is no such data key: bellman secret status lists them")
	// ErrInUse is returned for a data key with which processes still seal or sign.
	ErrInUse = errors.New("this data key is in use: bellman secret rotate makes a new one, and a minute later the old one can be dropped")
	// ErrOldSecret is returned when the old key is to be kept by who did not say so.
	ErrOldSecret = errors.New("this is the old secret key: run this command with the new one; " +
		"or give the change up, so that the new key opens nothing, with --back")
	// ErrNewSecret is returned when the new key is to be kept by who wanted to go back.
	ErrNewSecret = errors.New("this is the new secret key: to give the change up, run this command with the old one")
)

func (st Stored) living() (some []StoredKey) {
	for _, k := range st.Keys {
		if !k.Forgotten() {
			some = append(some, k)
		}
	}
	return some
}

// next returns the id of a key to come. Ids are never given again: those of forgotten keys
// stand in blobs.
func (st Stored) next() int64 {
	if len(st.Keys) == 0 {
		return firstKey
	}
	return st.Keys[len(st.Keys)-1].ID + 1
}

// Coming returns the fingerprint of the secret key to which a change is under way; empty
// for none.
func (st Stored) Coming() Fingerprint {
	for _, k := range st.living() {
		for f := range k.Under {
			if f != st.Pin {
				return f
			}
		}
	}
	return ""
}

// opens reports whether there is a ring and the secret key opens it.
func (st Stored) opens(s Secret) bool {
	living := st.living()
	return len(living) > 0 && !slices.ContainsFunc(living, func(k StoredKey) bool { return k.Under[s.Fingerprint()] == nil })
}

// open returns the data keys. One that is younger than settle does not sign, unless all
// are.
func (st Stored) open(s Secret, settle time.Duration) (*keys, error) {
	if !st.opens(s) {
		return nil, ErrOtherSecret
	}
	all := &keys{gone: map[int64]bool{}}
	for _, k := range st.Keys {
		if k.Forgotten() {
			all.gone[k.ID] = true
			continue
		}
		key, err := s.unwrap(k.ID, k.Under[s.Fingerprint()])
		if err != nil {
			return nil, err
		}
		if k.Age >= settle {
			all.signing = len(all.all)
		}
		all.all = append(all.all, newDataKey(k.ID, key))
	}
	return all, nil
}

// with returns the ring with one more data key, which lives under the secret keys.
func (st Stored) with(key []byte, under ...Secret) (Stored, error) {
	id := st.next()
	if id > math.MaxUint32 {
		return st, fmt.Errorf("seal: there are no ids for data keys above %d", int64(math.MaxUint32))
	}
	made := StoredKey{ID: id, Under: map[Fingerprint][]byte{}}
	for _, s := range under {
		made.Under[s.Fingerprint()] = s.wrap(id, key)
	}
	st.Keys = append(slices.Clone(st.Keys), made)
	return st, nil
}

// founded returns the ring with which an installation starts. One of earlier programs has
// sealed and signed with its secret key itself, which is its first data key. A new one gets
// a random key, so that the secret key alone opens nothing.
func (st Stored) founded(s Secret) (Stored, error) {
	switch {
	case len(st.living()) > 0 && st.opens(s):
		return st, nil
	case len(st.living()) > 0, st.Pin != "" && st.Pin != s.Fingerprint():
		return st, ErrOtherSecret
	case st.Pin != "":
		return st.with(s.key, s)
	}
	st.Pin = s.Fingerprint()
	return st.with(NewKey(), s)
}

// rotated returns the ring with a new data key and the whole of it under the fresh secret
// key, too. When that has been done, nothing changes.
func (st Stored) rotated(s, fresh Secret) (Stored, error) {
	coming := st.Coming()
	switch {
	case !st.opens(s):
		return st, ErrOtherSecret
	case s.Fingerprint() == fresh.Fingerprint():
		return st, ErrSame
	case coming == fresh.Fingerprint() && st.Pin == s.Fingerprint():
		return st, nil
	case coming != "":
		return st, ErrUnderWay
	}
	next := Stored{Pin: st.Pin}
	for _, k := range st.Keys {
		if !k.Forgotten() {
			key, err := s.unwrap(k.ID, k.Under[s.Fingerprint()])
			if err != nil {
				return st, err
			}
			k.Under = map[Fingerprint][]byte{s.Fingerprint(): k.Under[s.Fingerprint()], fresh.Fingerprint(): fresh.wrap(k.ID, key)}
		}
		next.Keys = append(next.Keys, k)
	}
	return next.with(NewKey(), s, fresh)
}

// retired returns the ring under the secret key alone, whose it is from then on. back says
// that it is the old one of a change that is given up.
func (st Stored) retired(s Secret, back bool) (Stored, error) {
	mine := s.Fingerprint()
	switch {
	case !st.opens(s):
		return st, ErrOtherSecret
	case st.Coming() == "":
		return st, nil
	case st.Pin == mine && !back:
		return st, ErrOldSecret
	case st.Pin != mine && back:
		return st, ErrNewSecret
	}
	next := Stored{Pin: mine}
	for _, k := range st.Keys {
		if !k.Forgotten() {
			k.Under = map[Fingerprint][]byte{mine: k.Under[mine]}
		}
		next.Keys = append(next.Keys, k)
	}
	return next, nil
}

// dropped returns the ring without a data key, which nobody opens or knows any more.
func (st Stored) dropped(id int64) (Stored, error) {
	at := slices.IndexFunc(st.Keys, func(k StoredKey) bool { return k.ID == id && !k.Forgotten() })
	if at < 0 {
		return st, ErrNoKey
	}
	if newest := st.Keys[len(st.Keys)-1]; at == len(st.Keys)-1 || newest.Age < settle {
		return st, ErrInUse
	}
	next := Stored{Pin: st.Pin, Keys: slices.Clone(st.Keys)}
	next.Keys[at].Under = nil
	return next, nil
}

// forgotten returns the ring of an installation whose secret key is lost: nobody can open
// its keys, and their ids stay taken.
func (st Stored) forgotten() Stored {
	next := Stored{Keys: slices.Clone(st.Keys)}
	if len(next.Keys) == 0 && st.Pin != "" {
		next.Keys = []StoredKey{{ID: firstKey}}
	}
	for i := range next.Keys {
		next.Keys[i].Under = nil
	}
	return next
}
