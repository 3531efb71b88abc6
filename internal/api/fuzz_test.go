package api_test

import (
	"net/http"
	"strings"
	"testing"

	"bellman/internal/api/apitest"
)

// No cookie opens anything but one that has the token of a session in it, and none upsets the
// server.
func FuzzCookies(f *testing.F) {
	in := apitest.New(f)
	p := in.Own(f)
	token, device := p.Cookies["bellman"], p.Cookies["bellman-device"]
	for _, cookie := range []string{
		"", "bellman=" + token, "bellman=" + token[1:], "bellman=" + strings.ToUpper(token), "bellman=" + token + "x",
		"bellman=x; bellman=" + token, "bellman=\"" + token + "\"", "__Host-bellman=" + token, "bellman-device=" + device + "; bellman=" + token,
		"bellman=%00", "bellman", ";=;",
	} {
		f.Add(cookie)
	}
	f.Fuzz(func(t *testing.T, cookie string) {
		w := in.Call(http.MethodGet, sessionPath, "", "Authorization", "", "Cookie", cookie, ":host", "localhost")
		has := strings.Contains(cookie, "bellman="+token) || strings.Contains(cookie, `bellman="`+token+`"`)
		if w.Code != http.StatusUnauthorized && (w.Code != http.StatusOK || !has) {
			t.Errorf("%q: %d %s", cookie, w.Code, w.Body)
		}
		w = in.Call(http.MethodPost, sessionPath, `{"email":"nobody@people.test","password":"seven lamps under water"}`,
			"Authorization", "", "Cookie", cookie, ":host", "localhost")
		if w.Code != http.StatusUnauthorized && w.Code != http.StatusTooManyRequests {
			t.Errorf("%q: %d %s", cookie, w.Code, w.Body)
		}
	})
}

// Nor does a key that nobody made.
func FuzzKeys(f *testing.F) {
	in := apitest.New(f)
	for _, header := range []string{"Bearer x", "Basic Og==", "Basic dXNlcjpwYXNz", "basic", "Bearer  ", "Digest x", "Bearer blm_x\x00"} {
		f.Add(header)
	}
	f.Fuzz(func(t *testing.T, header string) {
		if header == "" {
			return
		}
		for _, path := range []string{sessionPath, "/v1/version"} {
			w := in.Call(http.MethodGet, path, "", "Authorization", header, "Cookie", "")
			if w.Code != http.StatusUnauthorized && w.Code != http.StatusTooManyRequests {
				t.Errorf("%q: %d %s", header, w.Code, w.Body)
			}
		}
	})
}
