package integration

import (
	"net/http"

	"bellman/internal/access"
)

func (a *API) accountCalls() []call {
	return []call{
		{method: http.MethodGet, path: "/version", area: access.AreaAny, handle: a.getVersion},
		{method: http.MethodGet, path: "/account/info", area: access.AreaAny, handle: a.getAccount},
		{method: http.MethodGet, path: "/balance", area: access.AreaAny, handle: a.getBalance},
		{method: http.MethodGet, path: "/balance/history", area: access.AreaAny, handle: noRows},
		{method: http.MethodGet, path: "/workflows", area: access.AreaAny, handle: noRows},
		{method: http.MethodGet, path: "/interfaces/email", area: access.AreaAny, handle: noRows},
		{method: http.MethodGet, path: "/interfaces/sms", area: access.AreaAny, handle: noRows},
		{method: http.MethodPost, path: "/auth/token", area: access.AreaAny, handle: refuseToken, unkeyed: true},
	}
}

// protocolVersion is that of the vendor's API.
const protocolVersion = "1.0"

type programVersion struct {
	Version         string `json:"version"`
	ProtocolVersion string `json:"protocolVersion"`
}

// getVersion serves GET /version.
func (a *API) getVersion(http.ResponseWriter, *http.Request, int64) (any, error) {
	return programVersion{a.Version, protocolVersion}, nil
}

type accountObject struct {
	UserEmail        string `json:"userEmail"`
	OrganisationName string `json:"organisationName"`
}

// getAccount serves GET /account/info. A key belongs to a workspace and to no user:
// instead of the user's address the answer has the key's name, because clients take
// an empty one for a failed login.
func (a *API) getAccount(_ http.ResponseWriter, r *http.Request, workspaceID int64) (any, error) {
	key, err := access.From(r.Context())
	if err != nil {
		return nil, err
	}
	workspace, err := a.Workspaces.Find(r.Context(), workspaceID)
	return accountObject{UserEmail: key.Name, OrganisationName: workspace.Name}, err
}

// balanceObject is a balance, whose numbers the vendor writes as strings.
type balanceObject struct {
	CurrentBalance string `json:"currentBalance"`
	CreditLimit    string `json:"creditLimit"`
	Currency       string `json:"currency"`
	BonusEmails    string `json:"bonusEmails"`
	BonusSMSes     string `json:"bonusSmses"`
}

// getBalance serves GET /balance: nothing here costs anything.
func (a *API) getBalance(http.ResponseWriter, *http.Request, int64) (any, error) {
	return balanceObject{"0", "0", "USD", "0", "0"}, nil
}

// noRows serves lists of things that Bellman does not have.
func noRows(http.ResponseWriter, *http.Request, int64) (any, error) {
	return listOf([]struct{}{}, 0), nil
}

var errNoTokens = sentence(http.StatusNotFound, "tokens_not_issued",
	"Bellman issues no access tokens: send the API key itself, as a Bearer token or as the password of Basic auth")

// refuseToken serves POST /auth/token.
func refuseToken(http.ResponseWriter, *http.Request, int64) (any, error) { return nil, errNoTokens }
