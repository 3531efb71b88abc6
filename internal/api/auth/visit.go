package auth

import (
	"context"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"time"

	"bellman/internal/access"
	"bellman/internal/api/request"
	"bellman/internal/fault"
)

// Visit is the browser behind a request, as far as signing in needs to know it.
type Visit struct {
	access.Visit
	// Base is the address under which the browser reaches this server, without a slash at
	// its end.
	Base string
	// Errand is what the browser has kept of its way to a provider; it may be anything.
	Errand string
	// secure says that the browser speaks HTTPS, local that it speaks to its own machine.
	secure, local bool
}

type visitKey struct{}

// VisitOf returns the visit of a request that [Door.Person] has seen.
func VisitOf(ctx context.Context) Visit {
	v, _ := ctx.Value(visitKey{}).(Visit)
	return v
}

// The cookies. Those with the prefix are set by this very host over HTTPS alone, and sent
// to no other one (RFC 6265bis, section 4.1.3.2); browsers take them there alone.
const (
	sessionCookie = "bellman"
	deviceCookie  = "bellman-device"
	errandCookie  = "bellman-errand"
	hostPrefix    = "__Host-"
)

// deviceLasts is for how long a browser is known as one in which somebody has signed in.
const deviceLasts = 365 * 24 * time.Hour

var errPlain = fault.New(fault.Forbidden, "https_needed",
	"sign in over HTTPS: on the way to this address, anybody may read a password; http:// is for localhost alone. "+
		"A proxy that has the certificate says so in X-Forwarded-Proto, and is named in --trusted-proxies")

func (d *Door) visit(r *http.Request) Visit {
	v := Visit{Base: "http://" + r.Host, secure: d.secure(r), local: local(r)}
	if v.secure {
		v.Base = "https://" + r.Host
	}
	v.Address, v.Agent = network(request.Client(r)).String(), strings.ToValidUTF8(r.UserAgent(), "")
	v.Device, v.Errand = v.read(r, deviceCookie), v.read(r, errandCookie)
	return v
}

// secure reports whether the browser speaks HTTPS: to us, to a proxy that we trust, or to
// the host of the public address, if that is one of HTTPS.
func (d *Door) secure(r *http.Request) bool {
	if r.TLS != nil {
		return true
	}
	if scheme, known := request.Scheme(r); known {
		return scheme == "https"
	}
	public, err := url.Parse(d.public)
	return err == nil && public.Scheme == "https" && strings.EqualFold(public.Host, r.Host)
}

// local reports whether a request was sent to the machine that the browser is on.
func local(r *http.Request) bool {
	u := url.URL{Host: r.Host}
	host := u.Hostname()
	if strings.EqualFold(host, "localhost") || strings.HasSuffix(strings.ToLower(host), ".localhost") {
		return true
	}
	address, err := netip.ParseAddr(host)
	return err == nil && address.IsLoopback()
}

func (v Visit) name(cookie string) string {
	if v.secure {
		return hostPrefix + cookie
	}
	return cookie
}

func (v Visit) read(r *http.Request, cookie string) string {
	if !v.secure && !v.local {
		return ""
	}
	c, err := r.Cookie(v.name(cookie))
	if err != nil {
		return ""
	}
	return c.Value
}

func (d *Door) token(r *http.Request) string { return VisitOf(r.Context()).read(r, sessionCookie) }

// Check returns a Forbidden fault where a password could be read on its way.
func (v Visit) Check() error {
	if v.secure || v.local {
		return nil
	}
	return errPlain
}

func (v Visit) cookie(name, value string, lasts time.Duration) http.Cookie {
	seconds := int(lasts.Seconds())
	if value == "" {
		seconds = -1
	}
	return http.Cookie{
		Name: v.name(name), Value: value, Path: "/", MaxAge: seconds, HttpOnly: true, Secure: v.secure, SameSite: http.SameSiteStrictMode,
	}
}

// Cookies returns what the browser keeps of an entry.
func (v Visit) Cookies(e access.Entry) []http.Cookie {
	return []http.Cookie{
		v.cookie(sessionCookie, e.Token, access.Lasting), v.cookie(deviceCookie, e.Device, deviceLasts),
	}
}

// Depart returns what the browser keeps while it is at a provider. It is not sent with the
// provider's answer, which comes from another site, but with the call of the page that gets
// it.
func (v Visit) Depart(errand string) http.Cookie {
	return v.cookie(errandCookie, errand, access.ErrandLasts)
}

// Return returns what makes the browser forget that it was at a provider.
func (v Visit) Return() http.Cookie { return v.cookie(errandCookie, "", 0) }

// Leave returns what makes the browser forget its session.
func (v Visit) Leave() []http.Cookie { return []http.Cookie{v.cookie(sessionCookie, "", 0)} }
