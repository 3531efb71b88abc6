package media

import (
	"path"
	"strings"
	"unicode"
	"unicode/utf8"
)

// MaxName is the longest name of a file, in characters.
const MaxName = 255

// cleanName returns a name that a client gave in a form that is safe to show and to save
// under: no path, no control characters or line breaks, and none that turn the reading
// direction and so disguise an extension. A long name is shortened, but keeps its extension.
// When nothing is left, the name is "file" with the given extension.
func cleanName(name, ext string) string {
	name = strings.ToValidUTF8(name, "")
	name = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || unicode.In(r, unicode.Bidi_Control, unicode.Zl, unicode.Zp) {
			return -1
		}
		return r
	}, name)
	name = name[strings.LastIndexAny(name, `/\`)+1:]
	name = strings.TrimRight(strings.TrimSpace(name), ". ")
	if strings.Trim(name, ". ") == "" {
		return "file" + ext
	}
	return shorten(name)
}

// longestExt is the longest extension that a shortened name keeps, in bytes.
const longestExt = 16

func shorten(name string) string {
	if utf8.RuneCountInString(name) <= MaxName {
		return name
	}
	ext := path.Ext(name)
	if len(ext) > longestExt {
		ext = ""
	}
	stem := []rune(strings.TrimSuffix(name, ext))
	return strings.TrimRight(string(stem[:MaxName-utf8.RuneCountInString(ext)])+ext, ". ")
}
