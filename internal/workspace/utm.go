package workspace

import (
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"bellman/internal/fault"
)

// UTM are the parameters that a workspace adds to links when they are
// followed, as they are when the message goes out. Each is a text with [Variables] in it; an empty one is not added.
type UTM struct {
	Source   string `json:"source,omitempty"`
	Medium   string `json:"medium,omitempty"`
	Campaign string `json:"campaign,omitempty"`
	Content  string `json:"content,omitempty"`
	Term     string `json:"term,omitempty"`
}

// DefaultUTM are the parameters of a new workspace: the vendor adds some unless it is
// told not to. A migration writes them.
//
// spec: utm-by-default
var DefaultUTM = UTM{Source: "bellman-$type", Medium: "$mediaType", Campaign: "$messageName", Content: "$contactId"}

// MaxUTM is the longest UTM parameter, in characters, with its variables as
// they are written.
const MaxUTM = 200

// Variables are the variables that a UTM parameter may contain, under the names
// that eSputnik's documentation gives them:
//
//	$type               trigger for a triggered message, promo for a broadcast
//	$mediaType          telegram
//	$messageName        the message's name
//	$messageId          its id
//	$messageTags        its tags, with commas between them
//	$messageLang        the language of the version that holds the link
//	$messageInstanceId  the campaign's id
//	$contactId          the recipient's contact id
//	$dateStart          the day the campaign was launched, in UTC: 2026-03-01
var Variables = []string{
	"$type", "$mediaType", "$messageName", "$messageId", "$messageTags", "$messageLang", "$messageInstanceId",
	"$contactId", "$dateStart",
}

// parameters lists the parameters with their names in an address.
func (u UTM) parameters() [5]struct{ name, text string } {
	return [...]struct{ name, text string }{
		{"utm_source", u.Source}, {"utm_medium", u.Medium}, {"utm_campaign", u.Campaign},
		{"utm_content", u.Content}, {"utm_term", u.Term},
	}
}

// Check returns an Invalid fault for a parameter that is too long, or contains
// control characters or an unknown variable.
func (u UTM) Check() error {
	for _, p := range u.parameters() {
		field := "utm." + strings.TrimPrefix(p.name, "utm_")
		if utf8.RuneCountInString(p.text) > MaxUTM || !utf8.ValidString(p.text) || strings.ContainsFunc(p.text, unicode.IsControl) {
			return fault.New(fault.Invalid, "utm_invalid",
				"write at most %d characters, without line ends", MaxUTM).In(field)
		}
		for text := p.text; text != ""; {
			var variable string
			if _, variable, text = cutVariable(text); variable != "" && !slices.Contains(Variables, variable) {
				return fault.New(fault.Invalid, "utm_variable_unknown",
					"there is no variable %s; there are %s", variable, strings.Join(Variables, ", ")).In(field)
			}
		}
	}
	return nil
}

// cutVariable cuts text around its first variable: a dollar sign and the letters
// after it. A dollar sign without letters stands for itself.
func cutVariable(text string) (before, variable, after string) {
	for from := 0; ; {
		at := strings.IndexByte(text[from:], '$')
		if at < 0 {
			return text, "", ""
		}
		at += from
		end := at + 1
		for end < len(text) && (text[end]|0x20 >= 'a' && text[end]|0x20 <= 'z') {
			end++
		}
		if end > at+1 {
			return text[:at], text[at:end], text[end:]
		}
		from = end
	}
}

// Occasion holds the values of the variables of a [UTM] for one click.
type Occasion struct {
	Triggered   bool
	MessageID   int64
	MessageName string
	MessageTags []string
	Language    string
	CampaignID  int64
	ContactID   int64
	LaunchedAt  time.Time
}

// value returns the value of a variable.
func (o *Occasion) value(variable string) string {
	switch variable {
	case "$type":
		if o.Triggered {
			return "trigger"
		}
		return "promo"
	case "$mediaType":
		return "telegram"
	case "$messageName":
		return o.MessageName
	case "$messageId":
		return strconv.FormatInt(o.MessageID, 10)
	case "$messageTags":
		return strings.Join(o.MessageTags, ",")
	case "$messageLang":
		return o.Language
	case "$messageInstanceId":
		return strconv.FormatInt(o.CampaignID, 10)
	case "$contactId":
		return strconv.FormatInt(o.ContactID, 10)
	case "$dateStart":
		return o.LaunchedAt.UTC().Format(time.DateOnly)
	}
	return variable
}

// fill replaces a text's variables with their values.
func (o *Occasion) fill(text string) string {
	if !strings.Contains(text, "$") {
		return text
	}
	var b strings.Builder
	for text != "" {
		before, variable, after := cutVariable(text)
		b.WriteString(before)
		if variable != "" {
			b.WriteString(o.value(variable))
		}
		text = after
	}
	return b.String()
}

// Add returns the address with the parameters. A parameter that the address has
// already, even with an empty value, stays unchanged and is not added. Nothing else
// of the address changes.
//
// spec: utm-on-click
func (u UTM) Add(address string, o *Occasion) string {
	if u == (UTM{}) {
		return address
	}
	address, fragment, hasFragment := strings.Cut(address, "#")
	path, query, hasQuery := strings.Cut(address, "?")
	b, begin := []byte(address), len(path)+len("?")
	for _, p := range u.parameters() {
		value := o.fill(p.text)
		if value == "" || hasParameter(query, p.name) {
			continue
		}
		switch {
		case !hasQuery:
			b, hasQuery = append(b, '?'), true
		case len(b) > begin && b[len(b)-1] != '&':
			b = append(b, '&')
		}
		b = append(append(b, p.name...), '=')
		b = append(b, url.QueryEscape(value)...)
	}
	if hasFragment {
		b = append(append(b, '#'), fragment...)
	}
	return string(b)
}

// hasParameter reports whether a query has a parameter, in whatever case or
// escaping its name is written.
func hasParameter(query, name string) bool {
	for pair := range strings.SplitSeq(query, "&") {
		key, _, _ := strings.Cut(pair, "=")
		if strings.EqualFold(key, name) {
			return true
		}
		if plain, err := url.QueryUnescape(key); err == nil && strings.EqualFold(plain, name) {
			return true
		}
	}
	return false
}
