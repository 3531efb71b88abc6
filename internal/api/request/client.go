package request

import (
	"net/http"
	"net/netip"
	"slices"
	"strings"
)

// Client returns the address that a request comes from. When that is a proxy which
// [Identified] was told to trust, it is the rightmost address of X-Forwarded-For that is
// none: what stands to the left of it may be made up. It is not valid when the server
// does not know it.
func Client(r *http.Request) netip.Addr {
	peer, err := netip.ParseAddrPort(r.RemoteAddr)
	if err != nil {
		return netip.Addr{}
	}
	known, _ := r.Context().Value(identityKey{}).(*identity)
	address, hops := peer.Addr().Unmap(), strings.Join(r.Header.Values("X-Forwarded-For"), ",")
	for hops != "" && known != nil && known.trusts(address) {
		at := strings.LastIndexByte(hops, ',')
		hop, err := netip.ParseAddr(strings.TrimSpace(hops[at+1:]))
		if err != nil {
			return address
		}
		address, hops = hop.Unmap(), hops[:max(at, 0)]
	}
	return address
}

func (i *identity) trusts(address netip.Addr) bool {
	return slices.ContainsFunc(i.proxies, func(p netip.Prefix) bool { return p.Contains(address) })
}

// Scheme returns by which scheme the client has reached the proxy that [Identified] was
// told to trust, as its X-Forwarded-Proto says. It is not known when the request comes
// from nobody who is trusted.
func Scheme(r *http.Request) (scheme string, known bool) {
	peer, err := netip.ParseAddrPort(r.RemoteAddr)
	i, _ := r.Context().Value(identityKey{}).(*identity)
	if err != nil || i == nil || !i.trusts(peer.Addr().Unmap()) {
		return "", false
	}
	// Of several proxies, the first one speaks to the client; but what stands to the left
	// may be made up, and the last one is ours.
	said := strings.Join(r.Header.Values("X-Forwarded-Proto"), ",")
	scheme = strings.ToLower(strings.TrimSpace(said[strings.LastIndexByte(said, ',')+1:]))
	return scheme, scheme != ""
}
