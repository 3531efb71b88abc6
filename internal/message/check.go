package message

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"bellman/internal/fault"
	"bellman/internal/message/foreign"
	"bellman/internal/message/liquid"
	"bellman/internal/message/markup"
)

// Limits of a message.
//
// spec: tg-text tg-caption
const (
	// MaxRawText is how many bytes of text, mark-up included, the Bot API accepts
	// (Bot API server: "text is too long").
	MaxRawText = 32768
	// MaxText is how many characters a text may show, and MaxCaption a text with
	// media (Bot API, sendMessage and sendPhoto; code points, as TDLib counts).
	MaxText    = 4096
	MaxCaption = 1024

	maxTags   = 20
	maxTag    = 50 // characters
	maxFaults = 50
)

// Check returns the first of [Content.Faults], nil when there is none.
func (c Content) Check() error {
	if faults := c.Faults(); len(faults) > 0 {
		return faults[0]
	}
	return nil
}

// Faults returns everything that Telegram would refuse, and what it would take
// but not show as it was meant: Invalid faults, each with its field and, in a
// text, with the line and the column. Content without any is accepted by
// Telegram, as long as the values that are merged into it leave it so, which
// [Template.Compose] tells. Any custom field may be spoken of: which there are, the
// workspace tells. No more than 50 are returned.
func (c Content) Faults() []*fault.Error { return c.faults(checker{}) }

func (c Content) faults(k checker) []*fault.Error {
	k.untracked = c.Untracked
	for _, v := range c.versions() {
		k.version(v)
	}
	k.languages(c)
	k.options(c)
	return k.faults
}

// checker collects faults.
type checker struct {
	faults []*fault.Error
	// lenient leaves out the faults of texts that Telegram takes, but does not show
	// as they were meant.
	lenient bool
	// untracked tells that no link of the content is counted.
	untracked bool
	// fields are the custom fields that there are; nil for any.
	fields *fieldLookup
}

func (k *checker) add(f *fault.Error) {
	same := func(other *fault.Error) bool { return *other == *f }
	if len(k.faults) < maxFaults && !slices.ContainsFunc(k.faults, same) {
		k.faults = append(k.faults, f)
	}
}

func (k *checker) fault(field, code, format string, args ...any) {
	k.add(invalid(field, code, format, args...))
}

func (k *checker) version(v versioned) {
	if v.Text == "" && len(v.Media) == 0 {
		k.fault(v.field("text"), "text_missing", "write the text of the message, or give it a file")
	}
	if v.Text != "" {
		k.text(v)
	}
	k.media(v)
	k.buttons(v)
	if p := v.Preview; p != nil {
		if p.Small && p.Large {
			k.fault(v.field("preview"), "preview_invalid", "a preview cannot be small and large; choose one")
		}
		if p.URL != "" {
			k.address(v.field("preview.url"), p.URL)
		}
	}
}

// source checks what every source has to be, and reads it; nil when there is no
// reading it.
func (k *checker) source(field, source string, place foreign.Place) *liquid.Template {
	if len(source) > MaxRawText {
		k.fault(field, "text_too_long", "this has %d bytes with its mark-up, Telegram takes %d", len(source), MaxRawText)
		return nil
	}
	for i, r := range source {
		switch {
		case r == 0:
			k.add(fault.Flawf(i, "text_invalid", "there is a character that is no text; take it out").In(field, source))
			return nil
		case r == utf8.RuneError && !strings.HasPrefix(source[i:], "\uFFFD"):
			k.add(fault.Flawf(i, "text_invalid", "this is no text; write it in UTF-8").In(field, source))
			return nil
		case liquid.IsOverride(r):
			k.add(fault.Flawf(i, "text_direction", "an invisible character (U+%X) turns what follows it around, as forgers do; take it out", r).
				In(field, source))
			return nil
		}
	}
	if !k.lenient {
		k.foreign(field, source, place)
	}
	t := parse(source)
	for _, f := range t.Flaws {
		k.add(f.In(field, t.Source))
	}
	if len(t.Flaws) > 0 {
		return nil
	}
	k.custom(field, t)
	return t
}

