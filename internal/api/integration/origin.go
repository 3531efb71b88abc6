package integration

import "net/http"

// allowOrigin lets a page in a browser make the call, as for the vendor's events
// call. The page needs a key of its own: unlike the vendor, Bellman does not allow
// credentials, so that no page can use a key that the browser remembers.
func allowOrigin(w http.ResponseWriter, r *http.Request) {
	origin := r.Header.Get("Origin")
	if origin == "" {
		return
	}
	h := w.Header()
	h.Set("Access-Control-Allow-Origin", origin)
	h.Set("Access-Control-Allow-Methods", "POST, GET, PUT, OPTIONS, DELETE")
	h.Set("Access-Control-Allow-Headers", "Authorization, Content-Type, Idempotency-Key")
	h.Set("Access-Control-Max-Age", "3600")
	h.Add("Vary", "Origin")
}

// forBrowsers reports whether pages of any origin may make the calls at the request's
// address, and so read why one is refused.
//
// spec: out-origin
func (a *API) forBrowsers(r *http.Request) bool {
	_, pattern := a.preflights.Handler(&http.Request{Method: http.MethodOptions, URL: r.URL, Host: r.Host})
	return pattern != ""
}

func preflight(w http.ResponseWriter, r *http.Request) {
	allowOrigin(w, r)
	w.WriteHeader(http.StatusNoContent)
}
