package integration

import (
	"cmp"
	"net/http"
	"strings"

	"bellman/internal/access"
	"bellman/internal/api/body"
	"bellman/internal/message"
)

func (a *API) translationCalls() []call {
	const path = "/messages/telegram/{id}/{language}"
	return []call{
		{method: http.MethodPut, path: path, area: access.AreaMessages, handle: a.updateTranslation},
		{method: http.MethodDelete, path: path, area: access.AreaMessages, handle: a.deleteTranslation},
	}
}

// The sentences of the calls about translations.
var (
	errNoTranslation = sentence(http.StatusNotFound, "translation_not_found", "The message has no version in this language")
	errMainVersion   = sentence(http.StatusConflict, "main_version",
		"This is the message's own language, which it cannot do without: delete the message, or change its languageCode first")
)

// updateTranslation serves PUT /messages/telegram/{id}/{language}. A missing
// version is created; the version in the message's own language is its main one.
func (a *API) updateTranslation(w http.ResponseWriter, r *http.Request, workspaceID int64) (any, error) {
	change, err := body.Decode(w, r, decodeVersion)
	if err != nil {
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

// translationOf returns the tag of the content's version in the language.
func translationOf(c message.Content, language string) (tag string, ok bool) {
	for tag := range c.Translations {
		if sameLanguage(tag, language) {
			return tag, true
		}
	}
	return "", false
}

// sameLanguage reports whether two tags are equal apart from case and hyphens.
func sameLanguage(a, b string) bool {
	return strings.EqualFold(strings.ReplaceAll(a, "_", "-"), strings.ReplaceAll(b, "_", "-"))
}
