package message

import (
	"strings"

	"golang.org/x/text/language"
)

// MaxLanguage is the longest language tag, in bytes: what RFC 5646 (§4.4.1) asks
// to make room for.
const MaxLanguage = 35

// maxTranslations is how many translations a message may have.
const maxTranslations = 50

// Languages tells which version of a message somebody gets. The zero value is
// that of content whose languages are not known.
type Languages struct {
	// tags are the versions' as written, the one for everybody first.
	tags []string
	// places are where versions stand in tags, by the normal form of their tag.
	places map[string]int
}

// Languages returns the languages of the content's versions.
func (c Content) Languages() Languages {
	versions := c.versions()
	l := Languages{tags: make([]string, len(versions)), places: make(map[string]int, len(versions))}
	for i, v := range versions {
		if l.tags[i] = v.language; v.language != "" {
			l.places[normalTag(v.language)] = i
		}
	}
	return l
}

// Of returns the language of the version that somebody with the language gets,
// as its author wrote it: the language itself, else the language without its
// region, else the one for everybody. It is empty when the language of that
// version is not said.
func (l Languages) Of(wanted string) string {
	if len(l.tags) == 0 {
		return ""
	}
	return l.tags[l.place(wanted)]
}

// place returns which version somebody with the language gets, from 0.
func (l Languages) place(wanted string) int {
	if len(l.places) == 0 || len(wanted) > MaxLanguage {
		return 0
	}
	var lowered [MaxLanguage]byte
	name := appendNormalTag(lowered[:0], wanted)
	for {
		if place, ok := l.places[string(name)]; ok {
			return place
		}
		shorter := strings.LastIndexByte(string(name), '-')
		if shorter < 0 {
			return 0
		}
		name = name[:shorter]
	}
}

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
