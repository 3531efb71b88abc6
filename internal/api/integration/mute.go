package integration

import (
	"context"
	"net/http"
	"time"

	"bellman/internal/access"
	"bellman/internal/api/body"
	"bellman/internal/api/loose"
	"bellman/internal/contact"
)

func (a *API) muteCalls() []call {
	return []call{
		{method: http.MethodPost, path: "/apps/{app_uuid}/token/mute", area: access.AreaContactsWrite, handle: a.muteToken},
		{method: http.MethodPost, path: "/apps/{app_uuid}/token/unmute", area: access.AreaContactsWrite, handle: a.unmuteToken},
	}
}

var errDuration = sentence(http.StatusBadRequest, "duration_invalid", "Duration must be positive int")

// How long a mute may last, in seconds.
//
// spec: mute-duration
const (
	minMute = 5
	maxMute = 31_536_000
)

// muteToken serves POST /apps/{app_uuid}/token/mute.
func (a *API) muteToken(w http.ResponseWriter, r *http.Request, workspaceID int64) (any, error) {
	return a.changeToken(w, r, workspaceID, func(ctx context.Context, botID int64, m mute) error {
		until := contact.MuteForever // spec: mute-forever
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

// changeToken reads the path's token, and changes its chat.
func (a *API) changeToken(w http.ResponseWriter, r *http.Request, workspaceID int64,
	change func(ctx context.Context, botID int64, m mute) error,
) (any, error) {
	appUUID, err := parseUUID(r.PathValue("app_uuid"))
	if err != nil {
		return nil, err
	}
	m, err := body.Decode(w, r, decodeMute)
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

// decodeMute reads the body of a mute. A malformed token gets a chat id of zero,
// which no chat has.
func decodeMute(v loose.Value) (m mute, err error) {
	sent := false
	err = v.Members(func(name string, v loose.Value) (err error) {
		switch name {
		case "token":
			var echo string
			m.chatID, echo, err = v.Chat()
			sent = echo != ""
		case "duration":
			m.seconds, err = decodeDuration(v)
		}
		return err
	})
	if err == nil && !sent {
		err = errTokensMissing
	}
	return m, err
}

// decodeDuration reads a number of seconds; null is none.
func decodeDuration(v loose.Value) (*int64, error) {
	if v.IsNull() {
		return nil, nil
	}
	seconds, err := v.Whole()
	if err != nil || seconds < minMute || seconds > maxMute {
		return nil, errDuration
	}
	return &seconds, nil
}
