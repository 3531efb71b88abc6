package access

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"fmt"
	"runtime"
	"strings"
	"unicode/utf8"

	"golang.org/x/crypto/argon2"

	"bellman/internal/fault"
)

// The lengths of passwords, in characters; the longest is a bound of work alone.
const (
	MinPassword = 12
	MaxPassword = 256
)

// measured is how many characters of a password are judged: that takes time with the cube
// of the length, and what is strong stays it when more is added.
const measured = 72

// Judge returns how hard a password is to guess for who knows its owner, and the Invalid fault
// with which it would be refused. It takes half as long as to hash one, and as few are judged
// at once.
func (p *People) Judge(ctx context.Context, password string, owner User) (s Strength, refused, err error) {
	if err := p.hasher.enter(ctx); err != nil {
		return "", nil, err
	}
	defer p.hasher.leave()
	s, err = judge(password, owner)
	if fault.KindOf(err) == fault.Invalid {
		return s, err, nil
	}
	return s, nil, err
}

// checkPassword returns an Invalid fault for a password that is too short, or easy to
// guess for who knows its owner.
func checkPassword(password string, owner User) error {
	_, err := judge(password, owner)
	return err
}

// judge returns the strength of a password, with an Invalid fault when it is refused.
func judge(password string, owner User) (Strength, error) {
	refuse := func(code, sentence string, args ...any) (Strength, error) {
		return Weak, fault.New(fault.Invalid, code, sentence, args...).In("password")
	}
	n := utf8.RuneCountInString(password)
	switch {
	case n < MinPassword:
		return refuse("password_short",
			"choose a password of at least %d characters: a few words that do not belong together will do", MinPassword)
	case n > MaxPassword:
		return refuse("password_long", "choose a password of at most %d characters", MaxPassword)
	case !utf8.ValidString(password):
		return refuse("password_illegible", "choose a password that is text")
	}
	local, domain, _ := strings.Cut(owner.Email, "@")
	known := append([]string{"bellman", "telegram", owner.Email, local, domain}, strings.Fields(strings.ToLower(owner.Name))...)
	worth, err := bits(string([]rune(password)[:min(n, measured)]), known)
	if err != nil {
		return "", err
	}
	s := strengthOf(worth)
	if s == Weak {
		return refuse("password_common", "this password is easy to guess: choose a few words that do not belong together")
	}
	return s, nil
}

// The cost of a hash (RFC 9106, section 4, the second recommendation with less time and
// fewer lanes: about 50 ms): argon2id over 64 MiB, once, with 2 lanes. Hashes say with
// what they were made, so that it can change.
const (
	argonMemory = 64 << 10 // KiB
	argonTime   = 1
	argonLanes  = 2
	argonSalt   = 16
	argonLength = 32
)

// hasher hashes passwords, a few at once: each takes its memory for as long as it lasts.
type hasher struct {
	lanes chan struct{}
	// memory is what a hash takes, in KiB.
	memory uint32
	// dummy is what a password is compared with where there is no user, so that it takes as
	// long.
	dummy string
}

func newHasher(memory uint32) *hasher {
	h := &hasher{lanes: make(chan struct{}, max(1, min(4, runtime.NumCPU()/2))), memory: memory}
	h.dummy = h.encode(make([]byte, argonSalt), make([]byte, argonLength))
	return h
}

func (h *hasher) enter(ctx context.Context) error {
	select {
	case h.lanes <- struct{}{}:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (h *hasher) leave() { <-h.lanes }

// hash returns the hash of a password, in the form that the reference program writes.
func (h *hasher) hash(ctx context.Context, password string) (string, error) {
	if err := h.enter(ctx); err != nil {
		return "", err
	}
	defer h.leave()
	salt := make([]byte, argonSalt)
	// Read never fails: since Go 1.24 the program ends instead.
	_, _ = rand.Read(salt)
	return h.encode(salt, argon2.IDKey([]byte(password), salt, argonTime, h.memory, argonLanes, argonLength)), nil
}

func (h *hasher) encode(salt, sum []byte) string {
	text := base64.RawStdEncoding.EncodeToString
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s", argon2.Version, h.memory, argonTime, argonLanes, text(salt), text(sum))
}

// matches reports whether a password is the one of a hash. An empty hash is that of
// nobody: it takes as long, and nothing matches.
func (h *hasher) matches(ctx context.Context, password, encoded string) (bool, error) {
	if err := h.enter(ctx); err != nil {
		return false, err
	}
	defer h.leave()
	nobody := encoded == ""
	if nobody {
		encoded = h.dummy
	}
	var version, memory, passes, lanes uint32
	rest, found := strings.CutPrefix(encoded, "$argon2id$")
	parts := strings.Split(rest, "$")
	if !found || len(parts) != 4 {
		return false, errHash
	}
	_, errVersion := fmt.Sscanf(parts[0], "v=%d", &version)
	_, errCost := fmt.Sscanf(parts[1], "m=%d,t=%d,p=%d", &memory, &passes, &lanes)
	salt, errSalt := base64.RawStdEncoding.DecodeString(parts[2])
	sum, errSum := base64.RawStdEncoding.DecodeString(parts[3])
	if errVersion != nil || errCost != nil || errSalt != nil || errSum != nil || version != argon2.Version ||
		memory > 1<<20 || passes < 1 || passes > 100 || lanes < 1 || lanes > 255 || len(sum) == 0 {
		return false, errHash
	}
	got := argon2.IDKey([]byte(password), salt, passes, memory, uint8(lanes), uint32(len(sum)))
	return subtle.ConstantTimeCompare(got, sum) == 1 && !nobody, nil
}

// errHash is a row that nobody wrote with this program.
var errHash = fmt.Errorf("access: a stored password hash does not decode")
