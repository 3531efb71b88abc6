package message

import "golang.org/x/text/language"

// MaxLanguage is the longest language tag, in bytes: what RFC 5646 (§4.4.1) asks
// to make room for.
const MaxLanguage = 35

// maxTranslations is how many translations a message may have.
const maxTranslations = 50

// canonicalTag returns the canonical form of a BCP 47 tag.
func canonicalTag(tag string) (canonical string, ok bool) {
	if len(tag) > MaxLanguage {
		return "", false
	}
	parsed, err := language.Parse(tag)
	if err != nil || parsed == language.Und {
		return "", false
	}
	return parsed.String(), true
}

// normalTag returns the form of a tag by which versions are found.
func normalTag(tag string) string {
	if canonical, ok := canonicalTag(tag); ok {
		tag = canonical
	}
	return string(appendNormalTag(nil, tag))
}

// appendNormalTag appends a tag in lower case, with hyphens.
func appendNormalTag(dst []byte, tag string) []byte {
	for i := range len(tag) {
		c := tag[i]
		switch {
		case c == '_':
			c = '-'
		case c >= 'A' && c <= 'Z':
			c |= 0x20
		}
		dst = append(dst, c)
	}
	return dst
}
