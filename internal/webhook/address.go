package webhook

import (
	"net/url"
	"strings"
	"unicode"
	"unicode/utf8"

	"bellman/internal/fault"
)

// The longest parts of an address, in bytes.
const (
	maxURL   = 2048
	maxLogin = 256
)

// cleanAddress returns the address as it is stored, or Invalid. Addresses inside
// the operator's own network are allowed: that is where the owners' systems are.
func cleanAddress(a Address) (Address, error) {
	a.URL = strings.TrimSpace(a.URL)
	u, err := url.Parse(a.URL)
	if err != nil || (u.Scheme != "http" && u.Scheme != "https") || u.Hostname() == "" || u.Fragment != "" ||
		len(a.URL) > maxURL || !utf8.ValidString(a.URL) || strings.ContainsFunc(a.URL, unicode.IsSpace) {
		return a, fault.New(fault.Invalid, "webhook_url_invalid",
			"write an http or https address of up to %d bytes, such as https://shop.example/bellman", maxURL).In("url")
	}
	if u.User != nil {
		return a, fault.New(fault.Invalid, "webhook_url_invalid",
			"write the login and the password into their own fields, not into the address").In("url")
	}
	switch {
	case !writable(a.Login) || strings.Contains(a.Login, ":"):
		return a, fault.New(fault.Invalid, "webhook_login_invalid",
			"write a login of up to %d bytes, without a colon and control characters", maxLogin).In("login")
	case !writable(a.Password):
		return a, fault.New(fault.Invalid, "webhook_password_invalid",
			"write a password of up to %d bytes, without control characters", maxLogin).In("password")
	case a.Login == "" && a.Password != "":
		return a, fault.New(fault.Invalid, "webhook_login_missing", "a password needs a login").In("login")
	}
	return a, nil
}

// writable reports whether a login or password can be written in a Basic header
// (RFC 7617 §2).
func writable(text string) bool {
	return len(text) <= maxLogin && utf8.ValidString(text) && !strings.ContainsFunc(text, unicode.IsControl)
}

// unshared returns a Conflict when one of the webhooks has the address.
func unshared(address string, others []Webhook) error {
	for _, other := range others {
		if canonical(other.URL) == canonical(address) {
			return fault.New(fault.Conflict, "webhook_address_taken",
				"the webhook %q (%d) has this address already: change its statuses instead", other.Name, other.ID).In("url")
		}
	}
	return nil
}

// canonical returns a clean address as two that lead to the same place are equal
// (RFC 3986 §6.2.2.1, §6.2.3).
func canonical(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return address
	}
	u.Host = strings.ToLower(u.Host)
	if port := u.Port(); u.Scheme == "http" && port == "80" || u.Scheme == "https" && port == "443" {
		u.Host = strings.TrimSuffix(u.Host, ":"+port)
	}
	if u.Path == "" {
		u.Path = "/"
	}
	return u.String()
}

// server returns the scheme and host of an address, without what may be secret in it.
func server(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return ""
	}
	return u.Scheme + "://" + u.Host
}

// sameServer reports whether two addresses are on one server. Both are clean.
func sameServer(a, b string) bool {
	x, errX := url.Parse(a)
	y, errY := url.Parse(b)
	return errX == nil && errY == nil && x.Scheme == y.Scheme && strings.EqualFold(x.Host, y.Host)
}
