package integration

import (
	"context"
	"net/http"
	"strconv"
	"time"

	"bellman/internal/access"
	"bellman/internal/api/body"
	"bellman/internal/bot"
	"bellman/internal/contact"
	"bellman/internal/fault"
)

func (a *API) appCalls() []call {
	return []call{
		{method: http.MethodPost, path: "/apps/{app_uuid}/tokens", area: access.AreaContactsWrite, handle: a.addTokens},
		{method: http.MethodPost, path: "/apps/{app_uuid}/token/mute", area: access.AreaContactsWrite, handle: a.muteToken},
		{method: http.MethodPost, path: "/apps/{app_uuid}/token/unmute", area: access.AreaContactsWrite, handle: a.unmuteToken},
		{
			method: http.MethodGet, path: "/contact/token/{app_uuid}/{token_id}/contactId", route: "/contact/token/{app_uuid}/{token_id}/{what}",
			area: access.AreaContactsRead, handle: a.contactOfToken, pace: paceContactByToken,
		},
		{method: http.MethodGet, path: "/contact/token/activated/{app_uuid}/{token_id}", area: access.AreaContactsRead, handle: a.tokenActive},
		{method: http.MethodPut, path: "/contact/token/activated/{app_uuid}/{token_id}", area: access.AreaContactsWrite, handle: a.activateToken},
		{method: http.MethodPut, path: "/interactions/{iid}/status", area: access.AreaAny, handle: refuseInteraction, pace: paceInteraction},
	}
}

// The sentences of the calls about one token.
var (
	errDuration    = sentence(http.StatusBadRequest, "duration_invalid", "Duration must be positive int")
	errNoToken     = sentence(http.StatusNotFound, "chat_not_found", "This bot has no such token")
	errNothingHere = sentence(http.StatusNotFound, "route_not_found", "There is nothing at this address")
	errInteraction = sentence(http.StatusNotFound, "mobile_push_only",
		"Interactions are those of mobile push, which Bellman does not send")
)

// How long a mute may last, in seconds.
const (
	minMute = 5
	maxMute = 31_536_000
)

// muteToken serves POST /apps/{app_uuid}/token/mute.
func (a *API) muteToken(w http.ResponseWriter, r *http.Request, workspaceID int64) (any, error) {
	return a.changeToken(w, r, workspaceID, func(ctx context.Context, botID int64, m mute) error {
		until := contact.MuteForever
		if m.seconds != nil {
			until = a.Now().Add(time.Duration(*m.seconds) * time.Second)
		}
		_, err := a.Contacts.Mute(ctx, botID, m.chatID, until)
		return err
	})
}

// unmuteToken serves POST /apps/{app_uuid}/token/unmute.
func (a *API) unmuteToken(w http.ResponseWriter, r *http.Request, workspaceID int64) (any, error) {
	return a.changeToken(w, r, workspaceID, func(ctx context.Context, botID int64, m mute) error {
		_, err := a.Contacts.Unmute(ctx, botID, m.chatID)
		return err
	})
}

// changeToken reads which token is meant, and changes it.
func (a *API) changeToken(w http.ResponseWriter, r *http.Request, workspaceID int64, change func(ctx context.Context, botID int64, m mute) error) (any, error) {
	appUUID, err := parseUUID(r.PathValue("app_uuid"))
	if err != nil {
		return nil, err
	}
	raw, err := body.Read(w, r)
	if err != nil {
		return nil, err
	}
	m, err := decodeMute(raw)
	if err != nil {
		return nil, err
	}
	b, err := a.botByUUID(r.Context(), workspaceID, appUUID)
	if err != nil {
		return nil, err
	}
	if err := change(r.Context(), b.ID, m); err != nil {
		return nil, tokenFault(err)
	}
	return nothing, nil
}

// mute names a token and, unless it is for ever, for how long it is muted.
type mute struct {
	chatID  int64
	seconds *int64
}

// decodeMute reads the body of a mute. A token that is no chat id has a chat id of
// zero, which no chat has.
func decodeMute(raw []byte) (m mute, err error) {
	if len(raw) == 0 {
		return m, errTokensMissing
	}
	sent := false
	err = members(raw, func(name string, value []byte) (err error) {
		switch name {
		case "token":
			var echo string
			m.chatID, echo, err = chat(value)
			sent = echo != ""
		case "duration":
			m.seconds, err = duration(value)
		}
		return err
	})
	if err == nil && !sent {
		err = errTokensMissing
	}
	return m, shaped(err)
}

// duration reads a number of seconds; null is none.
func duration(value []byte) (*int64, error) {
	if isNull(value) {
		return nil, nil
	}
	seconds, err := whole(value)
	if err != nil || seconds < minMute || seconds > maxMute {
		return nil, errDuration
	}
	return &seconds, nil
}

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

type contactOfToken struct {
	ContactID int64 `json:"contactId"`
	// ID is the same, under the name that the vendor's newer clients look for.
	ID int64 `json:"id"`
}

// contactOfToken serves GET /contact/token/{app_uuid}/{token_id}/contactId.
func (a *API) contactOfToken(_ http.ResponseWriter, r *http.Request, workspaceID int64) (any, error) {
	if r.PathValue("what") != "contactId" {
		return nil, errNothingHere
	}
	b, chatID, err := a.tokenInPath(r, workspaceID)
	if err != nil {
		return nil, err
	}
	c, err := a.Contacts.Chat(r.Context(), b.ID, chatID)
	if err != nil {
		return nil, tokenFault(err)
	}
	return contactOfToken{c.ContactID, c.ContactID}, nil
}

type tokenActivity struct {
	Active bool `json:"active"`
}

// tokenActive serves GET /contact/token/activated/{app_uuid}/{token_id}.
func (a *API) tokenActive(_ http.ResponseWriter, r *http.Request, workspaceID int64) (any, error) {
	b, chatID, err := a.tokenInPath(r, workspaceID)
	if err != nil {
		return nil, err
	}
	c, err := a.Contacts.Chat(r.Context(), b.ID, chatID)
	if err != nil {
		return nil, tokenFault(err)
	}
	return tokenActivity{!c.Inactive}, nil
}

// activateToken serves PUT /contact/token/activated/{app_uuid}/{token_id}.
func (a *API) activateToken(w http.ResponseWriter, r *http.Request, workspaceID int64) (any, error) {
	raw, err := body.Read(w, r)
	if err != nil {
		return nil, err
	}
	active, err := decodeActivity(raw)
	if err != nil {
		return nil, err
	}
	b, chatID, err := a.tokenInPath(r, workspaceID)
	if err != nil {
		return nil, err
	}
	c, err := a.Contacts.Activate(r.Context(), b.ID, chatID, active)
	if err != nil {
		return nil, tokenFault(err)
	}
	return tokenActivity{!c.Inactive}, nil
}

func decodeActivity(raw []byte) (active bool, err error) {
	sent := false
	if len(raw) > 0 {
		err = members(raw, func(name string, value []byte) (err error) {
			if name == "active" && !isNull(value) {
				sent = true
				active, err = boolean(value)
			}
			return err
		})
	}
	if err == nil && !sent {
		err = inside("active", want("true or false"))
	}
	return active, shaped(err)
}

// refuseInteraction serves PUT /interactions/{iid}/status, which the vendor's
// mobile SDKs call.
func refuseInteraction(http.ResponseWriter, *http.Request, int64) (any, error) {
	return nil, errInteraction
}
