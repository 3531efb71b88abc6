package seal

import (
	"crypto/cipher"
	"crypto/hmac"
	"crypto/sha256"
	"slices"
	"strconv"

	"bellman/internal/fault"
)

var (
	// ErrUnreadable is returned for a blob that no key of the ring opens: its key was
	// forgotten, or it was damaged or moved.
	ErrUnreadable = fault.New(fault.Internal, "secret_unreadable", "what is stored does not open with the keys of this installation")
	// errNotNow is returned for a blob under a key that this process does not have, and
	// cannot get at the moment.
	errNotNow = fault.New(fault.Unavailable, "secret_unavailable",
		"what is stored is under a key that this process cannot read at the moment; try again shortly")
)

// dataKey is a key of a ring, opened.
type dataKey struct {
	id   int64
	key  []byte
	aead cipher.AEAD
}

func newDataKey(id int64, key []byte) dataKey { return dataKey{id, key, newAEAD(key)} }

// keys are those of a ring at a moment. They never change.
type keys struct {
	// turn is larger than that of keys before.
	turn uint64
	// all is ordered by id and not empty; gone are the ids of those that were forgotten.
	all  []dataKey
	gone map[int64]bool
	// signing is the index of the one that signs.
	signing int
}

func (k *keys) newest() dataKey { return k.all[len(k.all)-1] }

func (k *keys) find(id int64) (dataKey, bool) {
	for _, one := range slices.Backward(k.all) {
		if one.id == id {
			return one, true
		}
	}
	return dataKey{}, false
}

// knows reports whether a blob under the key needs no newer keys: it opens, or never will.
func (k *keys) knows(id int64) bool {
	_, found := k.find(id)
	return found || k.gone[id] || id < k.all[0].id
}

func (k *keys) seal(secret string, number int64) []byte {
	newest := k.newest()
	return append(header(newest.id), newest.aead.Seal(nil, nil, []byte(secret), binding(number))...)
}

func (k *keys) unseal(blob []byte, number int64) (string, error) {
	id, sealed := split(blob)
	key, found := k.find(id)
	if !found {
		return "", ErrUnreadable
	}
	plain, err := key.aead.Open(nil, nil, sealed, binding(number))
	if err != nil {
		return "", ErrUnreadable
	}
	return string(plain), nil
}

// binding is what a blob is bound to. Bots were first, and gave it its name.
func binding(number int64) []byte { return []byte("bot " + strconv.FormatInt(number, 10)) }

// inOrder calls visit for each key until it returns true: the one that signs, then the
// others, from the newest.
func (k *keys) inOrder(visit func(dataKey) bool) bool {
	if visit(k.all[k.signing]) {
		return true
	}
	for i, one := range slices.Backward(k.all) {
		if i != k.signing && visit(one) {
			return true
		}
	}
	return false
}

func (k dataKey) mark(text string) []byte {
	mac := hmac.New(sha256.New, k.key)
	mac.Write([]byte(text))
	return mac.Sum(nil)
}
