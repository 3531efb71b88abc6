package integration_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"bellman/internal/access"
	"bellman/internal/api/apitest"
	"bellman/internal/workspace"
)

// spec: account-info
func TestAccount(t *testing.T) {
	t.Parallel()
	in := apitest.New(t)
	in.Config.Version = "1.2.3"
	in.Rebuild(t)
	scenarios := []apitest.Scenario{
		{Path: "/api/v1/version", Status: 200, Is: `{"version":"1.2.3","protocolVersion":"1.0"}`},
		{Path: "/v2/version/", Status: 200, Is: `{"version":"1.2.3","protocolVersion":"1.0"}`},
		{Path: "/v1/account/info", Status: 200, Is: `{"userEmail":"key-1@bellman.invalid","organisationName":"default","orgId":1}`},
		{Path: "/v1/balance", Status: 200, Is: `{"currentBalance":"0","creditLimit":"0","currency":"USD","bonusEmails":"0","bonusSmses":"0"}`},
		{Path: "/v1/balance/history", Status: 200, Is: `{"currency":"USD","dailyCosts":[]}`},
		{Path: "/v1/workflows", Status: 200, Is: `[]`},
		{Path: "/v1/interfaces/email", Status: 200, Is: `[]`},
		{Path: "/v1/interfaces/sms", Status: 200, Is: `[]`},
		{Method: http.MethodPost, Path: "/v1/auth/token", Body: `{}`, Status: 404, Contains: []string{"API key itself"}},
	}
	for i := range scenarios {
		s := &scenarios[i]
		if s.Name = s.Path; s.Method == "" {
			s.Method = http.MethodGet
		}
	}
	apitest.RunAll(t, in, scenarios)
}

// TestOtherChannels makes a call of each method for each path that the vendor
// documents for other channels than Telegram.
//
// spec: elsewhere
func TestOtherChannels(t *testing.T) {
	t.Parallel()
	in := apitest.New(t)
	lists := map[string]string{
		"callouts/sms": "[]", "messages/email": "[]", "messages/sms": "[]", "messages/viber": "[]", "messages/mobilepush": "[]",
		"messages/appinbox": "[]", "message/email/status": `{"results":[]}`, "message/sms/status": `{"results":[]}`,
		"message/viber/status": `{"results":[]}`, "site/domains": "[]", "site/webpush/domains": `{"domains":[]}`,
		"products/config": `{"feeds":[]}`,
	}
	const only = "Bellman sends through Telegram only: it has no "
	for what, paths := range map[string][]string{
		"e-mails": {"message/email", "message/email/status", "messages/email", "messages/email/5", "messages/email/5/uk",
			"messages/email/5/viewLink"},
		"text messages":      {"message/sms", "message/sms/status", "messages/sms", "messages/sms/5", "messages/sms/5/uk", "callouts/sms"},
		"Viber messages":     {"message/viber", "message/viber/status", "messages/viber", "messages/viber/5", "messages/viber/5/uk"},
		"mobile push":        {"messages/mobilepush", "messages/mobilepush/5", "messages/mobilepush/5/uk"},
		"app inbox messages": {"messages/appinbox", "messages/appinbox/5", "messages/appinbox/5/uk"},
		"web push":           {"site/script", "site/domains", "site/webpush/domains"},
		"promo codes":        {"promocodes", "promocodes/count"},
		"product feeds":      {"products/config"},
		"files for e-mails":  {"preprocessor/file/upload", "preprocessor/file/5", "preprocessor/file/5/status"},
		"recommendations":    {"contacts/recoms/5"},
	} {
		for _, path := range paths {
			for _, prefix := range []string{"/api/v1/", "/v2/"} {
				for _, method := range []string{http.MethodGet, http.MethodPost, http.MethodPut, http.MethodDelete} {
					s := apitest.Scenario{Method: method, Path: prefix + path, Body: "{", Status: 404, Is: only + what,
						Answered: []string{"Content-Type", "text/plain; charset=utf-8"}}
					if empty, ok := lists[path]; ok && method == http.MethodGet {
						s = apitest.Scenario{Method: method, Path: prefix + path, Status: 200, Is: empty}
					}
					s.Check(t, in)
				}
			}
		}
	}
	apitest.Scenario{Method: http.MethodPost, Path: "/v1/message/telegram", Body: `{}`, Status: 404}.Check(t, in)
	r := in.Call(http.MethodGet, "/v1/promocodes", "", "Authorization", "")
	require.Equal(t, http.StatusUnauthorized, r.Code)
}

// TestScopes makes calls of each area with a key of each scope.
//
// spec: auth-scopes
func TestScopes(t *testing.T) {
	t.Parallel()
	in := apitest.New(t)
	keys := map[access.Scope]string{}
	for _, scope := range access.Scopes {
		key, err := in.Config.Keys.CreateKey(t.Context(), workspace.Default, string(scope), scope)
		require.NoError(t, err)
		keys[scope] = key
	}
	all := access.Scopes[:len(access.Scopes)-1] // that for metrics opens nothing here
	full := []access.Scope{access.ScopeInstallation, access.ScopeFull}
	contacts := append([]access.Scope{access.ScopeContacts}, full...)
	writers := append([]access.Scope{access.ScopeContactsWrite}, contacts...)
	events := append([]access.Scope{access.ScopeEvents}, writers...)
	senders := append([]access.Scope{access.ScopeMessages}, full...)
	for call, opened := range map[string][]access.Scope{
		"GET /v1/version": all, "GET /v1/account/info": all, "GET /v1/balance": all, "GET /v1/workflows": all, "GET /v1/promocodes": all,
		"POST /v1/orders": writers, "DELETE /v1/orders": writers,
		"POST /v1/event": events, "POST /v3/event": events, "POST /v2/past_events": events,
		"POST /v1/contact": writers, "POST /v1/contacts": writers, "POST /v1/contact/subscribe": writers,
		"GET /v1/contacts": contacts, "GET /v1/contact/1": contacts,
		"GET /v1/messages/telegram": senders, "POST /v1/messages/telegram": senders, "DELETE /v1/messages/telegram/1": senders,
		"PUT /v1/messages/telegram/1/uk": senders, "POST /v1/message/1/smartsend": senders, "POST /v1/message/1/send": senders,
		"GET /v1/message/status": senders, "POST /v1/broadcast": senders, "GET /v1/broadcasts": senders, "DELETE /v1/broadcast/1": senders,
		"GET /v2/contacts/activity": full, "GET /v1/contactActivity": full, "GET /v2/contacts/messages": full,
	} {
		method, path, _ := strings.Cut(call, " ")
		for _, scope := range access.Scopes {
			r := in.Call(method, path, "", "Authorization", "Bearer "+keys[scope])
			open := false
			for _, s := range opened {
				open = open || s == scope
			}
			require.Equal(t, open, r.Code != http.StatusForbidden, "%s with a key for %s: %d %s", call, scope, r.Code, r.Body)
		}
	}
}
