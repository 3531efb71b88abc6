package access

import (
	"context"
	"encoding/base64"
	"math"
	"strings"
	"time"

	"bellman/internal/audit"
	"bellman/internal/fault"
)

// Attempts are passwords that were tried since the last right one.
type Attempts struct {
	Failures int64
	LastAt   time.Time
}

const (
	// freeAttempts may be wrong one after another for one account, freeOfAddress for all
	// accounts from one address; then each has to wait twice as long as the one before,
	// mostWait at most.
	freeAttempts  = 5
	freeOfAddress = 20
	firstWait     = time.Second
	mostWait      = 15 * time.Minute
	// forgetAttempts is after how long without one they count no more.
	forgetAttempts = 24 * time.Hour
)

// Limited is a sign-in that has to wait: a fault of the kind with that name.
type Limited struct {
	fault *fault.Error
	// Wait is for how long.
	Wait time.Duration
}

// Error implements error.
func (l Limited) Error() string { return l.fault.Error() }

// Unwrap returns the fault.
func (l Limited) Unwrap() error { return l.fault }

// Seconds is for how many whole seconds to wait, at least one.
func (l Limited) Seconds() int { return max(1, int(math.Ceil(l.Wait.Seconds()))) }

// name is what attempts have in common, and how many of them are free. A right password
// ends those of an account; of an address it takes back its own.
type name struct {
	text      string
	free      int64
	ofAddress bool
}

// attempted returns what an attempt has in common with others: the account, and the
// address. A browser in which that account has signed in before counts for itself: so
// nobody locks the owner out who only knows the email.
func (p *People) attempted(email string, v Visit) []name {
	if p.isDevice(email, v.Device) {
		return []name{{text: "device " + hash(v.Device), free: freeAttempts}}
	}
	return []name{
		{text: "account " + hash(email), free: freeAttempts},
		{text: "address " + v.Address, free: freeOfAddress, ofAddress: true},
	}
}

// forgive forgets what a right password makes harmless.
func (p *People) forgive(ctx context.Context, names []name) error {
	var whole, once []string
	for _, n := range names {
		if n.ofAddress {
			once = append(once, n.text)
			continue
		}
		whole = append(whole, n.text)
	}
	return p.store.Forgive(audit.Apart(ctx), whole, once)
}

// attempt counts an attempt before its password is looked at, so that many at once are
// not all free. While one has to wait, further ones are Limited and do not count.
func (p *People) attempt(ctx context.Context, names []name) error {
	wait, err := p.count(ctx, names)
	if err != nil || wait == 0 {
		return err
	}
	return limited(wait, "sign_in_too_often",
		"too many passwords were wrong: wait %d seconds and try again, or ask an admin for a link to choose a new one")
}

// limited returns the fault of who has to wait; the sentence has a place for the seconds.
func limited(wait time.Duration, code, sentence string) error {
	l := Limited{Wait: wait}
	l.fault = fault.New(fault.Limited, code, sentence, l.Seconds())
	return l
}

// count counts an attempt, or returns for how long the next one has to wait.
func (p *People) count(ctx context.Context, names []name) (wait time.Duration, err error) {
	now := p.now()
	all := make([]string, len(names))
	for i, n := range names {
		all[i] = n.text
	}
	err = p.store.Attempt(audit.Apart(ctx), all, now, now.Add(-forgetAttempts), func(before []Attempts) bool {
		wait = 0
		for i, a := range before {
			wait = max(wait, names[i].wait(a, now))
		}
		return wait == 0
	})
	return wait, err
}

// wait returns for how long the next attempt has to wait.
func (n name) wait(a Attempts, now time.Time) time.Duration {
	if a.Failures < n.free {
		return 0
	}
	pause := mostWait
	if doublings := a.Failures - n.free; doublings < 20 {
		pause = min(mostWait, firstWait<<doublings)
	}
	return max(0, a.LastAt.Add(pause).Sub(now))
}

// device returns a mark for a browser in which somebody has signed in.
func (p *People) device(email string) string {
	random := newToken()
	return random + "." + p.sign(deviceText(email, random))
}

func (p *People) isDevice(email, device string) bool {
	random, mark, found := strings.Cut(device, ".")
	return found && p.signed(deviceText(email, random), mark)
}

func deviceText(email, random string) string { return "bellman device\x00" + email + "\x00" + random }

// markEncoding is strict, so that a mark has one spelling.
var markEncoding = base64.RawURLEncoding.Strict()

// sign returns a mark of a text, for a cookie or JSON; signed knows it again.
func (p *People) sign(text string) string { return markEncoding.EncodeToString(p.seal.Mark(text)) }

func (p *People) signed(text, mark string) bool {
	raw, err := markEncoding.DecodeString(mark)
	// The decoder ignores line ends.
	return err == nil && len(mark) == markEncoding.EncodedLen(len(raw)) && p.seal.Marked(text, raw)
}
