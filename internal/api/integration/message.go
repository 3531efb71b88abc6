package integration

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"bellman/internal/access"
	"bellman/internal/api/body"
	"bellman/internal/fault"
	"bellman/internal/message"
)

func (a *API) messageCalls() []call {
	const list, one, version = "/messages/telegram", "/messages/telegram/{id}", "/messages/telegram/{id}/{language}"
	return []call{
		{method: http.MethodGet, path: list, area: access.AreaMessages, handle: a.findMessages},
		{method: http.MethodPost, path: list, area: access.AreaMessages, handle: a.createMessage},
		{method: http.MethodGet, path: one, area: access.AreaMessages, handle: a.getMessage},
		{method: http.MethodPut, path: one, area: access.AreaMessages, handle: a.updateMessage},
		{method: http.MethodDelete, path: one, area: access.AreaMessages, handle: a.deleteMessage},
		{method: http.MethodPut, path: version, area: access.AreaMessages, handle: a.updateTranslation},
		{method: http.MethodDelete, path: version, area: access.AreaMessages, handle: a.deleteTranslation},
	}
}

// The sentences of the calls about messages.
var (
	errMessageID      = sentence(http.StatusBadRequest, "message_id_invalid", "A message id is a whole number")
	errMessageMissing = sentence(http.StatusBadRequest, "message_missing", "Message must be specified")
	errNoTranslation  = sentence(http.StatusNotFound, "translation_not_found", "The message has no version in this language")
	errMainVersion    = sentence(http.StatusConflict, "main_version", "This is the message's own language, which it cannot do without: delete the message, or change its languageCode first")
)

// messageObject is a message as this API shows it.
type messageObject struct {
	versionObject
	UTMEnabled   bool            `json:"utmEnabled"`
	Translations []versionObject `json:"translations"`
}

// versionObject is a message in one language. What is the same in all of them is
// shown in each.
type versionObject struct {
	ID                int64    `json:"id"`
	Name              string   `json:"name"`
	LanguageCode      string   `json:"languageCode,omitempty"`
	Tags              []string `json:"tags"`
	SubscriptionsKeys []string `json:"subscriptionsKeys"`
	// Languages are those of all versions, the message's own first.
	Languages []string `json:"languages"`
	Text      string   `json:"text"`
	// ImageSource is the address of a lone picture; Media are all files, when
	// there is more to say of them.
	ImageSource string          `json:"imageSource,omitempty"`
	Media       []message.Media `json:"media,omitempty"`
	Buttons     []buttonObject  `json:"buttons"`
}

// buttonObject is a button as this API shows it: the vendor's has a text and a
// link, the rest is Bellman's own.
type buttonObject struct {
	Text         string `json:"text"`
	Link         string `json:"link,omitempty"`
	Untracked    bool   `json:"untracked,omitempty"`
	CallbackData string `json:"callbackData,omitempty"`
	WebApp       string `json:"webApp,omitempty"`
	CopyText     string `json:"copyText,omitempty"`
	Style        string `json:"style,omitempty"`
	Icon         string `json:"icon,omitempty"`
	// Row is the number of its row, from 1; absent when it stands there alone.
	Row int `json:"row,omitempty"`
}

func showMessage(m message.Message) messageObject {
	languages := slices.Sorted(maps.Keys(m.Content.Translations))
	out := messageObject{UTMEnabled: !m.Content.NoUTM, Translations: make([]versionObject, len(languages))}
	all := languages
	if m.Content.Language != "" {
		all = slices.Concat([]string{m.Content.Language}, languages)
	}
	show := func(language string, v message.Version) versionObject {
		out := versionObject{
			ID: m.ID, Name: m.Name, LanguageCode: language, Tags: listOr(m.Content.Tags), SubscriptionsKeys: []string{},
			Languages: listOr(all), Text: v.Text, Media: v.Media, Buttons: showButtons(v.Buttons),
		}
		if len(v.Media) == 1 && v.Media[0] == picture(v.Media[0].URL) {
			out.ImageSource, out.Media = v.Media[0].URL, nil
		}
		return out
	}
	out.versionObject = show(m.Content.Language, m.Content.Version)
	for i, language := range languages {
		out.Translations[i] = show(language, m.Content.Translations[language])
	}
	return out
}

