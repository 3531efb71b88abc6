package integration

import (
	"fmt"
	"net/http"

	"bellman/internal/access"
	"bellman/internal/api/body"
	"bellman/internal/api/loose"
	"bellman/internal/contact"
)

func (a *API) tokensCalls() []call {
	return []call{
		{method: http.MethodPost, path: "/apps/{app_uuid}/tokens", area: access.AreaContactsWrite, handle: a.addTokens},
	}
}

// The sentences of the tokens call. The vendor has the first for a lone token too.
var (
	errTokensMissing = sentence(http.StatusBadRequest, "tokens_missing", "Tokens must be specified")
	errTooManyTokens = sentence(http.StatusBadRequest, "too_many_tokens",
		fmt.Sprintf("At most %d tokens per request", contact.MaxTokens))
)

type tokensAnswer struct {
	Results []tokenAnswer `json:"results"`
}

type tokenAnswer struct {
	Token     string              `json:"token"`
	ContactID int64               `json:"contactId,omitempty"`
	Status    contact.TokenStatus `json:"status"`
	Message   string              `json:"message,omitempty"`
}

// addTokens serves POST /apps/{app_uuid}/tokens. The answer has the result for each
// item, in the order sent.
func (a *API) addTokens(w http.ResponseWriter, r *http.Request, workspaceID int64) (any, error) {
	appUUID, err := parseUUID(r.PathValue("app_uuid"))
	if err != nil {
		return nil, err
	}
	sent, err := body.Decode(w, r, decodeTokens)
	if err != nil {
		return nil, err
	}
	b, err := a.botByUUID(r.Context(), workspaceID, appUUID)
	if err != nil {
		return nil, err
	}
	workspace, err := a.Workspaces.Find(r.Context(), workspaceID)
	if err != nil {
		return nil, err
	}
	results, err := a.Contacts.AddTokens(r.Context(), workspace, b.ID, sent.items)
	if err != nil {
		return nil, err
	}
	out := tokensAnswer{Results: make([]tokenAnswer, len(results))}
	for i, result := range results {
		out.Results[i] = tokenAnswer{sent.echoes[i], result.ContactID, result.Status, result.Message}
	}
	return out, nil
}

// tokens are the items of a tokens call.
type tokens struct {
	items []contact.Token
	// echoes are the tokens as they were sent.
	echoes []string
}

// decodeTokens reads the body of a tokens call.
func decodeTokens(v loose.Value) (sent tokens, err error) {
	err = v.Members(func(name string, v loose.Value) error {
		if name != "tokens" {
			return nil
		}
		sent = tokens{}
		return v.Elements(sent.add)
	})
	if err == nil && len(sent.items) == 0 {
		err = errTokensMissing
	}
	return sent, err
}

// add reads one item.
func (t *tokens) add(_ int, v loose.Value) error {
	if len(t.items) == contact.MaxTokens {
		return errTooManyTokens
	}
	item, echo, err := decodeToken(v)
	t.items, t.echoes = append(t.items, item), append(t.echoes, echo)
	return err
}

func decodeToken(v loose.Value) (item contact.Token, echo string, err error) {
	err = v.Members(func(name string, v loose.Value) (err error) {
		switch name {
		case "token":
			item.ChatID, echo, err = v.Chat()
		case "contactId":
			item.ContactID, err = v.ID()
		case "externalCustomerId":
			item.ExternalCustomerID, err = v.Text()
		case "phone":
			item.Phone, err = v.Text()
		case "email":
			item.Email, err = v.Text()
		}
		return err
	})
	return item, echo, err
}
