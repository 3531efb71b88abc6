package integration

import (
	"strings"

	"bellman/internal/message"
)

// messageChange is a message as it is written; nil leaves a part alone.
type messageChange struct {
	name *string
	versionChange
	tags         *[]string
	language     *string
	utm          *bool
	translations map[string]*versionChange
}

// versionChange is a version of a message as it is written.
type versionChange struct {
	text    *string
	image   *string
	buttons *[][]message.Button
}

// apply changes the message. Translations that are sent are all that it has
// from then on.
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
	if c.translations == nil {
		return
	}
	translations := map[string]message.Version{}
	for language, change := range c.translations {
		known, _ := translationOf(m.Content, language)
		v := m.Content.Translations[known]
		change.apply(&v)
		translations[language] = v
	}
	m.Content.Translations = translations
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

// decodeMessage reads a message as it is written. The keys of subscription
// categories are taken and not kept.
func decodeMessage(raw []byte) (c messageChange, err error) {
	if len(raw) == 0 {
		return c, errMessageMissing
	}
	err = members(raw, func(name string, value []byte) (err error) {
		switch name {
		case "name":
			err = set(&c.name, value)
		case "tags":
			c.tags, err = decodeTags(value)
		case "languageCode":
			err = set(&c.language, value)
		case "utmEnabled":
			if !isNull(value) {
				var on bool
				on, err = boolean(value)
				c.utm = &on
			}
		case "translations":
			err = c.decodeTranslations(value)
		default:
			err = c.member(name, value)
		}
		return err
	})
	return c, shaped(err)
}

func (c *messageChange) decodeTranslations(value []byte) error {
	if isNull(value) {
		return nil
	}
	c.translations = map[string]*versionChange{}
	return members(value, func(language string, value []byte) error {
		language, err := unquote([]byte(`"` + language + `"`))
		if err != nil {
			return err
		}
		change := &versionChange{}
		c.translations[language] = change
		return members(value, change.member)
	})
}

// decodeTags reads a list of tags, or one text with commas; null leaves them
// alone.
func decodeTags(value []byte) (*[]string, error) {
	if isNull(value) {
		return nil, nil
	}
	all, err := texts(value)
	if err == nil && value[0] == '"' {
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

// member reads a member of a version.
func (c *versionChange) member(name string, value []byte) (err error) {
	switch name {
	case "text":
		err = set(&c.text, value)
	case "image", "imageUrl":
		err = set(&c.image, value)
	case "buttons":
		c.buttons, err = decodeButtons(value)
	}
	return err
}

// decodeButtons reads rows of buttons; a lone button stands for a row of one.
func decodeButtons(value []byte) (*[][]message.Button, error) {
	if isNull(value) {
		return nil, nil
	}
	rows := [][]message.Button{}
	err := elements(value, func(_ int, value []byte) error {
		row := []message.Button{}
		err := elements(value, func(_ int, value []byte) error {
			b, err := decodeButton(value)
			row = append(row, b)
			return err
		})
		rows = append(rows, row)
		return err
	})
	return &rows, err
}

func decodeButton(value []byte) (b message.Button, err error) {
	return b, members(value, func(name string, value []byte) (err error) {
		switch name {
		case "text":
			b.Text, err = text(value)
		case "url":
			b.URL, err = text(value)
		case "callbackData", "callback_data":
			b.CallbackData, err = text(value)
		case "webApp":
			b.WebApp, err = text(value)
		case "copyText":
			b.CopyText, err = text(value)
		case "style":
			b.Style, err = text(value)
		case "icon":
			b.Icon, err = text(value)
		case "untracked":
			b.Untracked, err = boolean(value)
		}
		return err
	})
}
