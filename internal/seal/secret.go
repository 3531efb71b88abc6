package seal

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"strconv"
	"strings"
)

// KeySize is the length of a key in bytes: of the installation's secret key, and of each
// data key.
const KeySize = 32

// Secret is a secret key of the installation, which the operator keeps apart from the
// database. Printed, it shows its [Fingerprint] alone.
type Secret struct{ key []byte }

// NewSecret returns the secret key of [KeySize] bytes.
func NewSecret(key []byte) (Secret, error) {
	if len(key) != KeySize {
		return Secret{}, fmt.Errorf("seal: the secret key has %d bytes, it needs %d", len(key), KeySize)
	}
	return Secret{key}, nil
}

// ReadSecret reads a secret key as [Secret.Text] writes it; white space around it does not
// count. The error repeats nothing of the text.
func ReadSecret(text string) (Secret, error) {
	key, err := base64.StdEncoding.DecodeString(strings.TrimSpace(text))
	if err != nil || len(key) != KeySize {
		return Secret{}, fmt.Errorf("not %d bytes in base64", KeySize)
	}
	return Secret{key}, nil
}

// RandomSecret returns a fresh secret key.
func RandomSecret() Secret { return Secret{NewKey()} }

// Text returns the key in base64, for where the operator keeps it and for nowhere else.
func (s Secret) Text() string { return base64.StdEncoding.EncodeToString(s.key) }

// String implements [fmt.Stringer], so that no key gets into a log.
func (s Secret) String() string { return "secret key " + s.Fingerprint().Short() }

// GoString implements [fmt.GoStringer], for the same reason.
func (s Secret) GoString() string { return s.String() }

// Fingerprint is the name of a secret key, from which the key cannot be told: a SHA-256,
// in hex. The empty one is of no key.
type Fingerprint string

// Fingerprint returns the key's.
func (s Secret) Fingerprint() Fingerprint {
	sum := sha256.Sum256(append([]byte("bellman key "), s.key...))
	return Fingerprint(hex.EncodeToString(sum[:]))
}

// Short returns as much of a fingerprint as people compare: eight characters.
func (f Fingerprint) Short() string { return string(f[:min(8, len(f))]) }

// NewKey returns a fresh key of [KeySize] random bytes.
func NewKey() []byte {
	key := make([]byte, KeySize)
	// Read never fails: since Go 1.24 the program ends instead.
	_, _ = rand.Read(key)
	return key
}

// wrap seals a data key under the secret key, bound to its id.
func (s Secret) wrap(id int64, key []byte) []byte {
	return s.aead().Seal(nil, nil, key, ringBinding(id))
}

// unwrap opens what wrap has sealed.
func (s Secret) unwrap(id int64, sealed []byte) ([]byte, error) {
	key, err := s.aead().Open(nil, nil, sealed, ringBinding(id))
	if err != nil || len(key) != KeySize {
		return nil, fmt.Errorf("seal: the stored data key %d is damaged", id)
	}
	return key, nil
}

// aead is under a key derived for this purpose only: the secret key of an installation of
// earlier programs is also its first data key, and signs and seals as such.
func (s Secret) aead() cipher.AEAD { return newAEAD(derive(s.key, "bellman ring")) }

func ringBinding(id int64) []byte { return []byte("bellman data key " + strconv.FormatInt(id, 10)) }

// derive returns a key of [KeySize] bytes for one purpose.
func derive(key []byte, purpose string) []byte {
	derived, err := hkdf.Key(sha256.New, key, nil, purpose, KeySize)
	if err != nil {
		panic(err) // only for a length that no caller can ask for
	}
	return derived
}

// newAEAD returns AES-256-GCM, which puts a random nonce before what it seals.
func newAEAD(key []byte) cipher.AEAD {
	block, err := aes.NewCipher(key)
	if err != nil {
		panic(err) // only for a length that no caller has
	}
	aead, err := cipher.NewGCMWithRandomNonce(block)
	if err != nil {
		panic(err) // only for a block size that AES does not have
	}
	return aead
}
