package integration

import (
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"

	"bellman/internal/access"
	"bellman/internal/api/body"
	"bellman/internal/fault"
	"bellman/internal/message"
)

func (a *API) messageCalls() []call {
	const list, one = "/messages/telegram", "/messages/telegram/{id}"
	return []call{
		{method: http.MethodGet, path: list, area: access.AreaMessages, handle: a.findMessages},
		{method: http.MethodPost, path: list, area: access.AreaMessages, handle: a.createMessage},
		{method: http.MethodGet, path: one, area: access.AreaMessages, handle: a.getMessage},
		{method: http.MethodPut, path: one, area: access.AreaMessages, handle: a.updateMessage},
		{method: http.MethodDelete, path: one, area: access.AreaMessages, handle: a.deleteMessage},
	}
}

// The sentences of the calls about messages.
var (
	errMessageID      = sentence(http.StatusBadRequest, "message_id_invalid", "A message id is a whole number")
	errMessageMissing = sentence(http.StatusBadRequest, "message_missing", "Message must be specified")
)

type createdMessage struct {
	ID int64 `json:"id"`
}

// findMessages serves GET /messages/telegram.
func (a *API) findMessages(_ http.ResponseWriter, r *http.Request, workspaceID int64) (any, error) {
	query := r.URL.Query()
	offset, limit, err := rowsOf(query)
	if err != nil {
		return nil, err
	}
	found, total, err := a.Messages.Find(r.Context(), workspaceID, message.Filter{
		Search: query.Get("search"), Offset: offset, Limit: limit, Total: true,
	})
	if err != nil {
		return nil, err
	}
	out := make([]messageObject, len(found))
	for i, m := range found {
		out[i] = showMessage(m)
	}
	return listOf(out, total), nil
}

// createMessage serves POST /messages/telegram.
func (a *API) createMessage(w http.ResponseWriter, r *http.Request, workspaceID int64) (any, error) {
	change, err := body.Decode(w, r, decodeMessage)
	if err != nil {
		return nil, err
	}
	var m message.Message
	change.apply(&m)
	m, err = a.Messages.Create(r.Context(), workspaceID, m.Name, m.Content)
	if err != nil {
		return nil, messageFault(err)
	}
	return createdMessage{m.ID}, nil
}

// getMessage serves GET /messages/telegram/{id}.
func (a *API) getMessage(_ http.ResponseWriter, r *http.Request, workspaceID int64) (any, error) {
	id, err := pathID(r, errMessageID)
	if err != nil {
		return nil, err
	}
	m, err := a.Messages.Get(r.Context(), workspaceID, id)
	if err != nil {
		return nil, err
	}
	return showMessage(m), nil
}

// updateMessage serves PUT /messages/telegram/{id}. Members that are absent or null
// leave their values unchanged.
func (a *API) updateMessage(w http.ResponseWriter, r *http.Request, workspaceID int64) (any, error) {
	change, err := body.Decode(w, r, decodeMessage)
	if err != nil {
		return nil, err
	}
	return a.changeMessage(r, workspaceID, func(m *message.Message) error {
		change.apply(m)
		return nil
	})
}

// deleteMessage serves DELETE /messages/telegram/{id}.
func (a *API) deleteMessage(_ http.ResponseWriter, r *http.Request, workspaceID int64) (any, error) {
	id, err := pathID(r, errMessageID)
	if err != nil {
		return nil, err
	}
	if err := a.Messages.Delete(r.Context(), workspaceID, id); err != nil {
		return nil, err
	}
	return sentenceOf(fmt.Sprintf("Message with id='%d' has been deleted", id)), nil
}

// changeMessage changes the message that the path names.
func (a *API) changeMessage(r *http.Request, workspaceID int64, change func(*message.Message) error) (any, error) {
	id, err := pathID(r, errMessageID)
	if err != nil {
		return nil, err
	}
	m, err := a.Messages.Get(r.Context(), workspaceID, id)
	if err != nil {
		return nil, err
	}
	if err := change(&m); err != nil {
		return nil, err
	}
	if _, err := a.Messages.Update(r.Context(), workspaceID, id, m.Name, m.Content); err != nil {
		return nil, messageFault(err)
	}
	return sentenceOf("Message with id='" + strconv.FormatInt(id, 10) + "' has been updated"), nil
}

// apiFields maps the fields of content to the names that they have here.
var apiFields = strings.NewReplacer("media[0].url", "imageSource", "noUtm", "utmEnabled")

// messageFault gives the field at fault the name that this API has for it.
func messageFault(err error) error {
	f, ok := errors.AsType[*fault.Error](err)
	if !ok || f.Field == "" {
		return err
	}
	field := apiFields.Replace(f.Field)
	if field == "language" {
		field = "languageCode"
	}
	return f.In(field)
}
