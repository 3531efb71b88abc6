package contact

import (
	"crypto/sha256"
	"encoding/hex"
	"strings"

	"golang.org/x/text/cases"
	"golang.org/x/text/unicode/norm"
)

// Fold returns the form in which names are compared: without case, in any script,
// without surrounding space, and with letters composed, as й may consist of two
// code points. Folding a folded text changes nothing.
func Fold(s string) string {
	s = strings.TrimSpace(s)
	if isASCII(s) {
		return strings.ToLower(s)
	}
	// A caser keeps state and must not be shared. Composing may make a letter that
	// folds again.
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

// maxKey is the longest key, in bytes: an entry of a PostgreSQL index has at most
// 2700 in all.
const maxKey = 500

// MatchKey returns the key by which a value of a custom field or a push token is
// found: the value itself, or a digest when it is too long for an index.
func MatchKey(value string) string {
	if len(value) <= maxKey {
		return value
	}
	sum := sha256.Sum256([]byte(value))
	return "sha256:" + hex.EncodeToString(sum[:])
}
