package markup

import (
	"strconv"

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
	return p.close(t)
}

// close makes the entity of a tag that has text in it.
func (p *Parser) close(t openTag) *fault.Flaw {
	value := p.value(t.value)
	switch t.name {
	case "a":
		if f := p.checkLink(t, value); f != nil {
			return f
		}
	case "tg-emoji":
		if id, err := strconv.ParseInt(string(value), 10, 64); err != nil || id == 0 {
			return fault.Flawf(t.at, "html_emoji_invalid", `<tg-emoji> needs the number of an emoji: emoji-id="…"`)
		}
	case "tg-time":
		if _, err := strconv.ParseInt(string(value), 10, 32); err != nil {
			return fault.Flawf(t.at, "html_time_invalid", `<tg-time> needs a Unix time in seconds: unix="…"`)
		}
	}
	if len(p.shown) > t.start {
		p.entities++
		p.first = min(p.first, t.start)
	}
	return nil
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
