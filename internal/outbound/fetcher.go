// Package outbound calls servers that other people name, apart from Telegram: a
// [Caller] posts to the systems of the installation's owners, a [Fetcher] fetches
// files from public addresses that customers name, [Issuers] ask the providers by which
// people sign in.
package outbound

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"syscall"
	"time"

	"bellman/internal/fault"
)

// Fetcher fetches files from addresses that customers name. It connects to public
// hosts only, unless the owner of the installation says otherwise, so that nobody
// can reach the network around the server through it: every address is checked when
// it is dialled, whatever name or redirect led there. It is safe for concurrent use.
type Fetcher struct {
	http *http.Client
}

// Time limits.
const (
	dialTimeout   = 10 * time.Second
	headerTimeout = time.Minute
)

// maxRedirects is how many redirects are followed.
const maxRedirects = 5

// NewFetcher returns a fetcher that connects to the addresses that allowed accepts:
// [Public], or [PublicOrPrivate] where the owner allows it.
func NewFetcher(allowed func(netip.Addr) bool) *Fetcher {
	return &Fetcher{&http.Client{
		// No proxy: its address would be the one that is checked.
		Transport: &http.Transport{
			DialContext: dialer(allowed).DialContext, TLSHandshakeTimeout: dialTimeout, ResponseHeaderTimeout: headerTimeout,
			DisableKeepAlives: true,
		},
		CheckRedirect: func(r *http.Request, before []*http.Request) error {
			if len(before) > maxRedirects {
				return invalid("the link leads from one address to the next, and on")
			}
			return check(r.URL)
		},
	}}
}

// dialer returns one that connects to the addresses that allowed accepts, whatever
// name led to them.
func dialer(allowed func(netip.Addr) bool) *net.Dialer {
	return &net.Dialer{Timeout: dialTimeout, Control: func(_, address string, _ syscall.RawConn) error {
		to, err := netip.ParseAddrPort(address)
		if err != nil || !allowed(to.Addr().Unmap().WithZone("")) {
			return errPrivate
		}
		return nil
	}}
}

func invalid(format string, args ...any) error {
	return fault.New(fault.Invalid, "link_invalid", format, args...).In("link")
}

var errPrivate = errors.New("outbound: the host is in a private network")

// maxLink is the longest link, in bytes.
const maxLink = 2000

// Check returns an Invalid fault unless the link is an http or https address
// with a host.
func (f *Fetcher) Check(link string) error {
	u, err := url.Parse(link)
	if err != nil || len(link) > maxLink {
		return invalid("this is not the address of a file")
	}
	return check(u)
}

func check(u *url.URL) error {
	if u.Scheme != "http" && u.Scheme != "https" || u.Hostname() == "" {
		return invalid("write an address that begins with https:// or http://")
	}
	return nil
}

// Open returns the content of the file at the link; a user and a password in it are
// sent. After most bytes, the content ends with an Invalid fault. A malformed link,
// a private host and any status but 200 are Invalid; a host that does not answer,
// or that answers 429 or 5xx, is Unavailable. No error contains the link, which may
// contain a password.
func (f *Fetcher) Open(ctx context.Context, link string, most int64) (io.ReadCloser, error) {
	if err := f.Check(link); err != nil {
		return nil, err
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, link, http.NoBody)
	if err != nil {
		return nil, invalid("this is not the address of a file")
	}
	r.Header.Set("User-Agent", "Bellman")
	answer, err := f.http.Do(r)
	if err != nil {
		return nil, failure(err)
	}
	switch {
	case answer.StatusCode == http.StatusOK && answer.ContentLength <= most:
		return &limited{answer.Body, most, most}, nil
	case answer.StatusCode == http.StatusOK:
		err = tooLarge(most)
	case answer.StatusCode == http.StatusTooManyRequests || answer.StatusCode >= http.StatusInternalServerError:
		err = unavailable(fmt.Sprintf("the host of the file answers with status %d", answer.StatusCode), nil)
	default:
		err = invalid("the host of the file answers with status %d", answer.StatusCode)
	}
	return nil, errors.Join(err, answer.Body.Close())
}

// failure returns the fault for a call without an answer, without its link.
func failure(err error) error {
	if f, ok := errors.AsType[*fault.Error](err); ok {
		return f
	}
	if errors.Is(err, errPrivate) {
		return invalid("the host of the file is in a private network or is a cloud's own: files are fetched from public hosts, and from " +
			"private networks with --allow-private-hosts; the file itself can be sent to /manage/v1/imports")
	}
	if u, ok := errors.AsType[*url.Error](err); ok {
		err = u.Err
	}
	return unavailable("the host of the file does not answer", err)
}

func unavailable(text string, cause error) error {
	return fault.New(fault.Unavailable, "link_unavailable", "%s", text).In("link").Because(cause)
}

func tooLarge(most int64) error {
	return fault.New(fault.Invalid, "file_too_large", "the file is larger than %d MiB: send it in parts", most>>20).In("link")
}

// limited is content that ends with a fault when it is too long.
type limited struct {
	io.ReadCloser
	left, most int64
}

// Read implements io.Reader.
func (l *limited) Read(b []byte) (int, error) {
	if int64(len(b)) > l.left+1 {
		b = b[:l.left+1]
	}
	n, err := l.ReadCloser.Read(b)
	if int64(n) > l.left {
		return 0, tooLarge(l.most)
	}
	l.left -= int64(n)
	if err != nil && !errors.Is(err, io.EOF) {
		err = unavailable("the host of the file broke off", err)
	}
	return n, err
}
