package integration

import (
	"fmt"
	"net/http"

	"bellman/internal/access"
	"bellman/internal/contact"
)

func (a *API) accountCalls() []call {
	return []call{
		{method: http.MethodGet, path: "/version", area: access.AreaAny, handle: a.getVersion},
		{method: http.MethodGet, path: "/account/info", area: access.AreaAny, handle: a.getAccount},
		{method: http.MethodGet, path: "/balance", area: access.AreaAny, handle: a.getBalance},
		{method: http.MethodGet, path: "/balance/history", area: access.AreaAny, handle: noCosts},
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
	OrgID            int64  `json:"orgId"`
}

// getAccount serves GET /account/info. Clients take an empty address for a failed
// login, and an empty orgId for an account that they cannot use.
//
// spec: account-info
func (a *API) getAccount(_ http.ResponseWriter, r *http.Request, workspaceID int64) (any, error) {
	caller, err := access.From(r.Context())
	if err != nil {
		return nil, err
	}
	workspace, err := a.Workspaces.Find(r.Context(), workspaceID)
	return accountObject{userEmail(*caller.Key), workspace.Name, workspaceID}, err
}

// userEmail returns the address of a key, which belongs to a workspace and to no user:
// its name if that is one, else one that reaches nobody (RFC 2606).
func userEmail(key access.Key) string {
	if address, err := (contact.Reader{}).Email(key.Name); err == nil && address != "" {
		return address
	}
	return fmt.Sprintf("key-%d@bellman.invalid", key.ID)
}

// costsObject is a history of a balance. DailyCosts is always empty.
type costsObject struct {
	Currency   string     `json:"currency"`
	DailyCosts []struct{} `json:"dailyCosts"`
}

// noCosts serves GET /balance/history.
func noCosts(http.ResponseWriter, *http.Request, int64) (any, error) {
	return costsObject{currency, []struct{}{}}, nil
}

// currency is that of a balance in which nothing is ever counted.
const currency = "USD"

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
	return balanceObject{"0", "0", currency, "0", "0"}, nil
}

// noRows serves lists of things that Bellman does not have.
func noRows(http.ResponseWriter, *http.Request, int64) (any, error) {
	return listOf([]struct{}{}, 0), nil
}

var errNoTokens = sentence(http.StatusNotFound, "tokens_not_issued",
	"Bellman issues no access tokens: send the API key itself, as a Bearer token or as the password of Basic auth")

// refuseToken serves POST /auth/token.
func refuseToken(http.ResponseWriter, *http.Request, int64) (any, error) { return nil, errNoTokens }
