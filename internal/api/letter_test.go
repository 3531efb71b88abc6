package api_test

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"regexp"
	"testing"

	"github.com/stretchr/testify/require"

	"bellman/internal/access"
	"bellman/internal/api/apitest"
	"bellman/internal/mail"
	"bellman/internal/mail/mailtest"
	"bellman/internal/workspace"
)

// mailing is an installation with a mail server, and what does what waits to be sent.
func mailing(t *testing.T) (in *apitest.Installation, server *mailtest.Server, flush func()) {
	t.Helper()
	in, server = apitest.New(t), &mailtest.Server{Refused: "refused@people.test"}
	mailer, err := mail.Open("smtp://127.0.0.1:"+server.Open(t, nil), "no-reply@shop.example")
	require.NoError(t, err)
	post := mail.NewPost(slog.New(slog.DiscardHandler))
	in.Config.Mail = &mail.Office{Mailer: mailer, Post: post, Home: "https://home.example"}
	in.Rebuild(t)
	return in, server, func() {
		ctx, stop := context.WithCancel(t.Context())
		stop()
		post.Run(ctx)
	}
}

var linked = regexp.MustCompile(`https://home\.example/start#(\S+)`)

// opened returns the secret of the link in the last letter, which is to somebody.
func opened(t *testing.T, server *mailtest.Server, to string) string {
	t.Helper()
	all := server.Taken()
	require.NotEmpty(t, all)
	last := all[len(all)-1]
	require.Equal(t, to, last.To)
	_, text, _ := last.Parts(t)
	found := linked.FindStringSubmatch(text)
	require.NotNil(t, found, text)
	return found[1]
}

func TestLinksAreSent(t *testing.T) {
	t.Parallel()
	in, server, _ := mailing(t)
	owner := in.Own(t)
	const invitation = `{"email":"new@people.test","role":"writer","send":true}`
	w := owner.Call(http.MethodPost, "/manage/v1/invitations", invitation, "Accept-Language", "uk")
	require.Equal(t, http.StatusCreated, w.Code, w.Body)
	require.NotContains(t, w.Body.String(), "link", "whoever has it could come in")
	subject, _, _ := server.Taken()[0].Parts(t)
	require.Equal(t, "Вас запрошено до default у Bellman", subject)
	joined := in.Stranger()
	w = joined.Call(http.MethodPost, "/manage/v1/links/accept",
		fmt.Sprintf(`{"link":%q,"name":"New","password":%q}`, opened(t, server, "new@people.test"), apitest.Password))
	require.Equal(t, http.StatusCreated, w.Code, w.Body)

	// What the server refuses leaves no invitation that nobody has.
	w = owner.Call(http.MethodPost, "/manage/v1/invitations", `{"email":"refused@people.test","role":"writer","send":true}`)
	require.Equal(t, http.StatusUnprocessableEntity, w.Code, w.Body)
	require.Contains(t, w.Body.String(), "mail_refused")
	w = owner.Call(http.MethodGet, "/manage/v1/invitations", "")
	require.Contains(t, w.Body.String(), `"items":[]`)

	w = joined.Call(http.MethodGet, "/manage/v1/me", "")
	id := int64(apitest.Field[float64](t, w, "id"))
	w = owner.Call(http.MethodPost, fmt.Sprintf("/manage/v1/users/%d/reset", id), `{"send":true}`)
	require.Equal(t, http.StatusCreated, w.Code, w.Body)
	require.NotContains(t, w.Body.String(), "link")
	secret := opened(t, server, "new@people.test")
	w = owner.Call(http.MethodPost, fmt.Sprintf("/manage/v1/users/%d/reset", id), "")
	require.Equal(t, http.StatusCreated, w.Code, w.Body)
	require.Contains(t, w.Body.String(), "/start#")
	require.NotContains(t, w.Body.String(), secret, "the link before is good no more")
}

// Who has forgotten the password has a link sent, wherever the question came from; who has no
// account, or asks too often, has none; and the answers are the same.
func TestForgottenPassword(t *testing.T) {
	t.Parallel()
	in, server, flush := mailing(t)
	p := in.Join(t, workspace.Default, access.Marketer)
	forgot := func(email string) *httptest.ResponseRecorder {
		return in.Stranger().Call(http.MethodPost, "/manage/v1/session/forgotten", fmt.Sprintf(`{"email":%q}`, email), ":host", "evil.example")
	}
	known, unknown := forgot(p.Email), forgot("nobody@people.test")
	require.Equal(t, http.StatusAccepted, known.Code, known.Body)
	require.Equal(t, known.Code, unknown.Code)
	require.Equal(t, known.Body.String(), unknown.Body.String())
	require.Empty(t, server.Taken(), "nobody waits for the mail server")
	flush()
	require.Len(t, server.Taken(), 1)
	secret := opened(t, server, p.Email)
	const fresh = `{"link":%q,"password":"eleven chairs on the moon"}`
	w := in.Stranger().Call(http.MethodPost, "/manage/v1/links/accept", fmt.Sprintf(fresh, secret))
	require.Equal(t, http.StatusCreated, w.Code, w.Body)

	for _, email := range []string{p.Email, "nobody@people.test"} {
		w := forgot(email)
		for range 3 {
			if w.Code == http.StatusAccepted {
				w = forgot(email)
			}
		}
		require.Equal(t, http.StatusTooManyRequests, w.Code, w.Body)
		require.NotEmpty(t, w.Header().Get("Retry-After"))
	}
	require.Equal(t, http.StatusUnprocessableEntity, forgot("no address").Code)
	w = p.Call(http.MethodPost, sessionPath, fmt.Sprintf(`{"email":%q,"password":"eleven chairs on the moon"}`, p.Email))
	require.Equal(t, http.StatusCreated, w.Code, "whoever asks keeps nobody out")

	require.Contains(t, p.Call(http.MethodGet, "/manage/v1/session/providers", "").Body.String(), `"mail":true`, "the page offers it")
	without := apitest.New(t).Stranger()
	require.Contains(t, without.Call(http.MethodGet, "/manage/v1/session/providers", "").Body.String(), `"mail":false`)
	w = without.Call(http.MethodPost, "/manage/v1/session/forgotten", `{"email":"a@people.test"}`)
	require.Equal(t, http.StatusConflict, w.Code, w.Body)
	require.Contains(t, w.Body.String(), "no_mail_server")
}
