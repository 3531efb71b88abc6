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
	if isPlain(s) {
		return strings.ToLower(s)
	}
	return foldAny(s)
}

// foldAny folds a text in any script.
func foldAny(s string) string {
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

// isPlain reports whether all letters are ASCII or of the Cyrillic alphabets in use, and
// whole: to fold these is to write them small. Most names are such.
func isPlain(s string) bool {
	for _, r := range s {
		if r >= 0x80 && (r < 'Ѐ' || r > 'џ') && r != 'Ґ' && r != 'ґ' && r != '’' {
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
