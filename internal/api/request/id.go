// Package request names each HTTP request, so that an answer and the lines of the log
// about it can be found by each other.
package request

import (
	"context"
	"log/slog"
	"net/http"
	"net/netip"
	"regexp"
)

// Header is where a request's id stands: in every answer, and in the request when its
// client, or a proxy before it, has named it already.
const Header = "X-Request-Id"

// wellFormed is what is taken over from a client: what no log can be forged with.
var wellFormed = regexp.MustCompile(`^[A-Za-z0-9._:/+=@-]{1,128}$`)

// identity is what a request is known by.
type identity struct {
	id      string
	proxies []netip.Prefix
}

type identityKey struct{}

// ID returns the id of the request that a context belongs to; empty for none.
func ID(ctx context.Context) string {
	if known, ok := ctx.Value(identityKey{}).(*identity); ok {
		return known.id
	}
	return ""
}

// Identified gives each request an id, and each answer the header with it. The id is
// the one that came with the request when it is well-formed (1 to 128 ASCII letters,
// digits and some signs), else a new one. [Client] believes the proxies.
func Identified(newID func() string, proxies []netip.Prefix, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		id := r.Header.Get(Header)
		if !wellFormed.MatchString(id) {
			id = newID()
		}
		w.Header().Set(Header, id)
		next.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), identityKey{}, &identity{id, proxies})))
	})
}

// LogHandler adds the id of the request, as request, to each line that is logged with
// the context of one.
type LogHandler struct{ slog.Handler }

// Handle implements [slog.Handler].
func (h LogHandler) Handle(ctx context.Context, r slog.Record) error {
	if id := ID(ctx); id != "" {
		r = r.Clone()
		r.AddAttrs(slog.String("request", id))
	}
	return h.Handler.Handle(ctx, r)
}

// WithAttrs implements [slog.Handler].
func (h LogHandler) WithAttrs(attrs []slog.Attr) slog.Handler {
	return LogHandler{h.Handler.WithAttrs(attrs)}
}

// WithGroup implements [slog.Handler].
func (h LogHandler) WithGroup(name string) slog.Handler { return LogHandler{h.Handler.WithGroup(name)} }
