package webhook

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"io"
	"math"
	"strconv"
	"strings"
	"time"

	"bellman/internal/fault"
	"bellman/internal/outcome"
)

// A webhook with a secret has its arrays signed as Standard Webhooks specifies
// (github.com/standard-webhooks/standard-webhooks, symmetric signatures).

const (
	// SecretOverlap is how long the secrets before the newest one still sign.
	SecretOverlap = 24 * time.Hour
	// maxSecrets is how many secrets sign at once: of more, the oldest are dropped.
	maxSecrets = 4
	// secretSize is the length of a secret, in bytes.
	secretSize   = 32
	secretPrefix = "whsec_"
)

// secret is one secret of a webhook. Until is when it ends, in milliseconds; zero
// for the newest one.
type secret struct {
	Secret string `json:"secret"`
	Until  int64  `json:"until,omitempty"`
}

// SecretsNumber returns the number for which a webhook's secrets are sealed: neither
// a bot nor the password of a webhook has it.
func SecretsNumber(id int64) int64 { return math.MinInt64 + id }

// Rotate gives a webhook a new secret and returns it; it is not shown again. The
// earlier ones sign beside it for [SecretOverlap], so that the receiver has the time to
// change over; those that do not open under this installation's key are forgotten. A
// webhook that was paused for that is active again.
func (s *Service) Rotate(ctx context.Context, workspaceID, id int64) (string, Webhook, error) {
	w, err := s.store.Webhook(ctx, workspaceID, id)
	if err != nil {
		return "", w, err
	}
	raw := make([]byte, secretSize)
	if _, err := io.ReadFull(s.random, raw); err != nil {
		return "", w, err
	}
	now := s.now()
	fresh := secretPrefix + base64.StdEncoding.EncodeToString(raw)
	all := []secret{{Secret: fresh}}
	earlier, err := secretsOf(w, s.seal)
	if fault.KindOf(err) == fault.Unavailable {
		return "", w, err
	}
	if err == nil {
		for _, one := range valid(earlier, now) {
			if one.Until == 0 {
				one.Until = now.Add(SecretOverlap).UnixMilli()
			}
			all = append(all, one)
		}
	}
	// Marshal does not fail for these types.
	text, _ := json.Marshal(all[:min(len(all), maxSecrets)])
	w.SealedSecrets, w.UpdatedAt = s.seal.Seal(string(text), SecretsNumber(id)), now
	mended := w.StateReason == outcome.SecretUnreadable
	if mended {
		w.turn(Active)
	}
	if err := s.store.ChangeWebhook(ctx, w, mended, nil); err != nil {
		return "", w, err
	}
	w, err = s.store.Webhook(ctx, workspaceID, id)
	return fresh, w, err
}

// secretsOf returns the secrets of a webhook, newest first.
func secretsOf(w Webhook, seal Sealer) (all []secret, err error) {
	if len(w.SealedSecrets) == 0 {
		return nil, nil
	}
	text, err := seal.Unseal(w.SealedSecrets, SecretsNumber(w.ID))
	if err == nil {
		err = json.Unmarshal([]byte(text), &all)
	}
	if err != nil {
		return nil, errUnreadable("secret", "the webhook's secret was kept under another secret key: make a new one", err)
	}
	return all, nil
}

// valid returns the secrets that sign at a moment.
func valid(all []secret, at time.Time) (some []secret) {
	for _, one := range all {
		if one.Until == 0 || one.Until > at.UnixMilli() {
			some = append(some, one)
		}
	}
	return some
}

// sign returns the signatures of an array under each valid secret, with spaces
// between them; empty without a secret.
func sign(secrets []secret, id string, at time.Time, body []byte) (string, error) {
	var signatures []string
	for _, one := range valid(secrets, at) {
		key, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(one.Secret, secretPrefix))
		if err != nil {
			return "", err
		}
		mac := hmac.New(sha256.New, key)
		mac.Write([]byte(id + "." + strconv.FormatInt(at.Unix(), 10) + "."))
		mac.Write(body)
		signatures = append(signatures, "v1,"+base64.StdEncoding.EncodeToString(mac.Sum(nil)))
	}
	return strings.Join(signatures, " "), nil
}
