package integration

import (
	"context"
	"errors"
	"fmt"
	"net/http"

	"github.com/google/uuid"

	"bellman/internal/api/body"
	"bellman/internal/api/problem"
	"bellman/internal/bot"
	"bellman/internal/contact"
	"bellman/internal/fault"
)

// The sentences of the vendor's app calls.
var (
	errWrongUUID     = sentence(http.StatusBadRequest, "wrong_app_uuid", "Wrong app uuid")
	errTokensMissing = sentence(http.StatusBadRequest, "tokens_missing", "Tokens must be specified")
	errNotRegistered = sentence(http.StatusNotFound, "bot_not_found", "Not registered application")
	errTooManyTokens = sentence(http.StatusBadRequest, "too_many_tokens",
		fmt.Sprintf("At most %d tokens per request", contact.MaxTokens))
)

func sentence(status int, code, text string) error { return problem.New(status, code, text) }

type tokensAnswer struct {
	Results []tokenAnswer `json:"results"`
}

type tokenAnswer struct {
	Token     string              `json:"token"`
	ContactID int64               `json:"contactId,omitempty"`
	Status    contact.TokenStatus `json:"status"`
	Message   string              `json:"message,omitempty"`
}

// addTokens serves POST /apps/{app_uuid}/tokens. The answer tells what became
// of each item, in the order sent.
func (a *API) addTokens(w http.ResponseWriter, r *http.Request, workspaceID int64) (any, error) {
	appUUID, err := parseUUID(r.PathValue("app_uuid"))
	if err != nil {
		return nil, err
	}
	raw, err := body.Read(w, r)
	if err != nil {
		return nil, err
	}
	items, echoes, err := decodeTokens(raw)
	if err != nil {
		return nil, err
	}
	b, err := a.botByUUID(r.Context(), workspaceID, appUUID)
	if err != nil {
		return nil, err
	}
	workspace, err := a.Access.Workspace(r.Context(), workspaceID)
	if err != nil {
		return nil, err
	}
	results, err := a.Contacts.AddTokens(r.Context(), workspace, b.ID, items)
	if err != nil {
		return nil, err
	}
	out := tokensAnswer{Results: make([]tokenAnswer, len(results))}
	for i, result := range results {
		out.Results[i] = tokenAnswer{echoes[i], result.ContactID, result.Status, result.Message}
	}
	return out, nil
}

// parseUUID returns an app_uuid as it is stored. Only the common form of 36
// characters is one.
func parseUUID(s string) (string, error) {
	app, err := uuid.Parse(s)
	if err != nil || len(s) != len(app.String()) {
		return "", errWrongUUID
	}
	return app.String(), nil
}

func (a *API) botByUUID(ctx context.Context, workspaceID int64, appUUID string) (bot.Bot, error) {
	b, err := a.Bots.ByUUID(ctx, workspaceID, appUUID)
	if fault.KindOf(err) == fault.NotFound {
		err = errNotRegistered
	}
	return b, err
}

// decodeTokens reads the items of a tokens call, and the tokens as they were
// sent.
func decodeTokens(raw []byte) (items []contact.Token, echoes []string, err error) {
	if len(raw) == 0 {
		return nil, nil, errTokensMissing
	}
	err = members(raw, func(name string, value []byte) error {
		if name != "tokens" {
			return nil
		}
		items, echoes = nil, nil
		return elements(value, func(_ int, value []byte) error {
			if len(items) == contact.MaxTokens {
				return errTooManyTokens
			}
			item, echo, err := decodeToken(value)
			items, echoes = append(items, item), append(echoes, echo)
			return err
		})
	})
	if err == nil && len(items) == 0 {
		err = errTokensMissing
	}
	return items, echoes, shaped(err)
}

// decodeToken reads one item.
func decodeToken(value []byte) (item contact.Token, echo string, err error) {
	err = members(value, func(name string, value []byte) (err error) {
		switch name {
		case "token":
			item.ChatID, echo, err = chat(value)
		case "contactId":
			item.ContactID, err = positive(value)
		case "externalCustomerId":
			item.ExternalCustomerID, err = text(value)
		case "phone":
			item.Phone, err = text(value)
		case "email":
			item.Email, err = text(value)
		}
		return err
	})
	return item, echo, err
}

// shaped turns a fault of the request's shape into its answer.
func shaped(err error) error {
	if e, ok := errors.AsType[*shapeError](err); ok {
		return sentence(http.StatusBadRequest, "invalid_request", e.Error())
	}
	return err
}
