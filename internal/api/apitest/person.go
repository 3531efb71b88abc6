package apitest

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"

	"bellman/internal/access"
)

// Password is that of every person of tests.
const Password = "seven lamps under water"

// Person is somebody with a browser on this machine.
type Person struct {
	in    *Installation
	Email string
	// Cookies are what the browser has kept, by their names.
	Cookies map[string]string
}

// Stranger returns a person who has not signed in.
func (in *Installation) Stranger() *Person { return &Person{in: in, Cookies: map[string]string{}} }

// people counts those of all tests, so that no two have the same email.
var people atomic.Int64

// Join returns a person who has a role in a workspace, and has signed in.
func (in *Installation) Join(tb testing.TB, workspaceID int64, role access.Role) *Person {
	tb.Helper()
	p := in.Stranger()
	p.Email = fmt.Sprintf("%s-%d@people.test", role, people.Add(1))
	grant := access.Grant{WorkspaceID: workspaceID, Role: role}
	secret, err := in.Config.People.CreateByCommand(context.Background(), p.Email, string(role), grant)
	require.NoError(tb, err)
	w := p.Call(http.MethodPost, "/manage/v1/links/accept", fmt.Sprintf(`{"link":%q,"password":%q}`, secret, Password))
	require.Equal(tb, http.StatusCreated, w.Code, w.Body)
	return p
}

// Own returns the first user, who may do everything.
func (in *Installation) Own(tb testing.TB) *Person {
	tb.Helper()
	p := in.Stranger()
	p.Email = "owner@people.test"
	who := access.Answer{Name: "Owner", Email: p.Email, Proof: access.Proof{Password: Password}}
	made, err := in.Config.People.MakeOwner(context.Background(), who)
	require.NoError(tb, err)
	require.True(tb, made)
	p.SignIn(tb)
	return p
}

// Enter tries to sign the person in, with a code, which may be empty.
func (p *Person) Enter(code string) *httptest.ResponseRecorder {
	return p.Call(http.MethodPost, "/manage/v1/session", fmt.Sprintf(`{"email":%q,"password":%q,"code":%q}`, p.Email, Password, code))
}

// SignIn signs the person in.
func (p *Person) SignIn(tb testing.TB) {
	tb.Helper()
	w := p.Enter("")
	require.Equal(tb, http.StatusCreated, w.Code, "%s\n%s", w.Body, p.in.Log)
}

// Call sends a request with the person's cookies, its body as JSON, and keeps those of
// the answer. header holds names and values in turn.
func (p *Person) Call(method, path, body string, header ...string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, "http://localhost/", strings.NewReader(body))
	r.URL.Path, r.URL.RawQuery, _ = strings.Cut(path, "?")
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	for name, value := range p.Cookies {
		r.AddCookie(&http.Cookie{Name: name, Value: value})
	}
	setHeader(r, header)
	w := httptest.NewRecorder()
	p.in.Handler.ServeHTTP(w, r)
	for _, c := range w.Result().Cookies() {
		p.Cookies[c.Name] = c.Value
		if c.MaxAge < 0 {
			delete(p.Cookies, c.Name)
		}
	}
	return w
}

// Caller makes a call.
type Caller func(method, path, body string) *httptest.ResponseRecorder

// CallAnew returns [Person.Call] for who signs in again when that is asked for: after a
// call that ended the session, or so late that the password is needed again.
func (p *Person) CallAnew(tb testing.TB) Caller {
	tb.Helper()
	return func(method, path, body string) *httptest.ResponseRecorder {
		w := p.Call(method, path, body)
		late := w.Code == http.StatusForbidden && strings.Contains(w.Body.String(), `"confirm_first"`)
		if w.Code == http.StatusUnauthorized || late {
			p.SignIn(tb)
			w = p.Call(method, path, body)
		}
		return w
	}
}
