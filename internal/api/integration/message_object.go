package integration

import (
	"maps"
	"slices"
	"strings"

	"bellman/internal/message"
)

// messageObject is a message as this API shows it.
type messageObject struct {
	versionObject
	UTMEnabled   bool            `json:"utmEnabled"`
	Translations []versionObject `json:"translations"`
}

// versionObject is a message in one language. Each shows also the parts that all
// versions share.
type versionObject struct {
	ID                int64    `json:"id"`
	Name              string   `json:"name"`
	LanguageCode      string   `json:"languageCode,omitempty"`
	Tags              []string `json:"tags"`
	SubscriptionsKeys []string `json:"subscriptionsKeys"`
	// Languages are those of all versions, the message's own first.
	Languages []string `json:"languages"`
	Text      string   `json:"text"`
	// ImageSource is the address of a single picture; Media are all files, when an
	// address does not say everything.
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
	// Row is the number of its row, from 1; absent when the button is alone in it.
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

// picture returns the file of an imageSource: a photo, or an animation or video.
func picture(address string) message.Media {
	kind := message.Photo
	path, _, _ := strings.Cut(strings.ToLower(address), "?")
	if strings.HasSuffix(path, ".gif") {
		kind = message.Animation
	}
	return message.Media{Kind: kind, URL: address}
}
