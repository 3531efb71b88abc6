package foreign

import (
	"regexp"
	"strings"
	"unicode/utf8"
)

// mark is a sign of Markdown for a style, and the tag for it in HTML.
type mark struct{ sign, tag string }

var marks = []mark{{"**", "b"}, {"__", "u"}}

// A link's address is not looked for in what is hidden but for values.
var link = regexp.MustCompile(`\[([^\[\]\n]+)\]\(([^()\s]+)\)`)

// stretch is a part of a text in Markdown.
type stretch struct {
	from, to int
	// inside and address are what it shows and where it leads.
	inside, address string
	tag             string
}

// html is the stretch in Telegram's HTML, or without marks where there are none.
func (s stretch) html(place Place) string {
	switch {
	case place != HTML:
		return s.inside
	case s.address != "":
		return `<a href="` + s.address + `">` + s.inside + "</a>"
	}
	return "<" + s.tag + ">" + s.inside + "</" + s.tag + ">"
}

// links finds [text](address).
func links(source, readable string, z []zone) []stretch {
	var found []stretch
	for _, m := range link.FindAllStringSubmatchIndex(readable, -1) {
		address := source[m[4]:m[5]]
		digits := strings.Trim(address, "0123456789,.") == ""
		if z[m[0]] != inText || z[m[3]] != inText || digits || strings.ContainsAny(address, `"<>`) && !strings.Contains(address, "{{") ||
			endsInWord(readable[:m[0]]) && !strings.ContainsAny(address, ":/") {
			continue
		}
		found = append(found, stretch{from: m[0], to: m[1], inside: source[m[2]:m[3]], address: address})
	}
	return found
}

// styled finds what stands between two equal signs on one line, with nothing of a
// word outside and no white space inside. Signs around white space are ornaments.
func styled(source, readable string, z []zone, m mark) []stretch {
	var found []stretch
	begin := -1
	for at := 0; at+len(m.sign) <= len(readable); {
		if c := readable[at]; c == '\n' {
			begin = -1
		}
		n := run(readable[at:], m.sign[0])
		if n != len(m.sign) || z[at] != inText {
			at += max(n, 1)
			continue
		}
		before, after := readable[:at], readable[at+n:]
		switch {
		case begin >= 0 && !endsInSpace(before) && !beginsInWord(after) && at > begin+n:
			found = append(found, stretch{from: begin, to: at + n, inside: source[begin+n : at], tag: m.tag})
			begin = -1
		case !endsInWord(before) && after != "" && !isSpace(after):
			begin = at
		}
		at += n
	}
	return found
}

// run returns how often a text begins with a sign.
func run(text string, sign byte) int {
	n := 0
	for n < len(text) && text[n] == sign {
		n++
	}
	return n
}

func isSpace(text string) bool {
	r, _ := utf8.DecodeRuneInString(text)
	return strings.ContainsRune(" \t\r\n\u00a0", r)
}

func endsInSpace(text string) bool {
	r, _ := utf8.DecodeLastRuneInString(text)
	return strings.ContainsRune(" \t\r\n\u00a0", r)
}

// marks returns what of the source is Markdown.
func (s *scanner) marks(place Place) []Found {
	if place == Machine {
		return nil
	}
	z := s.zones
	readable := []byte(view(s.source, z, inText, inAddress))
	for _, p := range s.pieces {
		for i := p.At; i < p.end; i++ {
			readable[i] = veil
		}
	}
	var found []Found
	add := func(stretches []stretch) {
		var these []Found
		for _, m := range stretches {
			these = append(these, Found{At: m.from, Written: s.source[m.from:m.to], Means: m.html(place)})
		}
		found = merge(found, these)
	}
	add(links(s.source, string(readable), z))
	for _, m := range marks {
		add(styled(s.source, string(readable), z, m))
	}
	return found
}

// markUp writes the Markdown of a source in HTML, links first.
func markUp(source string, place Place) string {
	if place == Machine {
		return source
	}
	rewrite := func(find func(readable string, z []zone) []stretch) {
		z := zonesOf(source, place)
		var b strings.Builder
		at := 0
		for _, s := range find(view(source, z, inText, inAddress), z) {
			b.WriteString(source[at:s.from])
			b.WriteString(s.html(place))
			at = s.to
		}
		b.WriteString(source[at:])
		source = b.String()
	}
	rewrite(func(readable string, z []zone) []stretch { return links(source, readable, z) })
	for _, m := range marks {
		rewrite(func(readable string, z []zone) []stretch { return styled(source, readable, z, m) })
	}
	return source
}

// comment is a directive in a comment, as e-mails have them.
var comment = regexp.MustCompile(`<!--\s*(#[^\n]*?)\s*-->`)

func withoutComments(source string) string { return comment.ReplaceAllString(source, "$1") }
