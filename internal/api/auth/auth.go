// Package auth takes the API key from a request, in the two ways that both HTTP
// surfaces accept.
package auth

import (
	"net/http"
	"strings"

	"bellman/internal/access"
)

// Authenticate returns the request with the caller's key in its context, where
// [access.From] finds it. A request without a valid key is Unauthorized, and
// returned unchanged.
func Authenticate(keys *access.Service, r *http.Request) (*http.Request, error) {
	key, err := keys.Authenticate(r.Context(), secret(r))
	if err != nil {
		return r, err
	}
	return r.WithContext(access.With(r.Context(), key)), nil
}

// secret returns the password of Basic auth, for any user, or the Bearer token;
// empty when there is neither.
//
// spec: auth-basic
func secret(r *http.Request) string {
	if _, password, ok := r.BasicAuth(); ok {
		return password
	}
	scheme, token, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	if strings.EqualFold(scheme, "Bearer") {
		return strings.TrimSpace(token)
	}
	return ""
}
