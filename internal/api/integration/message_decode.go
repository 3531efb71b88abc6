package integration

import (
	"maps"
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
	translations *translationsChange
}

// translationsChange is a message's translations as they are written.
type translationsChange struct {
	versions []translationChange
	// others tells that those that are not written are left alone.
	others bool
}

type translationChange struct {
	language string
	versionChange
}

// versionChange is a version of a message as it is written.
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

// decodeTranslations reads versions by their languages, which are all that the
// message has from then on. A list, as this API shows them, takes none away: the
// vendor's clients write back what they read, or an empty one.
func (c *messageChange) decodeTranslations(value []byte) error {
	if isNull(value) {
		return nil
	}
	c.translations = &translationsChange{others: value[0] == '['}
	if c.translations.others {
		return elements(value, c.translations.element)
	}
	return members(value, func(language string, value []byte) error {
		language, err := unquote([]byte(`"` + language + `"`))
		if err != nil {
			return err
		}
		change := translationChange{language: language}
		err = members(value, change.member)
		c.translations.versions = append(c.translations.versions, change)
		return err
	})
}

// element reads a version that says what language it is in.
func (c *translationsChange) element(_ int, value []byte) error {
	var change translationChange
	err := members(value, func(name string, value []byte) (err error) {
		if name == "languageCode" {
			change.language, err = text(value)
			return err
		}
		return change.member(name, value)
	})
	if err == nil && change.language == "" {
		err = inside("languageCode", want("a language"))
	}
	c.versions = append(c.versions, change)
	return err
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
	case "imageSource", "imageUrl", "image":
		err = set(&c.image, value)
	case "buttons":
		c.buttons, err = decodeButtons(value)
	}
	return err
}

// decodeButtons reads the vendor's list of buttons, where each has a row of its
// own or shares that of its neighbour with the same row number, or rows.
func decodeButtons(value []byte) (*[][]message.Button, error) {
	if isNull(value) {
		return nil, nil
	}
	rows, last := [][]message.Button{}, int64(0)
	err := elements(value, func(_ int, value []byte) error {
		if value[0] == '[' || isNull(value) {
			row, err := decodeRow(value)
			rows, last = append(rows, row), 0
			return err
		}
		b, number, err := decodeButton(value)
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

func decodeRow(value []byte) ([]message.Button, error) {
	row := []message.Button{}
	err := elements(value, func(_ int, value []byte) error {
		b, _, err := decodeButton(value)
		row = append(row, b)
		return err
	})
	return row, err
}

// decodeButton reads a button and the number of its row, zero for none.
func decodeButton(value []byte) (b message.Button, row int64, err error) {
	err = members(value, func(name string, value []byte) (err error) {
		switch name {
		case "text":
			b.Text, err = text(value)
		case "link", "url":
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
		case "row":
			row, err = whole(value)
		}
		return err
	})
	return b, row, err
}
