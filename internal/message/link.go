package message

import (
	"cmp"
	"fmt"
	"net/netip"
	"strconv"
	"strings"

	"bellman/internal/fault"
	"bellman/internal/message/markup"
)

// maxAddress is the longest address of a link, in bytes: what browsers and
// servers are sure to take.
const maxAddress = 2048

// address is a link taken apart as Telegram does it (TDLib:
// LinkManager::check_link_impl, and parse_url in HttpUrl.cpp).
type address struct {
	// scheme is http, https, tg, ton or tonsite.
	scheme string
	// user is what stands before the @, without it.
	user string
	// host is in lower case, without its port; an IPv6 address has its brackets.
	host string
	// port is empty when none is written.
	port string
	// path is what comes after, with query and fragment.
	path string
}

// String returns the address in the form in which Telegram opens it.
func (a address) String() string {
	full := a.scheme + "://"
	if a.user != "" {
		full += a.user + "@"
	}
	full += a.host
	if a.port != "" {
		full += ":" + a.port
	}
	return full + a.path
}

// parseAddress takes an address apart. When Telegram would not open it, reason
// says why, for an author. Telegram trims nothing: see [markup.TrimAddress].
func parseAddress(text string) (a address, reason string) {
	if text == "" {
		return a, "the link has no address"
	}
	scheme, rest := cutScheme(text)
	a.scheme = scheme
	switch scheme {
	case "tg", "ton", "tonsite":
		a.host, a.path = cutAuthority(strings.TrimPrefix(rest, "//"))
		a.path = strings.TrimPrefix(openedPath(a.path), "/")
		if !strings.HasPrefix(a.path, "?") {
			a.path = "/" + a.path
		}
		return a, cmp.Or(checkInternal(scheme, a.host), a.checkLength())
	case "":
		a.scheme = "http"
	case "http", "https":
		var ok bool
		if rest, ok = strings.CutPrefix(rest, "//"); !ok {
			return a, "write the address as " + scheme + "://…"
		}
	default:
		return a, `"` + fault.Snippet(scheme) + `:" is not a kind of address that Telegram opens; use https, http, tg or ton`
	}
	site, path := cutAuthority(rest)
	a.path = openedPath(path)
	if i := strings.LastIndexAny(site, ":]@"); i > 0 && site[i] == ':' {
		port, err := strconv.ParseUint(site[i+1:], 10, 16)
		if err != nil || port == 0 {
			return a, `"` + fault.Snippet(site[i+1:]) + `" is not a port`
		}
		a.port, site = strconv.FormatUint(port, 10), site[:i]
	}
	if i := strings.LastIndexByte(site, '@'); i >= 0 {
		a.user, site = site[:i], site[i+1:]
	}
	a.host = lowerASCII(site)
	return a, cmp.Or(checkHost(a.host), checkUser(a.user), a.checkLength())
}

// cutScheme takes a scheme off and lowers it. A domain with a port is none:
// "example.com:8080".
func cutScheme(text string) (scheme, rest string) {
	scheme, rest, ok := strings.Cut(text, ":")
	if !ok || scheme == "" || strings.Trim(strings.ToLower(scheme), letters+digits+"+-.") != "" {
		return "", text
	}
	if site, _ := cutAuthority(rest); isDigits(site) {
		return "", text
	}
	return strings.ToLower(scheme), rest
}

// cutAuthority cuts an address before its path, query or fragment.
func cutAuthority(rest string) (site, path string) {
	if i := strings.IndexAny(rest, "/?#"); i >= 0 {
		return rest[:i], rest[i:]
	}
	return rest, ""
}

// openedPath returns a path as Telegram opens it: white space is taken off its
// end and escaped elsewhere, and nothing else is touched, a bare % neither.
func openedPath(path string) string {
	path = strings.TrimRight(path, " \t\r\n\v\x00")
	if !strings.HasPrefix(path, "/") {
		path = "/" + path
	}
	if !strings.ContainsFunc(path, func(r rune) bool { return r <= ' ' }) {
		return path
	}
	const hex = "0123456789ABCDEF"
	var b strings.Builder
	for i := range len(path) {
		if c := path[i]; c > ' ' {
			b.WriteByte(c)
		} else {
			b.Write([]byte{'%', hex[c>>4], hex[c&15]})
		}
	}
	return b.String()
}

