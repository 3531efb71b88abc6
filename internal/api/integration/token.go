package integration

import (
	"net/http"
	"strconv"

	"bellman/internal/access"
	"bellman/internal/api/body"
	"bellman/internal/api/loose"
	"bellman/internal/bot"
	"bellman/internal/contact"
	"bellman/internal/fault"
)

func (a *API) tokenCalls() []call {
	const activity = "/contact/token/activated/{app_uuid}/{token_id}"
	return []call{
		{
			method: http.MethodGet, path: "/contact/token/{app_uuid}/{token_id}/contactId", route: "/contact/token/{app_uuid}/{token_id}/{what}",
			area: access.AreaContactsRead, handle: a.contactOfToken, pace: paceContactByToken,
		},
		{method: http.MethodGet, path: activity, area: access.AreaContactsRead, handle: a.tokenActive},
		{method: http.MethodPut, path: activity, area: access.AreaContactsWrite, handle: a.activateToken},
	}
}

var errNoToken = sentence(http.StatusNotFound, "chat_not_found", "This bot has no such token")

func tokenFault(err error) error {
	if fault.KindOf(err) == fault.NotFound {
		return errNoToken
	}
	return err
}

// tokenInPath returns the bot and the chat that the path names.
func (a *API) tokenInPath(r *http.Request, workspaceID int64) (b bot.Bot, chatID int64, err error) {
	appUUID, err := parseUUID(r.PathValue("app_uuid"))
	if err != nil {
		return b, 0, err
	}
	if b, err = a.botByUUID(r.Context(), workspaceID, appUUID); err != nil {
		return b, 0, err
	}
	chatID, err = strconv.ParseInt(r.PathValue("token_id"), 10, 64)
	if err != nil || chatID > contact.MaxID || chatID < -contact.MaxID {
		return b, 0, errNoToken
	}
	return b, chatID, nil
}

type tokenContact struct {
	ContactID int64 `json:"contactId"`
	// ID is the same, under the name that the vendor's newer clients look for.
	ID int64 `json:"id"`
}

// contactOfToken serves GET /contact/token/{app_uuid}/{token_id}/contactId.
func (a *API) contactOfToken(_ http.ResponseWriter, r *http.Request, workspaceID int64) (any, error) {
	if r.PathValue("what") != "contactId" {
		return nil, errNothingHere
	}
	c, err := a.chatInPath(r, workspaceID)
	return tokenContact{c.ContactID, c.ContactID}, err
}

// chatInPath returns the chat that the path names.
func (a *API) chatInPath(r *http.Request, workspaceID int64) (contact.Chat, error) {
	b, chatID, err := a.tokenInPath(r, workspaceID)
	if err != nil {
		return contact.Chat{}, err
	}
	c, err := a.Contacts.Chat(r.Context(), b.ID, chatID)
	return c, tokenFault(err)
}

type tokenActivity struct {
	Active bool `json:"active"`
}

// tokenActive serves GET /contact/token/activated/{app_uuid}/{token_id}.
func (a *API) tokenActive(_ http.ResponseWriter, r *http.Request, workspaceID int64) (any, error) {
	c, err := a.chatInPath(r, workspaceID)
	return tokenActivity{!c.Inactive}, err
}

// activateToken serves PUT /contact/token/activated/{app_uuid}/{token_id}.
//
// spec: token-active
func (a *API) activateToken(w http.ResponseWriter, r *http.Request, workspaceID int64) (any, error) {
	active, err := body.Decode(w, r, decodeActivity)
	if err != nil {
		return nil, err
	}
	b, chatID, err := a.tokenInPath(r, workspaceID)
	if err != nil {
		return nil, err
	}
	c, err := a.Contacts.Activate(r.Context(), b.ID, chatID, active)
	return tokenActivity{!c.Inactive}, tokenFault(err)
}

func decodeActivity(v loose.Value) (active bool, err error) {
	var sent *bool
	err = v.Members(func(name string, v loose.Value) error {
		if name != "active" {
			return nil
		}
		return v.SetBool(&sent)
	})
	switch {
	case err != nil:
		return false, err
	case sent == nil:
		return false, loose.Inside("active", loose.Want("true or false"))
	}
	return *sent, nil
}
