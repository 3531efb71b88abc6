package sandbox

import (
	"errors"
	"fmt"
	"net/netip"
	"strconv"
	"strings"
)

// checkLink checks whether Telegram accepts an address as a link, and returns it in Telegram's form: scheme and host in
// lower case, http where none was given, a path at least "/" (TDLib, LinkManager::check_link_impl). Links of Telegram
// itself (tg, ton, tonsite) count. Nothing is trimmed. The error reads "URL '…' is invalid: why".
func checkLink(address string, httpsOnly bool) (string, error) {
	link, err := normalLink(address, httpsOnly)
	if err != nil {
		return "", fmt.Errorf("URL '%s' is invalid: %w", address, err)
	}
	return link, nil
}

var (
	errWrongLink = errors.New("Wrong HTTP URL")
	errNotHTTPS  = errors.New("Only HTTPS links are allowed")
)

func normalLink(address string, httpsOnly bool) (string, error) {
	internal, rest, isInternal := telegramScheme(address)
	if !isInternal {
		rest = address
	}
	link, err := parseLink(rest)
	switch {
	case err != nil:
		return "", err
	case httpsOnly && (isInternal || link.scheme != "https"):
		return "", errNotHTTPS
	case isInternal:
		return link.internal(internal)
	case !link.ipv6 && !strings.Contains(link.host, "."):
		return "", errWrongLink
	}
	return link.String(), nil
}

// webLink is an address taken apart.
type webLink struct {
	scheme string // http or https
	named  bool   // the scheme was written
	user   string
	host   string
	ipv6   bool
	port   string // ":8080"; empty for none
	path   string // with query and fragment; begins with a slash
}

func (l *webLink) String() string {
	user := l.user
	if user != "" {
		user += "@"
	}
	return l.scheme + "://" + user + l.host + l.port + l.path
}

// parseLink takes an address apart (TDLib, HttpUrl.cpp, parse_url).
func parseLink(address string) (l webLink, err error) {
	l.scheme = "http"
	if i := strings.IndexAny(address, ":/?#@[]"); i >= 0 && strings.HasPrefix(address[i:], "://") {
		l.scheme, l.named = lowerString([]byte(address[:i])), true
		if l.scheme != "http" && l.scheme != "https" {
			return l, errors.New("Unsupported URL protocol")
		}
		address = address[i+len("://"):]
	}
	host := address
	if i := strings.IndexAny(address, "/?#"); i >= 0 {
		host, l.path = address[:i], address[i:]
	}
	if i := strings.LastIndexAny(host, ":]@"); i > 0 && host[i] == ':' {
		port, err := strconv.ParseUint(host[i+1:], 10, 16)
		if err != nil || port == 0 {
			return l, errors.New("Wrong port number specified in the URL")
		}
		l.port, host = ":"+strconv.FormatUint(port, 10), host[:i]
	}
	if i := strings.LastIndexByte(host, '@'); i >= 0 {
		l.user, host = host[:i], host[i+1:]
	}
	l.host, l.path = lowerString([]byte(host)), linkPath(l.path)
	return l, l.check()
}

// linkPath trims white space off the end of a path and escapes what is left of it.
func linkPath(path string) string {
	path = strings.TrimRight(path, " \t\r\n\v\x00")
	if !strings.HasPrefix(path, "/") {
		path = "/" + path
	}
	out := make([]byte, 0, len(path))
	for _, c := range []byte(path) {
		if c <= ' ' {
			out = fmt.Appendf(out, "%%%02X", c)
		} else {
			out = append(out, c)
		}
	}
	return string(out)
}

func (l *webLink) check() error {
	switch {
	case l.host == "":
		return errors.New("URL host is empty")
	case l.host[0] == '[' && l.host[len(l.host)-1] == ']':
		ip, err := netip.ParseAddr(strings.Trim(l.host, "[]"))
		if err != nil || !ip.Is6() || ip.Zone() != "" || len(l.host) != len(strings.Trim(l.host, "[]"))+2 {
			return errors.New("Wrong IPv6 address specified in the URL")
		}
		l.ipv6 = true
		return nil
	case l.host == ".":
		return errors.New("Host is invalid")
	}
	if err := checkLinkPart(l.host, "host", ""); err != nil {
		return err
	}
	return checkLinkPart(l.user, "userinfo", ":")
}

// checkLinkPart checks the characters before the path of an address; extra ones are allowed too.
func checkLinkPart(part, name, extra string) error {
	for i := 0; i < len(part); i++ {
		switch c := part[i]; {
		case isAlnum(c) || c >= 0x80 || strings.IndexByte("-._~!$&'()*+,;="+extra, c) >= 0:
		case c != '%':
			return errors.New("Disallowed character in URL " + name)
		case i+2 >= len(part) || hexDigit(part[i+1]) < 0 || hexDigit(part[i+2]) < 0:
			return errors.New("Wrong percent-encoded symbol in URL " + name)
		default:
			i += 2
		}
	}
	return nil
}

// telegramScheme recognises links that Telegram opens itself.
func telegramScheme(address string) (scheme, rest string, ok bool) {
	for _, scheme := range []string{"tg", "ton", "tonsite"} {
		if len(address) > len(scheme) && address[len(scheme)] == ':' && strings.EqualFold(address[:len(scheme)], scheme) {
			return scheme, strings.TrimPrefix(address[len(scheme)+1:], "//"), true
		}
	}
	return "", "", false
}

// internal returns a link that Telegram opens itself; its own scheme is not part of l.
func (l *webLink) internal(scheme string) (string, error) {
	if l.named || l.user != "" || l.port != "" || l.ipv6 {
		return "", errors.New("Wrong " + strings.TrimSuffix(scheme, "site") + " URL")
	}
	for _, c := range []byte(l.host) {
		// A ton site's host is a domain; a tg link's is a word.
		if !isAlnum(c) && c != '-' && c != '_' && (c != '.' || scheme != "tonsite") {
			return "", errors.New("Unallowed characters in URL host")
		}
	}
	path := l.path
	if strings.HasPrefix(path, "/?") {
		path = path[1:]
	}
	return scheme + "://" + l.host + path, nil
}

// linkUser returns the user that a tg://user?id= link names.
func linkUser(address string) (id int64, ok bool) {
	scheme, rest, ok := telegramScheme(address)
	if !ok || scheme != "tg" {
		return 0, false
	}
	host, query, ok := strings.Cut(strings.ToLower(rest), "?")
	if !ok || strings.TrimSuffix(host, "/") != "user" {
		return 0, false
	}
	query, _, _ = strings.Cut(query, "#")
	for part := range strings.SplitSeq(query, "&") {
		if number, found := strings.CutPrefix(part, "id="); found {
			id, err := strconv.ParseInt(number, 10, 64)
			return id, err == nil && id > 0 && id <= maxUserID
		}
	}
	return 0, false
}