// plain checks a field that is no HTML; check sees it with sample values.
func (k *checker) plain(field, source string, place foreign.Place, check checkPlain) {
	t := k.source(field, source, place)
	if t == nil {
		return
	}
	outlineAddress(t.Nodes, false)
	variants(t.Nodes, func(v *variant) {
		if t.Dynamic && len(v.text) == 0 {
			return
		}
		if code, reason := check(string(v.text)); code != "" {
			k.fault(field, code, "%s", reason)
		}
	})
}

func (k *checker) address(field, source string) {
	k.plain(field, source, foreign.Machine, func(text string) (code, reason string) { return checkAddress(field, markup.TrimAddress(text)) })
}

func (k *checker) buttons(v versioned) {
	if len(v.Buttons) > 0 && len(v.Media) > 1 {
		// spec: tg-album-buttons
		k.fault(v.field("buttons"), "buttons_with_album", "Telegram shows no buttons under an album; take them out, or send one file")
	}
	total := 0
	for i, row := range v.Buttons {
		field := v.field(fmt.Sprintf("buttons[%d]", i))
		switch total += len(row); {
		case len(row) == 0:
			k.fault(field, "buttons_row_empty", "the row has no buttons; take it out")
		case len(row) > maxRowButtons:
			k.fault(field, "buttons_too_many", "the row has %d buttons; Telegram shows %d in a row", len(row), maxRowButtons)
		}
	}
	if total > maxButtons {
		k.fault(v.field("buttons"), "buttons_too_many", "the message has %d buttons; Telegram takes %d", total, maxButtons)
		return
	}
	before := len(k.faults)
	for i, row := range v.Buttons {
		for j, b := range row {
			k.button(v.field(buttonField(i, j)), b)
		}
	}
	if n := keyboardSize(v, k.untracked); n > maxKeyboard && len(k.faults) == before {
		k.add(keyboardTooLong(v.field("buttons"), n))
	}
}

func (k *checker) button(field string, b Button) {
	k.plain(field+".text", b.Text, foreign.Plain, checkButtonText)
	actions := 0
	for _, action := range []struct {
		name, source string
		place        foreign.Place
		check        checkPlain
	}{
		{".url", b.URL, foreign.Machine, nil}, {".callbackData", b.CallbackData, foreign.Machine, checkCallbackData},
		{".webApp", b.WebApp, foreign.Machine, nil}, {".copyText", b.CopyText, foreign.Plain, checkCopyText},
	} {
		switch {
		case action.source == "":
			continue
		case action.check == nil:
			k.address(field+action.name, action.source)
		default:
			k.plain(field+action.name, action.source, action.place, action.check)
		}
		actions++
	}
	if actions != 1 {
		k.fault(field, "button_action_invalid", "a button does one thing; give it one of url, callbackData, webApp and copyText")
	}
	if !slices.Contains([]string{"", "primary", "success", "danger"}, b.Style) {
		k.fault(field+".style", "button_style_invalid", `there is no style "%s"; use primary, success or danger`, fault.Snippet(b.Style))
	}
	if b.Icon != "" && !isID(b.Icon) {
		k.fault(field+".icon", "button_icon_invalid", "the icon is the number of a custom emoji")
	}
}

// isID tells whether a text is one of Telegram's 64-bit ids.
func isID(text string) bool {
	id, err := strconv.ParseInt(text, 10, 64)
	return err == nil && id > 0 && isDigits(text)
}

