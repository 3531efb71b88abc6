package access

import (
	"context"
	"crypto/rand"
	"encoding/base32"
	"errors"
	"math"
	"net/url"
	"regexp"
	"strings"
	"time"

	"github.com/pquerna/otp"
	"github.com/pquerna/otp/totp"

	"bellman/internal/audit"
	"bellman/internal/fault"
)

// This file is the second factor: codes of an authenticator (RFC 6238, with the values
// that all authenticators know: SHA-1, six digits, 30 seconds), and recovery codes for who
// has lost it.

const (
	// step is for how long a code is shown; it is taken for one step more, before and after,
	// as RFC 6238, section 5.2, recommends.
	step = 30
	skew = 1
	// secretSize is the length of a secret in bytes (RFC 4226, section 4, R6).
	secretSize = 20
	// recoveryCodes is how many there are at a time, each of recoverySize random bytes.
	recoveryCodes = 10
	recoverySize  = 10
)

// FactorNumber returns the number for which a user's secret is sealed: no bot and no
// webhook has it.
func FactorNumber(userID int64) int64 { return math.MinInt64/2 + userID }

var (
	errCodeNeeded = fault.New(fault.Unauthorized, "code_needed",
		"send the code that your authenticator shows, or a recovery code, too").In("code")
	errCodeWrong = fault.New(fault.Unauthorized, "code_wrong",
		"the code is wrong or was used: wait for the next one, and look whether the clock of the telephone is right").In("code")
	errNoDraft = fault.New(fault.Conflict, "no_authenticator", "begin with a new secret for the authenticator")
)

// Authenticator is a secret to be given to one: as a text, and as the address that is
// shown as a QR code.
type Authenticator struct{ Secret, Address string }

// DraftAuthenticator makes a secret for a person's authenticator. It is asked for codes
// only when [People.ConfirmAuthenticator] has seen one; until then, one that was there
// before is.
func (p *People) DraftAuthenticator(ctx context.Context, c Caller) (Authenticator, error) {
	raw := make([]byte, secretSize)
	// Read never fails: since Go 1.24 the program ends instead.
	_, _ = rand.Read(raw)
	secret := base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(raw)
	err := p.store.DraftFactor(ctx, c.User.ID, p.seal.Seal(secret, FactorNumber(c.User.ID)))
	label := url.PathEscape("Bellman:" + c.User.Email)
	return Authenticator{secret, "otpauth://totp/" + label + "?secret=" + secret + "&issuer=Bellman"}, err
}

// ConfirmAuthenticator makes the drafted secret the person's second factor, when the code
// is one of it, and returns new recovery codes, which are not shown again. Other sessions
// of the person end: they were begun with less.
func (p *People) ConfirmAuthenticator(ctx context.Context, c Caller, code string) ([]string, error) {
	codes, hashes := newRecoveryCodes()
	defer p.known.forget()
	err := p.store.ChangeFactor(ctx, c.User.ID, func(f Factor) (Factor, error) {
		if len(f.Draft) == 0 {
			return f, errNoDraft
		}
		at, err := p.stepOf(f.Draft, c.User.ID, code)
		if err != nil {
			return f, err
		}
		return Factor{Sealed: f.Draft, Step: at, Recovery: hashes}, nil
	})
	if err == nil {
		err = p.EndOtherSessions(ctx, c.User.ID, c.Session.ID)
	}
	return codes, err
}

// RenewRecoveryCodes returns new recovery codes in place of those that are left. Without
// an authenticator it is a Conflict.
func (p *People) RenewRecoveryCodes(ctx context.Context, c Caller) ([]string, error) {
	codes, hashes := newRecoveryCodes()
	err := p.store.ChangeFactor(ctx, c.User.ID, func(f Factor) (Factor, error) {
		if len(f.Sealed) == 0 {
			return f, errNoDraft
		}
		f.Recovery = hashes
		return f, nil
	})
	return codes, err
}

// RemoveAuthenticator makes the password enough to sign in. The caller is the person, or
// could give every role that the person has.
func (p *People) RemoveAuthenticator(ctx context.Context, c Caller, userID int64) error {
	if c.UserID() != userID {
		if _, err := p.mayRescue(ctx, c, userID); err != nil {
			return err
		}
	}
	defer p.known.forget()
	return p.removeFactor(ctx, userID)
}

func (p *People) removeFactor(ctx context.Context, userID int64) error {
	return p.store.ChangeFactor(ctx, userID, func(Factor) (Factor, error) { return Factor{}, nil })
}

// Factor is the second factor of a user, as it is stored.
type Factor struct {
	// Sealed is the secret of the authenticator, Draft one that was not confirmed yet; nil
	// for none.
	Sealed, Draft []byte
	// Step is the last time step whose code was taken.
	Step int64
	// Recovery are the SHA-256 of the recovery codes that are left, in hex.
	Recovery []string
}

// checkFactor takes a code from a user who has a second factor: of the authenticator, or a
// recovery code. Either is good once, also for those who send it at the same moment.
func (p *People) checkFactor(ctx context.Context, u User, code string) error {
	if !u.HasFactor {
		return nil
	}
	code = strings.ToLower(strings.Join(strings.Fields(code), ""))
	if code == "" {
		return errCodeNeeded
	}
	return p.store.ChangeFactor(audit.Apart(ctx), u.ID, func(f Factor) (Factor, error) {
		if !sixDigits.MatchString(code) {
			return f.without(hash(strings.ReplaceAll(code, "-", "")))
		}
		at, err := p.stepOf(f.Sealed, u.ID, code)
		if err == nil && at <= f.Step {
			err = errCodeWrong
		}
		f.Step = at
		return f, err
	})
}

var sixDigits = regexp.MustCompile(`^[0-9]{6}$`)

// without returns the factor without a recovery code.
func (f Factor) without(used string) (Factor, error) {
	left := make([]string, 0, len(f.Recovery))
	for _, h := range f.Recovery {
		if h != used {
			left = append(left, h)
		}
	}
	if len(left) == len(f.Recovery) {
		return f, errCodeWrong
	}
	f.Recovery = left
	return f, nil
}

// stepOf returns the time step of a code, the latest one that fits.
func (p *People) stepOf(sealed []byte, userID int64, code string) (int64, error) {
	secret, err := p.seal.Unseal(sealed, FactorNumber(userID))
	if err != nil {
		return 0, err
	}
	now := p.now()
	for ahead := skew; ahead >= -skew; ahead-- {
		at := now.Add(time.Duration(ahead) * step * time.Second)
		right, err := totp.ValidateCustom(code, secret, at, totp.ValidateOpts{Period: step, Digits: otp.DigitsSix, Algorithm: otp.AlgorithmSHA1})
		if err != nil && !errors.Is(err, otp.ErrValidateInputInvalidLength) {
			return 0, err
		}
		if right {
			return at.Unix() / step, nil
		}
	}
	return 0, errCodeWrong
}

// newRecoveryCodes returns codes in groups of four, and their hashes.
func newRecoveryCodes() (codes, hashes []string) {
	for range recoveryCodes {
		raw := make([]byte, recoverySize)
		// Read never fails: since Go 1.24 the program ends instead.
		_, _ = rand.Read(raw)
		text := strings.ToLower(base32.StdEncoding.EncodeToString(raw))
		codes, hashes = append(codes, text[:4]+"-"+text[4:8]+"-"+text[8:12]+"-"+text[12:]), append(hashes, hash(text))
	}
	return codes, hashes
}
