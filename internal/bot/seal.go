package bot

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"errors"
	"fmt"
	"strconv"
)

// KeySize is the length of the installation's secret key, in bytes.
const KeySize = 32

// Sealer keeps bot tokens unreadable in the database (AES-256-GCM). A sealed
// token is bound to its bot: it cannot be moved to another row.
type Sealer struct{ aead cipher.AEAD }

// NewSealer returns a sealer under the key, which has [KeySize] bytes.
func NewSealer(key []byte) (*Sealer, error) {
	if len(key) != KeySize {
		return nil, fmt.Errorf("bot: the secret key has %d bytes, it needs %d", len(key), KeySize)
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, err
	}
	aead, err := cipher.NewGCMWithRandomNonce(block)
	return &Sealer{aead: aead}, err
}

// Seal encrypts the token of the bot with the given Telegram id.
func (s *Sealer) Seal(token string, telegramID int64) []byte {
	return s.aead.Seal(nil, nil, []byte(token), binding(telegramID))
}

// Unseal decrypts a token. It fails when the key or the bot differs from that at
// sealing.
func (s *Sealer) Unseal(sealed []byte, telegramID int64) (string, error) {
	plain, err := s.aead.Open(nil, nil, sealed, binding(telegramID))
	if err != nil {
		return "", errors.New("bot: a stored token does not open with this secret key")
	}
	return string(plain), nil
}

// NewKey returns a fresh secret key.
func NewKey() []byte {
	key := make([]byte, KeySize)
	// Read never fails: since Go 1.24 the program ends instead.
	_, _ = rand.Read(key)
	return key
}

func binding(telegramID int64) []byte { return []byte("bot " + strconv.FormatInt(telegramID, 10)) }
