package message

import (
	"maps"
	"slices"

	"bellman/internal/fault"
	"bellman/internal/message/foreign"
)

// foreign finds the syntax of other systems in a field, which Telegram would take
// and recipients would get as it stands.
func (k *checker) foreign(field, source string, place foreign.Place) {
	for _, f := range foreign.Find(source, place) {
		if len(k.faults) == maxFaults {
			return
		}
		k.add(foreignFlaw(f).In(field, source))
	}
}

func foreignFlaw(f foreign.Found) *fault.Flaw {
	const meant = "or put it between {% raw %} and {% endraw %} if it is to be shown so"
	if f.Means == "" {
		return fault.Flawf(f.At, "foreign_syntax", "%s would be sent as it stands: %s; %s", fault.Snippet(f.Written), f.Reason, meant)
	}
	return fault.Flawf(f.At, "foreign_syntax", "%s would be sent as it stands; write %s, %s", fault.Snippet(f.Written), f.Means, meant)
}

// Translate returns content with the syntax of other systems in its texts, buttons
// and addresses written in Liquid and in Telegram's HTML: Velocity, substitutions
// such as %FIRSTNAME|friend%, and Markdown. What cannot be translated stays as it
// is; the faults tell where it is, why, and what to do. Whether the result is a
// message is what [Content.Faults] tells.
func Translate(c Content) (Content, []*fault.Error) {
	var t translation
	c.Version = t.version("", c.Version)
	translations := maps.Clone(c.Translations)
	for _, language := range slices.Sorted(maps.Keys(translations)) {
		translations[language] = t.version("translations."+language+".", translations[language])
	}
	c.Translations = translations
	return c, t.left
}

// translation collects what could not be translated.
type translation struct{ left []*fault.Error }

func (t *translation) field(field string, source *string, place foreign.Place) {
	translated, left := foreign.Translate(*source, place)
	for _, f := range left {
		t.left = append(t.left, foreignFlaw(f).In(field, *source))
	}
	*source = translated
}

// version translates a version, whose fields' names begin as given.
func (t *translation) version(prefix string, v Version) Version {
	t.field(prefix+"text", &v.Text, foreign.HTML)
	rows := slices.Clone(v.Buttons)
	for i := range rows {
		rows[i] = slices.Clone(rows[i])
		for j := range rows[i] {
			b, field := &rows[i][j], prefix+buttonField(i, j)
			t.field(field+".text", &b.Text, foreign.Plain)
			t.field(field+".url", &b.URL, foreign.Machine)
			t.field(field+".callbackData", &b.CallbackData, foreign.Machine)
			t.field(field+".webApp", &b.WebApp, foreign.Machine)
			t.field(field+".copyText", &b.CopyText, foreign.Plain)
		}
	}
	v.Buttons = rows
	if v.Preview != nil {
		p := *v.Preview
		t.field(prefix+"preview.url", &p.URL, foreign.Machine)
		v.Preview = &p
	}
	return v
}
