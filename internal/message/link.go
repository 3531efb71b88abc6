package message

import (
	"strconv"
	"strings"

	"bellman/internal/fault"
)

// maxAddress is the longest address of a link, in bytes: what browsers and
// servers are sure to take.
const maxAddress = 2048

// address is a link taken apart as Telegram does it (TDLib, LinkManager and
// parse_url).
type address struct {
	// scheme is http, https, tg, ton or tonsite.
	scheme string
	// host is as written, with its port.
	host string
	// full is the whole, with its scheme.
	full string
}

// parseAddress takes an address apart. When Telegram would not open it, reason
// says why, for an author.
func parseAddress(text string) (a address, reason string) {
	text = strings.TrimSpace(text)
	if text == "" {
		return a, "the link has no address"
	}
	if len(text) > maxAddress {
		return a, "the address has more than " + strconv.Itoa(maxAddress) + " bytes; shorten it"
	}
	scheme, rest := cutScheme(text)
	a.scheme, a.full = scheme, text
	switch scheme {
	case "tg", "ton", "tonsite":
		return a, checkInternal(scheme, strings.TrimPrefix(rest, "//"))
	case "":
		a.scheme, a.full = "http", "http://"+text
	case "http", "https":
		var ok bool
		if rest, ok = strings.CutPrefix(rest, "//"); !ok {
			return a, "write the address as " + scheme + "://…"
		}
	default:
		return a, `"` + fault.Snippet(scheme) + `:" is not a kind of address that Telegram opens; use https, http, tg or ton`
	}
	site := authority(rest)
	a.host = site[strings.LastIndexByte(site, '@')+1:]
	if reason := checkHost(a.host); reason != "" {
		return a, reason
	}
	if strings.ContainsAny(rest, " \t\r\n\x00") {
		return a, "an address has no spaces in it; write %20"
	}
	return a, ""
}

// cutScheme takes a scheme off and lowers it. A domain with a port is none:
// "example.com:8080".
func cutScheme(text string) (scheme, rest string) {
	scheme, rest, ok := strings.Cut(text, ":")
	if !ok || scheme == "" || strings.Trim(strings.ToLower(scheme), letters+digits+"+-.") != "" {
		return "", text
	}
	if isDigits(authority(rest)) {
		return "", text
	}
	return strings.ToLower(scheme), rest
}

// authority returns what stands before the path, the query and the fragment.
func authority(rest string) string {
	if i := strings.IndexAny(rest, "/?#"); i >= 0 {
		return rest[:i]
	}
	return rest
}

func checkHost(host string) (reason string) {
	name := host
	if i := strings.LastIndexByte(host, ':'); i >= 0 && i > strings.LastIndexByte(host, ']') {
		name = host[:i]
		if port, err := strconv.ParseUint(host[i+1:], 10, 16); err != nil || port == 0 {
			return `"` + fault.Snippet(host[i+1:]) + `" is not a port`
		}
	}
	switch {
	case name == "":
		return "the address has no host"
	case strings.HasPrefix(name, "["):
		if !strings.HasSuffix(name, "]") || strings.Trim(name[1:len(name)-1], "0123456789abcdefABCDEF:.") != "" {
			return `"` + fault.Snippet(name) + `" is not an IPv6 address`
		}
	case name == "." || !strings.Contains(name, "."):
		return `"` + fault.Snippet(name) + `" is not the name of a site; write all of it, such as example.com`
	}
	for _, c := range []byte(name) {
		if c <= ' ' || strings.IndexByte("%<>\"'`\\^{}|", c) >= 0 {
			return `the name of a site cannot have "` + string(rune(c)) + `" in it`
		}
	}
	return ""
}

// checkInternal checks what follows the scheme of a link that Telegram opens
// itself.
func checkInternal(scheme, rest string) (reason string) {
	host := authority(rest)
	if host == "" {
		return "write what the " + scheme + ": link opens"
	}
	allowed := letters + strings.ToUpper(letters) + digits + "-_"
	if scheme == "tonsite" {
		allowed += "."
	}
	if strings.Trim(host, allowed) != "" {
		return `"` + fault.Snippet(host) + `" is nothing that a ` + scheme + `: link opens`
	}
	return ""
}

// isTelegram tells that the link leads into Telegram, where nobody could count
// clicks without taking its reader out of it first.
func (a address) isTelegram() bool {
	if a.scheme != "http" && a.scheme != "https" {
		return true
	}
	name, _, _ := strings.Cut(strings.ToLower(a.host), ":")
	for _, own := range []string{"t.me", "telegram.me", "telegram.dog"} {
		if name == own || strings.HasSuffix(name, "."+own) {
			return true
		}
	}
	return false
}

// isPublic tells that a host looks like one that can be reached from outside.
func (a address) isPublic() bool {
	name, _, _ := strings.Cut(strings.TrimSuffix(strings.ToLower(a.host), "."), ":")
	for _, inside := range []string{"localhost", "local", "internal", "lan", "home.arpa", "intranet"} {
		if name == inside || strings.HasSuffix(name, "."+inside) {
			return false
		}
	}
	if strings.HasPrefix(name, "[") {
		return false
	}
	if strings.Trim(name, "0123456789.") != "" {
		return true
	}
	first, rest, _ := strings.Cut(name, ".")
	second, _, _ := strings.Cut(rest, ".")
	n, _ := strconv.Atoi(second)
	switch first {
	case "0", "10", "127":
		return false
	case "169":
		return n != 254
	case "172":
		return n < 16 || n > 31
	case "192":
		return n != 168
	}
	return true
}

// tracked returns the address of a link whose clicks can be counted, with its
// scheme.
func tracked(text string) (target string, ok bool) {
	a, reason := parseAddress(text)
	return a.full, reason == "" && !a.isTelegram()
}

// The characters of names, for [strings.Trim].
const (
	digits  = "0123456789"
	letters = "abcdefghijklmnopqrstuvwxyz"
)

func isDigits(s string) bool { return s != "" && strings.Trim(s, digits) == "" }
