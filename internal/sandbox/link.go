package sandbox

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// checkLink checks whether Telegram accepts an address as a link, and returns it in Telegram's form: scheme and host in
// lower case, http where none was given, a path at least "/". Links of Telegram itself (tg, ton, tonsite) count. The
// error reads "URL '…' is invalid: why".
func checkLink(address string, httpsOnly bool) (string, error) {
	link, err := normalLink(strings.TrimSpace(address), httpsOnly)
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
	if internal, rest, ok := telegramScheme(address); ok {
		if httpsOnly {
			return "", errNotHTTPS
		}
		return telegramLink(internal, rest)
	}
	scheme, rest, err := splitScheme(address)
	if err != nil {
		return "", err
	}
	if httpsOnly && scheme != "https" {
		return "", errNotHTTPS
	}
	host, path := rest, ""
	if i := strings.IndexAny(rest, "/?#"); i >= 0 {
		host, path = rest[:i], rest[i:]
	}
	user := ""
	if i := strings.LastIndexByte(host, '@'); i >= 0 {
		user, host = host[:i+1], host[i+1:]
	}
	host, err = checkHost(host)
	if err != nil {
		return "", err
	}
	if strings.ContainsAny(user+path, " \t\r\n\x00") {
		return "", errWrongLink
	}
	if !strings.HasPrefix(path, "/") {
		path = "/" + path
	}
	return scheme + "://" + user + host + path, nil
}

// splitScheme splits off the scheme; an address without one is http.
func splitScheme(address string) (scheme, rest string, err error) {
	scheme, rest, ok := strings.Cut(address, "://")
	if !ok || strings.ContainsAny(scheme, "/?#") {
		return "http", address, nil
	}
	switch scheme = strings.ToLower(scheme); scheme {
	case "http", "https":
		return scheme, rest, nil
	}
	return "", "", errors.New("Unsupported URL protocol")
}

// checkHost checks a host with an optional port and returns it lowered.
func checkHost(host string) (string, error) {
	name, port := host, ""
	if i := strings.LastIndexByte(host, ':'); i >= 0 && i > strings.LastIndexByte(host, ']') {
		name, port = host[:i], host[i+1:]
		n, err := strconv.ParseUint(port, 10, 64)
		if err != nil || n == 0 || n > 65535 {
			return "", errors.New("Wrong port number specified in the URL")
		}
		port = ":" + strconv.FormatUint(n, 10)
	}
	switch {
	case name == "":
		return "", errors.New("URL host is empty")
	case name == ".":
		return "", errors.New("Wrong URL host")
	case strings.HasPrefix(name, "["):
		if !strings.HasSuffix(name, "]") || strings.Trim(name[1:len(name)-1], "0123456789abcdefABCDEF:.") != "" {
			return "", errors.New("Wrong IPv6 address specified in the URL")
		}
	case !strings.Contains(name, "."):
		return "", errWrongLink
	}
	for _, c := range []byte(name) {
		if c <= ' ' || strings.IndexByte("%<>\"'`\\^{}|", c) >= 0 {
			return "", errors.New("Disallowed character in URL host")
		}
	}
	return strings.ToLower(name) + port, nil
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

func telegramLink(scheme, rest string) (string, error) {
	host, path := rest, ""
	if i := strings.IndexAny(rest, "/?#"); i >= 0 {
		host, path = rest[:i], rest[i:]
	}
	if host == "" {
		return "", errors.New("URL host is empty")
	}
	for _, c := range []byte(host) {
		// A ton site's host is a domain; a tg link's is a word.
		if !isAlnum(c) && c != '-' && c != '_' && (c != '.' || scheme != "tonsite") {
			return "", errWrongLink
		}
	}
	if trimmed := strings.TrimPrefix(path, "/"); strings.HasPrefix(trimmed, "?") {
		path = trimmed
	}
	if path == "" {
		path = "/"
	}
	return scheme + "://" + strings.ToLower(host) + path, nil
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
