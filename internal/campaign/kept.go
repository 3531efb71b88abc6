package campaign

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"time"

	"bellman/internal/fault"
)

// MaxKey is how long an idempotency key may be, in characters.
const MaxKey = 255

// KeepAnswers is how long the answer to a send with an idempotency key is kept.
const KeepAnswers = 24 * time.Hour

// Kept is the answer to an earlier send, and the fingerprint of that send. It is
// zero when there is none.
type Kept struct {
	Fingerprint string
	Answer      []byte
	// Accepted are earlier requests under keys of addressees.
	Accepted []Accepted
}

// fingerprint distinguishes sends that have the same idempotency key. Every length
// is part of it, so that no two sends have the same text.
func (t Trigger) fingerprint(messageID int64) string {
	h := sha256.New()
	// Writing to a hash does not fail.
	_, _ = fmt.Fprintf(h, "%d %d", messageID, t.BotID)
	for _, to := range t.Addressees {
		_, _ = fmt.Fprintf(h, " %d %d %d %s %d %s", to.ContactID, to.ChatID, len(to.Data), to.Data, len(to.Language), to.Language)
	}
	return hex.EncodeToString(h.Sum(nil))
}

// fingerprint distinguishes the messages that are sent under the keys of
// addressees; it is empty without a key. The bot is no part of it, so that a
// repetition through another bot still counts as one.
func (to Addressee) fingerprint(messageID int64) string {
	if to.Key == "" {
		return ""
	}
	h := sha256.New()
	_, _ = fmt.Fprintf(h, "%d %d %d %s", messageID, to.ContactID, to.ChatID, to.Key)
	return hex.EncodeToString(h.Sum(nil))
}

// receipts returns the kept answer to a send with the given fingerprint.
func (k Kept) receipts(fingerprint string, err error) ([]Receipt, error) {
	if err != nil {
		return nil, err
	}
	if k.Fingerprint != fingerprint {
		return nil, fault.New(fault.Conflict, "idempotency_key_reused",
			"this idempotency key was used for another send; take a new key for a new send").In("Idempotency-Key")
	}
	var receipts []Receipt
	if err := json.Unmarshal(k.Answer, &receipts); err != nil {
		return nil, fmt.Errorf("campaign: decode kept answer: %w", err)
	}
	return receipts, nil
}
