package foreign

import (
	"regexp"
	"strings"
)

var (
	percent  = regexp.MustCompile(`^%([A-Za-z][A-Za-z0-9_.-]*)(?:\|([^%\n\x01]{0,100}))?%`)
	braces   = regexp.MustCompile(`^\{([A-Za-z_][A-Za-z0-9_]*(?:\.[A-Za-z_][A-Za-z0-9_]*)*)\}`)
	mergeTag = regexp.MustCompile(`^\*\|([A-Za-z][A-Za-z0-9_]*)\|\*`)
	escape   = regexp.MustCompile(`^%[0-9A-Fa-f]{2}`)
)

// percent reads %NAME% and %NAME|default%.
func (s *scanner) percent(at int) *piece {
	m := percent.FindStringSubmatch(s.view[at:])
	if m == nil || strings.HasSuffix(s.view[:at], "%") || strings.HasPrefix(s.view[at+len(m[0]):], "%") {
		return nil
	}
	p := s.piece(at, len(m[0]))
	name, hasDefault := m[1], strings.Contains(m[0], "|")
	p.Means, p.Reason = substitute(name, m[2])
	_, known := contactField(name)
	if s.zones[at] == inAddress {
		// %D0%AF encodes a character.
		isEscape := escape.MatchString(m[0]) && escape.MatchString(s.view[at+len(m[0])-1:])
		p.certain = !isEscape && (known || capitals.MatchString(name) && len(name) > 2 || isCompound(name))
	} else {
		ornament := name == "SALE" || name == "OFF"
		p.certain = known || hasDefault || isCompound(name) || strings.Contains(name, ".") || capitals.MatchString(name) && !ornament
	}
	if !p.certain || endsInWord(s.view[:at]) { // 100%NATURAL%
		return nil
	}
	return p
}

// substitute returns what a substitution of a field of the contact is in Liquid.
func substitute(name, otherwise string) (means, reason string) {
	variable, ok := contactField(name)
	if !ok {
		field, _ := propertyOf("data", name)
		return "", "contacts have no such field in messages; send it along in data and write {{ " + field + " }}"
	}
	if otherwise == "" {
		return "{{ " + variable + " }}", ""
	}
	quoted, ok := quote(otherwise)
	if !ok {
		return "", "the default has signs that Liquid cannot write; choose another one"
	}
	return "{{ " + variable + " | default: " + quoted + " }}", ""
}

// braces reads {name}.
func (s *scanner) braces(at int) *piece {
	m := braces.FindStringSubmatch(s.view[at:])
	if m == nil || len(m[1]) < 2 || strings.HasPrefix(s.view[at+len(m[0]):], "}") {
		return nil
	}
	if at > 0 && strings.IndexByte("{$#%@\\", s.view[at-1]) >= 0 {
		return nil
	}
	name := m[1]
	p := s.piece(at, len(m[0]))
	p.Means = s.variable(name)
	_, known := contactField(name)
	lower := len(name) > 2 && strings.ToLower(name) == name
	if p.certain = s.zones[at] == inText && (known || lower || isCompound(name)); !p.certain {
		return nil
	}
	return p
}

// mergeTag reads *|NAME|*.
func (s *scanner) mergeTag(at int) *piece {
	m := mergeTag.FindStringSubmatch(s.view[at:])
	if m == nil {
		return nil
	}
	p := s.piece(at, len(m[0]))
	p.Means, p.certain = s.variable(m[1]), true
	return p
}

// variable returns the output of a contact's field, else of what came with the send.
func (s *scanner) variable(name string) string {
	if variable, ok := contactField(name); ok {
		return "{{ " + variable + " }}"
	}
	return "{{ data." + name + " }}"
}
