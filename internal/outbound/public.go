package outbound

import (
	"net/netip"
	"slices"
)

// reserved are the networks that are not the public Internet, or lead out of it by
// another way, in addition to those that netip knows
// (https://www.iana.org/assignments/iana-ipv4-special-registry,
// https://www.iana.org/assignments/iana-ipv6-special-registry).
var reserved = []netip.Prefix{
	netip.MustParsePrefix("0.0.0.0/8"),
	netip.MustParsePrefix("100.64.0.0/10"), // shared by a provider's customers
	netip.MustParsePrefix("192.0.0.0/24"),
	netip.MustParsePrefix("192.0.2.0/24"),
	netip.MustParsePrefix("192.88.99.0/24"),
	netip.MustParsePrefix("198.18.0.0/15"),
	netip.MustParsePrefix("198.51.100.0/24"),
	netip.MustParsePrefix("203.0.113.0/24"),
	netip.MustParsePrefix("240.0.0.0/4"),
	netip.MustParsePrefix("::/96"), // IPv4 inside IPv6, as the next three
	netip.MustParsePrefix("64:ff9b::/96"),
	netip.MustParsePrefix("64:ff9b:1::/48"),
	netip.MustParsePrefix("2002::/16"),
	netip.MustParsePrefix("100::/64"),
	netip.MustParsePrefix("2001::/23"),
	netip.MustParsePrefix("2001:db8::/32"),
	netip.MustParsePrefix("fec0::/10"),
}

// Public reports whether an address is one of the public Internet.
func Public(a netip.Addr) bool {
	a = a.Unmap()
	if !a.IsGlobalUnicast() || a.IsPrivate() {
		return false
	}
	for _, network := range reserved {
		if network.Contains(a) {
			return false
		}
	}
	return true
}

// guarded are private addresses under which clouds hand keys to their own machines.
// Link-local addresses, among them 169.254.169.254, are not private in this sense.
var guarded = []netip.Addr{netip.MustParseAddr("fd00:ec2::254"), netip.MustParseAddr("100.100.100.200")}

// shared is what providers and private networks over the Internet use (RFC 6598).
var shared = netip.MustParsePrefix("100.64.0.0/10")

// PublicOrPrivate reports whether an address is one of the public Internet, of a
// private network, or of this machine. It is never one that clouds keep for their
// own purposes.
func PublicOrPrivate(a netip.Addr) bool {
	a = a.Unmap()
	private := a.IsPrivate() || a.IsLoopback() || shared.Contains(a)
	return Public(a) || private && !slices.Contains(guarded, a)
}