// showButtons shows rows of buttons as the list that the vendor has.
func showButtons(rows [][]message.Button) []buttonObject {
	out := []buttonObject{}
	for i, row := range rows {
		for _, b := range row {
			shown := buttonObject{
				Text: b.Text, Link: b.URL, Untracked: b.Untracked, CallbackData: b.CallbackData, WebApp: b.WebApp,
				CopyText: b.CopyText, Style: b.Style, Icon: b.Icon,
			}
			if len(row) > 1 {
				shown.Row = i + 1
			}
			out = append(out, shown)
		}
	}
	return out
}

// picture is the file of an imageSource: a photo, or what moves.
func picture(address string) message.Media {
	kind := message.Photo
	path, _, _ := strings.Cut(strings.ToLower(address), "?")
	if strings.HasSuffix(path, ".gif") {
		kind = message.Animation
	}
	return message.Media{Kind: kind, URL: address}
}

// listOr returns the list, which JSON shows as one even when it is empty.
func listOr[T any](list []T) []T {
	if list == nil {
		return []T{}
	}
	return list
}

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
	found, total, err := a.Messages.Find(r.Context(), workspaceID, message.Filter{Name: query.Get("search"), Offset: offset, Limit: limit})
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
	raw, err := body.Read(w, r)
	if err != nil {
		return nil, err
	}
	change, err := decodeMessage(raw)
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

// updateMessage serves PUT /messages/telegram/{id}. What is absent or null is
// left alone.
func (a *API) updateMessage(w http.ResponseWriter, r *http.Request, workspaceID int64) (any, error) {
	raw, err := body.Read(w, r)
	if err != nil {
		return nil, err
	}
	change, err := decodeMessage(raw)
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

// updateTranslation serves PUT /messages/telegram/{id}/{language}. The version
// is made when there is none; that in the message's own language is its main
// one.
func (a *API) updateTranslation(w http.ResponseWriter, r *http.Request, workspaceID int64) (any, error) {
	raw, err := body.Read(w, r)
	if err != nil {
		return nil, err
	}
	if len(raw) == 0 {
		return nil, errMessageMissing
	}
	var change versionChange
	if err := shaped(members(raw, change.member)); err != nil {
		return nil, err
	}
	return a.changeMessage(r, workspaceID, func(m *message.Message) error {
		language := r.PathValue("language")
		if sameLanguage(language, m.Content.Language) {
			change.apply(&m.Content.Version)
			return nil
		}
		known, _ := translationOf(m.Content, language)
		v := m.Content.Translations[known]
		change.apply(&v)
		if m.Content.Translations == nil {
			m.Content.Translations = map[string]message.Version{}
		}
		m.Content.Translations[cmp.Or(known, language)] = v
		return nil
	})
}

// deleteTranslation serves DELETE /messages/telegram/{id}/{language}.
func (a *API) deleteTranslation(_ http.ResponseWriter, r *http.Request, workspaceID int64) (any, error) {
	return a.changeMessage(r, workspaceID, func(m *message.Message) error {
		language := r.PathValue("language")
		if sameLanguage(language, m.Content.Language) {
			return errMainVersion
		}
		known, ok := translationOf(m.Content, language)
		if !ok {
			return errNoTranslation
		}
		delete(m.Content.Translations, known)
		return nil
	})
}

// translationOf returns the tag under which the content has a version in the
// language.
func translationOf(c message.Content, language string) (tag string, ok bool) {
	for tag := range c.Translations {
		if sameLanguage(tag, language) {
			return tag, true
		}
	}
	return "", false
}

// sameLanguage tells that two tags are the same but for case and hyphens.
func sameLanguage(a, b string) bool {
	return strings.EqualFold(strings.ReplaceAll(a, "_", "-"), strings.ReplaceAll(b, "_", "-"))
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

// apiFields are the fields of content whose names are others here.
var apiFields = strings.NewReplacer("media[0].url", "imageSource", "noUtm", "utmEnabled")

// messageFault names the field at fault as this API does.
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
