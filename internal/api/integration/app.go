package integration

import (
	"context"
	"net/http"

	"github.com/google/uuid"

	"bellman/internal/bot"
	"bellman/internal/fault"
)

// The sentences of the calls that name a bot.
//
// spec: app-faults
var (
	errWrongUUID     = sentence(http.StatusBadRequest, "wrong_app_uuid", "Wrong app uuid")
	errNotRegistered = sentence(http.StatusNotFound, "bot_not_found", "Not registered application")
	errNoBot         = sentence(http.StatusBadRequest, "bot_missing", "There is no bot to send with: connect one first")
)

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

// sender returns the bot with the given app_uuid or, when that is empty, the one
// that sends when none is named.
func (a *API) sender(ctx context.Context, workspaceID int64, appUUID string) (bot.Bot, error) {
	if appUUID == "" {
		b, err := a.Bots.Default(ctx, workspaceID)
		if fault.KindOf(err) == fault.NotFound {
			err = errNoBot
		}
		return b, err
	}
	id, err := parseUUID(appUUID)
	if err != nil {
		return bot.Bot{}, err
	}
	return a.botByUUID(ctx, workspaceID, id)
}

// apps returns the app_uuids of the workspace's bots.
func (a *API) apps(ctx context.Context, workspaceID int64) (map[int64]string, error) {
	bots, err := a.Bots.All(ctx, workspaceID)
	apps := map[int64]string{}
	for _, b := range bots {
		apps[b.ID] = b.AppUUID
	}
	return apps, err
}
