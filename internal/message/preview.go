package message

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"strings"

	"bellman/internal/fault"
)

// Shown is a message as one person would get it.
type Shown struct {
	// Method is the Bot API method that would send it.
	Method string
	// Parameters are those of the call, but for the chat. Links are shown as they
	// are written, and an uploaded file stands as "media:" with its id.
	Parameters json.RawMessage
	// Missing are the variables that are written out without a default and that
	// this person has no value for.
	Missing []string
}

// Preview writes a message for one person, as it is now. The error is NotFound
// when the workspace has no such message, and Invalid when Telegram would
// refuse it, with this person's values or anyhow.
func (s *Service) Preview(ctx context.Context, workspaceID, id int64, person Person) (Shown, error) {
	m, err := s.Checked(ctx, workspaceID, id)
	if err != nil {
		return Shown{}, err
	}
	return s.show(m.Content, person)
}

// PreviewContent writes content that may not be saved yet for one person. The error is
// Invalid with all that Telegram would refuse ([fault.Errors]), or with what it would with
// this person's values.
func (s *Service) PreviewContent(ctx context.Context, workspaceID int64, c Content, person Person) (Shown, error) {
	faults, err := s.inspect(ctx, workspaceID, &c, checker{})
	if err == nil && len(faults) > 0 {
		err = fault.Errors(faults)
	}
	if err != nil {
		return Shown{}, err
	}
	return s.show(c, person)
}

// show writes content that was checked.
func (s *Service) show(c Content, person Person) (Shown, error) {
	template, err := Compile(c.only(person))
	if err != nil {
		return Shown{}, err
	}
	call, err := template.Compose(nil, Recipient{Now: s.now(), Person: &person, File: shownFile})
	if err != nil {
		return Shown{}, err
	}
	var parameters map[string]json.RawMessage
	if err := json.Unmarshal(call.Body, &parameters); err != nil {
		return Shown{}, fmt.Errorf("message: preview: %w", err)
	}
	delete(parameters, "chat_id")
	shown := Shown{Method: call.Method}
	for _, v := range template.Required() {
		if !template.has(&person, v) {
			shown.Missing = append(shown.Missing, v)
		}
	}
	shown.Parameters = legible(parameters)
	return shown, nil
}

// legible renders what is JSON already so that mark-up can be read in it.
func legible(members map[string]json.RawMessage) json.RawMessage {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	_ = e.Encode(members) // it was decoded just now
	return bytes.TrimSpace(b.Bytes())
}

// only returns the content with the version that the person gets as its only
// one.
func (c Content) only(person Person) Content {
	v := c.versions()[c.Languages().place(person.language())]
	c.Version, c.Language, c.Translations = v.Version, v.language, nil
	return c
}

// shownFile stands for a file that no bot has to know.
func shownFile(m Media) File {
	if m.URL != "" {
		return File{ID: m.URL, Kind: m.Kind}
	}
	return File{ID: fmt.Sprintf("media:%d", m.ID), Kind: m.Kind}
}

// has tells whether a person has a value for a variable.
func (t *Template) has(p *Person, variable string) bool {
	if f, ok := t.Field(variable); ok {
		return p.custom(f) != nil
	}
	root, path, _ := strings.Cut(variable, ".")
	if root != "data" {
		return p.value(path) != ""
	}
	var data any
	return json.Unmarshal(p.Data, &data) == nil && hasValue(data, path)
}

// hasValue tells whether decoded JSON has something under a path.
func hasValue(at any, path string) bool {
	for name := range strings.SplitSeq(path, ".") {
		object, ok := at.(map[string]any)
		if !ok {
			// What is inside a list is not looked up.
			return at != nil
		}
		at = object[name]
	}
	return at != nil && at != ""
}

// value returns one of the fields of a contact; the id always has one.
func (p *Person) value(field string) string {
	switch field {
	case "externalCustomerId":
		return p.ExternalCustomerID
	case "phone":
		return p.Phone
	case "email":
		return p.Email
	case "firstName":
		return p.FirstName
	case "lastName":
		return p.LastName
	case "languageCode":
		return p.LanguageCode
	case "timeZone":
		return p.TimeZone
	}
	return fmt.Sprint(p.ContactID)
}