func checkHost(host string) (reason string) {
	switch {
	case host == "", host[0] == ':':
		return "the address has no host"
	case strings.HasPrefix(host, "["):
		inside, closed := strings.CutSuffix(host[1:], "]")
		if ip, err := netip.ParseAddr(inside); err != nil || !closed || !ip.Is6() || ip.Zone() != "" {
			return `"` + fault.Snippet(host) + `" is not an IPv6 address`
		}
		return ""
	case host == "." || !strings.Contains(host, "."):
		return `"` + fault.Snippet(host) + `" is not the name of a site; write all of it, such as example.com`
	}
	// Telegram takes an escaped character in a host. What stands so is a value that
	// was to bring a whole address, in the middle of one.
	if wrong := disallowed(host, "", false); wrong != "" {
		return `the name of a site cannot have "` + fault.Snippet(wrong) + `" in it`
	}
	return ""
}

func checkUser(user string) (reason string) {
	if wrong := disallowed(user, ":", true); wrong != "" {
		return fmt.Sprintf(`what stands before the last @ cannot have "%s" in it; write %%%02X`, fault.Snippet(wrong), wrong[0])
	}
	return ""
}

// disallowed returns the first character that a host or a user cannot have; extra
// ones are allowed too, and escaped ones if they are to be.
func disallowed(part, extra string, escaped bool) string {
	for i := 0; i < len(part); i++ {
		switch c := part[i]; {
		case c >= 0x80 || strings.IndexByte(letters+capitals+digits+"-._~!$&'()*+,;="+extra, c) >= 0:
		case c == '%' && escaped && len(part) > i+2 && isHex(part[i+1]) && isHex(part[i+2]):
			i += 2
		default:
			return part[i : i+1]
		}
	}
	return ""
}

func (a address) checkLength() (reason string) {
	if len(a.scheme)+len("://")+len(a.user)+len(a.host)+len(a.port)+len(a.path) > maxAddress {
		return "the address has more than " + strconv.Itoa(maxAddress) + " bytes; shorten it"
	}
	return ""
}

// checkInternal checks what follows the scheme of a link that Telegram opens
// itself.
func checkInternal(scheme, host string) (reason string) {
	if host == "" {
		return "write what the " + scheme + ": link opens"
	}
	allowed := letters + capitals + digits + "-_"
	if scheme == "tonsite" {
		allowed += "."
	}
	if strings.Trim(host, allowed) != "" || host == "." {
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
	for _, own := range []string{"t.me", "telegram.me", "telegram.dog"} {
		if a.host == own || strings.HasSuffix(a.host, "."+own) {
			return true
		}
	}
	return false
}

// isPublic tells that a host looks like one that can be reached from outside.
func (a address) isPublic() bool {
	name := strings.TrimSuffix(a.host, ".")
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

// tracked returns the address of a link whose clicks can be counted, in the form
// in which Telegram opens it.
func tracked(text string) (target string, ok bool) {
	a, reason := parseAddress(text)
	if reason != "" || a.isTelegram() {
		return "", false
	}
	return a.String(), true
}

// WebAddress returns the http or https address that Telegram opens for a link
// with this address: with its scheme, its host in lower case, a path, and white
// space escaped; a host in another script and a bare % stay. The second result
// is false for an address that Telegram does not open, or opens itself.
func WebAddress(address string) (string, bool) {
	a, reason := parseAddress(markup.TrimAddress(address))
	if reason != "" || a.scheme != "http" && a.scheme != "https" {
		return "", false
	}
	return a.String(), true
}

// The characters of names, for [strings.Trim].
const (
	digits   = "0123456789"
	letters  = "abcdefghijklmnopqrstuvwxyz"
	capitals = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
)

func isDigits(s string) bool { return s != "" && strings.Trim(s, digits) == "" }

func isHex(c byte) bool { return strings.IndexByte(digits+"abcdefABCDEF", c) >= 0 }

// lowerASCII lowers the letters that Telegram lowers in a host.
func lowerASCII(s string) string {
	return strings.Map(func(r rune) rune {
		if r >= 'A' && r <= 'Z' {
			return r | 0x20
		}
		return r
	}, s)
}
