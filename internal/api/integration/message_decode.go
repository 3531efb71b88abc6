package integration

import (
	"maps"
	"strings"

	"bellman/internal/api/loose"
	"bellman/internal/message"
)

// messageChange is a message in a request; nil leaves a part unchanged.
type messageChange struct {
	name *string
	versionChange
	tags         *[]string
	language     *string
	utm          *bool
	translations *translationsChange
}

// translationsChange is a message's translations in a request.
type translationsChange struct {
	versions []translationChange
	// others is true when translations that are not in the request are kept.
	others bool
}

type translationChange struct {
	language string
	versionChange
}

// versionChange is a version of a message in a request.
type versionChange struct {
	text    *string
	image   *string
	buttons *[][]message.Button
}

// apply changes the message.
func (c messageChange) apply(m *message.Message) {
	if c.name != nil {
		m.Name = *c.name
	}
	c.versionChange.apply(&m.Content.Version)
	if c.tags != nil {
		m.Content.Tags = *c.tags
	}
	if c.language != nil {
		m.Content.Language = *c.language
	}
	if c.utm != nil {
		m.Content.NoUTM = !*c.utm
	}
	if c.translations != nil {
		c.translations.apply(&m.Content)
	}
}

func (c *translationsChange) apply(content *message.Content) {
	translations := map[string]message.Version{}
	if c.others {
		maps.Copy(translations, content.Translations)
	}
	for _, change := range c.versions {
		known, _ := translationOf(*content, change.language)
		v := content.Translations[known]
		change.apply(&v)
		delete(translations, known)
		translations[change.language] = v
	}
	content.Translations = translations
}

func (c *versionChange) apply(v *message.Version) {
	if c.text != nil {
		v.Text = *c.text
	}
	if c.image != nil {
		v.Media = nil
		if *c.image != "" {
			v.Media = []message.Media{picture(*c.image)}
		}
	}
	if c.buttons != nil {
		v.Buttons = *c.buttons
	}
}

// decodeMessage reads a message in a request. The keys of subscription categories
// are accepted but not stored.
func decodeMessage(v loose.Value) (c messageChange, err error) {
	if v.Empty() {
		return c, errMessageMissing
	}
	err = v.Members(func(name string, v loose.Value) (err error) {
		switch name {
		case "name":
			err = v.SetText(&c.name)
		case "tags":
			c.tags, err = decodeTags(v)
		case "languageCode":
			err = v.SetText(&c.language)
		case "utmEnabled":
			err = v.SetBool(&c.utm)
		case "translations":
			err = c.decodeTranslations(v)
		default:
			err = c.member(name, v)
		}
		return err
	})
	return c, err
}

// decodeTranslations reads versions by their languages, which replace all of the
// message's. A list, as this API shows them, removes none: the vendor's clients
// write back the list that they read, or an empty one.
func (c *messageChange) decodeTranslations(v loose.Value) error {
	if v.IsNull() {
		return nil
	}
	c.translations = &translationsChange{others: v.IsArray()}
	if c.translations.others {
		return v.Elements(c.translations.element)
	}
	return v.Members(func(language string, v loose.Value) error {
		change := translationChange{language: language}
		err := v.Members(change.member)
		c.translations.versions = append(c.translations.versions, change)
		return err
	})
}

// element reads a version that names its language.
func (c *translationsChange) element(_ int, v loose.Value) error {
	var change translationChange
	err := v.Members(func(name string, v loose.Value) (err error) {
		if name == "languageCode" {
			change.language, err = v.Text()
			return err
		}
		return change.member(name, v)
	})
	if err == nil && change.language == "" {
		err = loose.Inside("languageCode", loose.Want("a language"))
	}
	c.versions = append(c.versions, change)
	return err
}

// decodeTags reads a list of tags, or one text with commas; null leaves them
// unchanged.
func decodeTags(v loose.Value) (*[]string, error) {
	if v.IsNull() {
		return nil, nil
	}
	all, err := v.Texts()
	if err == nil && v.IsString() {
		all = strings.Split(all[0], ",")
	}
	tags := []string{}
	for _, tag := range all {
		if tag = strings.TrimSpace(tag); tag != "" {
			tags = append(tags, tag)
		}
	}
	return &tags, err
}

// decodeVersion reads a version as it is written.
func decodeVersion(v loose.Value) (c versionChange, err error) {
	if v.Empty() {
		return c, errMessageMissing
	}
	err = v.Members(c.member)
	return c, err
}

// member reads a member of a version.
func (c *versionChange) member(name string, v loose.Value) (err error) {
	switch name {
	case "text":
		err = v.SetText(&c.text)
	case "imageSource", "imageUrl", "image":
		err = v.SetText(&c.image)
	case "buttons":
		c.buttons, err = decodeButtons(v)
	}
	return err
}

// decodeButtons reads rows of buttons, or the vendor's list, where each button has
// a row of its own or shares that of its neighbour with the same row number.
func decodeButtons(v loose.Value) (*[][]message.Button, error) {
	if v.IsNull() {
		return nil, nil
	}
	rows, last := [][]message.Button{}, int64(0)
	err := v.Elements(func(_ int, v loose.Value) error {
		if v.IsArray() || v.IsNull() {
			row, err := decodeRow(v)
			rows, last = append(rows, row), 0
			return err
		}
		b, number, err := decodeButton(v)
		if number != 0 && number == last {
			rows[len(rows)-1] = append(rows[len(rows)-1], b)
		} else {
			rows = append(rows, []message.Button{b})
		}
		last = number
		return err
	})
	return &rows, err
}

func decodeRow(v loose.Value) ([]message.Button, error) {
	row := []message.Button{}
	err := v.Elements(func(_ int, v loose.Value) error {
		b, _, err := decodeButton(v)
		row = append(row, b)
		return err
	})
	return row, err
}

// decodeButton reads a button and the number of its row, zero for none.
func decodeButton(v loose.Value) (b message.Button, row int64, err error) {
	err = v.Members(func(name string, v loose.Value) (err error) {
		switch name {
		case "text":
			b.Text, err = v.Text()
		case "link", "url":
			b.URL, err = v.Text()
		case "callbackData", "callback_data":
			b.CallbackData, err = v.Text()
		case "webApp":
			b.WebApp, err = v.Text()
		case "copyText":
			b.CopyText, err = v.Text()
		case "style":
			b.Style, err = v.Text()
		case "icon":
			b.Icon, err = v.Text()
		case "untracked":
			b.Untracked, err = v.Bool()
		case "row":
			row, err = v.Whole()
		}
		return err
	})
	return b, row, err
}