func (k *checker) languages(c Content) {
	if len(c.Translations) > maxTranslations {
		k.fault("translations", "translations_too_many", "the message has %d translations; %d are allowed",
			len(c.Translations), maxTranslations)
	}
	taken := make(map[string]bool)
	for _, v := range c.versions() {
		field := "language"
		if v.translation {
			field = "translations." + v.language
		} else if v.language == "" {
			continue
		}
		canonical, ok := canonicalTag(v.language)
		switch {
		case !ok:
			k.fault(field, "language_invalid", `"%s" is not a language; write a tag such as uk or pt-BR`, fault.Snippet(v.language))
		case taken[canonical]:
			k.fault(field, "language_taken", "there is another version in %s; keep one of them", canonical)
		}
		taken[canonical] = true
	}
}

func (k *checker) options(c Content) {
	if c.Effect != "" && !isID(c.Effect) {
		k.fault("effect", "effect_invalid", "the effect is the number of a message effect")
	}
	if len(c.Tags) > maxTags {
		k.fault("tags", "tags_too_many", "the message has %d tags; %d are allowed", len(c.Tags), maxTags)
		return
	}
	for i, tag := range c.Tags {
		if n := utf8.RuneCountInString(tag); strings.TrimSpace(tag) == "" || n > maxTag || tag != liquid.Clean(tag) {
			k.fault(fmt.Sprintf("tags[%d]", i), "tag_invalid", "write a tag of 1 to %d characters", maxTag)
		}
	}
}

func (k *checker) media(v versioned) {
	if len(v.Media) > maxAlbum {
		k.fault(v.field("media"), "media_too_many", "the album has %d files; Telegram takes %d", len(v.Media), maxAlbum)
		return
	}
	for i, m := range v.Media {
		field := v.field(fmt.Sprintf("media[%d]", i))
		k.file(field, m)
		if len(v.Media) < 2 || methods[m.Kind] == "" {
			continue
		}
		switch group := m.Kind.group(); {
		case group == "":
			k.fault(field+".kind", "media_album_invalid", "%s cannot stand in an album; send it by itself", m.Kind)
		case group != v.Media[0].Kind.group() && v.Media[0].Kind.group() != "":
			k.fault(field+".kind", "media_album_invalid", "%s and %s cannot stand in one album; photos and videos can, documents alone, audio alone",
				v.Media[0].Kind, m.Kind)
		}
	}
}

func (k *checker) file(field string, m Media) {
	if methods[m.Kind] == "" {
		k.fault(field+".kind", "media_kind_invalid",
			`there is no kind "%s"; use photo, video, animation, document, audio or voice`, fault.Snippet(string(m.Kind)))
	} else if m.Spoiler && !m.Kind.isVisual() {
		k.fault(field+".spoiler", "media_spoiler_invalid", "only a photo, a video or an animation can be hidden")
	}
	switch {
	case (m.ID != 0) == (m.URL != ""):
		k.fault(field, "media_source_invalid", "a file has either the id of an upload or a url")
	case m.ID < 0:
		k.fault(field+".id", "media_not_found", "there is no uploaded file %d; upload it first", m.ID)
	case m.URL != "":
		if reason := checkFileURL(m.URL); reason != "" {
			k.fault(field+".url", "media_url_invalid", "%s", reason)
		}
	}
}

// checkFileURL finds fault with the address of a file that Telegram is to fetch.
func checkFileURL(text string) (reason string) {
	a, reason := parseAddress(text)
	switch {
	case strings.Contains(text, "{{") || strings.Contains(text, "{%"):
		return "a file is the same for everybody; write its address without Liquid"
	case strings.ContainsFunc(text, liquid.IsOverride) || text != liquid.Clean(text):
		return "there is a character in the address that nobody can see; take it out"
	case !strings.HasPrefix(lowerASCII(text), "https://") && !strings.HasPrefix(lowerASCII(text), "http://"):
		return "Telegram fetches files from addresses that begin with https:// or http://"
	case reason != "":
		return reason
	case !a.isPublic():
		return "Telegram cannot reach this address from outside; upload the file instead"
	}
	return ""
}
