package webhook

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"strconv"
	"time"
)

// MaxAttempts is how many attempts of a webhook are kept: the last ones.
const MaxAttempts = 100

// Message is an array as it is posted.
type Message struct {
	// ID is the same when the same activities are posted together again, because no
	// answer said that they were accepted.
	ID string
	At time.Time
	// Signature is empty for a webhook without a secret.
	Signature string
	Body      []byte
}

// Answer is what came of a call.
type Answer struct {
	// Status is that of HTTP; zero when no answer came.
	Status int
	// RetryAfter is for how long the receiver asks to be left alone; zero when it
	// does not.
	RetryAfter time.Duration
	// Refused describes for people the answer that is no acceptance, or why there
	// was none; nil means that the array was accepted. It contains neither the
	// address nor a secret.
	Refused error
}

// Attempt is one attempt to post an array.
type Attempt struct {
	// ID grows with each attempt of the webhook.
	ID int64
	// MessageID is that of the array.
	MessageID string
	At        time.Time
	Took      time.Duration
	// Activities is how many were in the array.
	Activities int
	// Status is that of HTTP; zero when no answer came.
	Status int
	// Error says why the array was not accepted; empty when it was.
	Error string
}

// End returns when the attempt was over.
func (a Attempt) End() time.Time { return a.At.Add(a.Took) }

// Attempts returns up to limit of the last [MaxAttempts] attempts, newest first,
// with ids below before; NotFound when the workspace has no such webhook.
func (s *Service) Attempts(ctx context.Context, workspaceID, id, before int64, limit int) ([]Attempt, error) {
	if _, err := s.store.Webhook(ctx, workspaceID, id); err != nil {
		return nil, err
	}
	return s.store.Attempts(ctx, id, before, limit)
}

// messageID returns the id of an array: the same activities have the same one, so that
// a receiver knows a repetition; those that are replayed on purpose have another one.
func messageID(webhookID int64, entries []Entry) string {
	text := strconv.AppendInt(nil, webhookID, 10)
	for i := range entries {
		text = append(append(append(text, ' '), entries[i].ID()...), '#')
		text = strconv.AppendInt(text, entries[i].Sequence, 10)
	}
	sum := sha256.Sum256(text)
	return "msg_" + base64.RawURLEncoding.EncodeToString(sum[:18])
}

// The bounds of how long a receiver may ask to be left alone.
const (
	leastAsked = time.Second
	mostAsked  = 24 * time.Hour
)

// wait returns the time to the next attempt after the nth in a row has failed: as
// long as the receiver asks for, within bounds, or as [retryAfter] says.
func (a Answer) wait(n int) time.Duration {
	if a.RetryAfter > 0 {
		return min(max(a.RetryAfter, leastAsked), mostAsked)
	}
	return retryAfter(n)
}
