package contact

import (
	"crypto/sha256"
	"encoding/hex"
	"strings"

	"golang.org/x/text/cases"
	"golang.org/x/text/unicode/norm"
)

// Fold returns the form in which names are compared: without case, in any
// script, without surrounding space, and with letters composed, as й may come
// in two pieces. Folding what is folded changes nothing.
func Fold(s string) string {
	s = strings.TrimSpace(s)
	if isASCII(s) {
		return strings.ToLower(s)
	}
	// A caser keeps state and is not to be shared. Composing may make a letter
	// that folds again.
	for {
		folded := strings.TrimSpace(norm.NFC.String(cases.Fold().String(s)))
		if folded == s {
			return s
		}
		s = folded
	}
}

func isASCII(s string) bool {
	for i := range len(s) {
		if s[i] >= 0x80 {
			return false
		}
	}
	return true
}

// maxKey is the longest key, in bytes: an index of PostgreSQL takes no more
// than 2700 in all.
const maxKey = 500

// MatchKey returns what a value of a custom field or a push token is looked for
// by: the value itself, or a digest of one that is too long for an index.
func MatchKey(value string) string {
	if len(value) <= maxKey {
		return value
	}
	sum := sha256.Sum256([]byte(value))
	return "sha256:" + hex.EncodeToString(sum[:])
}
