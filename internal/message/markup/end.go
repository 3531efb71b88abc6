package markup

import (
	"strconv"
	"strings"

	"bellman/internal/fault"
)

func (p *Parser) endTag() *fault.Flaw {
	at := p.pos
	end := at + 2
	for !IsSpace(p.at(end)) && p.at(end) != '>' {
		end++
	}
	var lowered [longestTag]byte
	name := lower(lowered[:0], p.src[at+2:end])
	if len(p.open) == 0 {
		return fault.Flawf(at, "html_end_tag_unexpected", "</%s> closes nothing; take it out", fault.Snippet(name))
	}
	p.pos = end
	p.skipSpace()
	if p.at(p.pos) != '>' {
		return fault.Flawf(at, "html_tag_incomplete", `the tag </%s has no ">" at its end`, fault.Snippet(name))
	}
	p.pos++
	t := p.open[len(p.open)-1]
	if len(name) > 0 && string(name) != t.name {
		return fault.Flawf(at, "html_end_tag_unmatched", "</%s> stands where </%s> should: tags close in the reverse order",
			fault.Snippet(name), t.name)
	}
	p.open = p.open[:len(p.open)-1]
	if p.written == t.written {
		return nil
	}
	return p.close(t, span{at, p.pos})
}

// close makes the mark of a tag that has text in it.
func (p *Parser) close(t openTag, end span) *fault.Flaw {
	value := p.value(t.value)
	var f *fault.Flaw
	shows := true
	switch t.kind {
	case link:
		f = p.checkLink(t, value)
	case emoji:
		f = checkEmoji(t, value)
	case moment:
		shows, f = p.checkTime(t, value)
	}
	if f != nil || !shows {
		return f
	}
	m := mark{
		kind: t.kind, tag: t.tag, at: t.at, start: t.source, end: end,
		shown: span{t.start, len(p.shown)}, written: span{t.written, p.written},
	}
	if p.Strict {
		if f := p.checkMark(m); f != nil {
			return f
		}
	}
	p.marks, p.marked = append(p.marks, m), p.marked|m.kind
	if !m.shown.empty() {
		p.first = min(p.first, t.start)
	}
	return nil
}

// checkEmoji refuses what is not the number of an emoji, in its one spelling
// (TDLib, to_integer_safe).
func checkEmoji(t openTag, value []byte) *fault.Flaw {
	if id, err := strconv.ParseInt(string(value), 10, 64); err != nil || id == 0 || strconv.FormatInt(id, 10) != string(value) {
		return fault.Flawf(t.at, "html_emoji_invalid", `<tg-emoji> needs the number of an emoji: emoji-id="…"`)
	}
	return nil
}

// checkTime refuses a format that Telegram does not know (TDLib,
// FormattedDate::get_date_flags). Without a time that is one, Telegram shows the
// text of the tag alone.
func (p *Parser) checkTime(t openTag, value []byte) (shows bool, f *fault.Flaw) {
	format := string(p.value(t.format))
	if format != "r" && format != "R" && strings.Trim(format, "tTdDwW") != "" {
		return false, fault.Flawf(t.at, "html_time_invalid",
			`the format of a <tg-time> is r, or some of the letters w d D t T; "%s" is none`, fault.Snippet(format))
	}
	at, err := strconv.ParseInt(string(value), 10, 32)
	if shows = err == nil && at > 0; !shows && p.Strict {
		return false, fault.Flawf(t.at, "html_time_invalid", `<tg-time> needs a Unix time in seconds: unix="…"`)
	}
	return shows, nil
}

// checkLink refuses a link whose address Telegram would drop.
func (p *Parser) checkLink(t openTag, address []byte) *fault.Flaw {
	if !p.Strict || p.CheckAddress == nil {
		return nil
	}
	if len(address) == 0 {
		address = p.shown[t.start:]
	}
	if reason := p.CheckAddress(string(address)); reason != "" {
		return fault.Flawf(t.at, "link_invalid", "%s", reason)
	}
	return nil
}
