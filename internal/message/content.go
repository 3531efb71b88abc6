package message

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
)

// Content is what a message says, in one language or in several. It is stored
// as JSON, and has the same form in the management API, whose description takes
// the words of the tags.
type Content struct {
	// Version is what goes to everybody for whose language there is no
	// translation.
	Version
	// Language is the language of that version, a BCP 47 tag such as "en"; empty
	// when it is not said.
	Language string `json:"language,omitempty" maxLength:"35" doc:"The language of what stands here, a BCP 47 tag." example:"en"`
	// Translations are the other versions, by BCP 47 tag.
	Translations map[string]Version `json:"translations,omitempty" nullable:"false" doc:"Versions for other languages, by BCP 47 tag. A contact whose languageCode is uk-UA gets uk-UA, else uk, else what stands here."`
	// Silent messages arrive without a sound; Protected ones cannot be forwarded
	// or saved.
	Silent    bool `json:"silent,omitempty" doc:"It arrives without a sound."`
	Protected bool `json:"protected,omitempty" doc:"It cannot be forwarded or saved."`
	// Effect is the id of a message effect, which private chats show; empty for
	// none.
	Effect string `json:"effect,omitempty" doc:"The id of a message effect; private chats show it." example:"5104841245755180586"`
	// Tags are for the people who work with the message, and for its links.
	Tags []string `json:"tags,omitempty" nullable:"false" doc:"For the people who work with it, and for UTM parameters: up to 20." example:"[\"sale\"]"`
	// Untracked leaves all links as they are written; NoUTM lets links be counted
	// but adds no UTM parameters to them.
	Untracked bool `json:"untracked,omitempty" doc:"No link is replaced: clicks are not counted."`
	NoUTM     bool `json:"noUtm,omitempty" doc:"Clicks are counted, but no UTM parameters are added."`
	// Fields are the custom fields that it speaks of, as they were when
	// [Service.Checked] returned it: a campaign keeps them, so that it goes on when one
	// of them is renamed or deleted.
	Fields []Field `json:"-"`
}

// Version is a message in one language.
type Version struct {
	// Text is in Telegram's HTML, with Liquid in it; with media it is the
	// caption.
	Text string `json:"text,omitempty" doc:"Telegram's HTML with Liquid in it, up to 4096 characters; with media it is the caption, up to 1024. Links get an address that counts clicks, but for those with data-track=\"off\"." example:"Hi {{ contact.firstName | default: \"friend\" }}, <b>20% off</b> until Sunday"`
	// Media is nothing, one, or the 2 to 10 items of an album.
	Media []Media `json:"media,omitempty" nullable:"false" doc:"A file, or the 2 to 10 of an album."`
	// CaptionAbove shows the text above the photo, video or animation.
	CaptionAbove bool `json:"captionAbove,omitempty" doc:"The text stands above the photo, video or animation."`
	// Buttons are rows of buttons under the message.
	Buttons [][]Button `json:"buttons,omitempty" nullable:"false" doc:"Rows of buttons: up to 8 in a row and 100 in all; none with an album."`
	// Preview says how a link in the text is shown; nil leaves it to Telegram.
	Preview *Preview `json:"preview,omitempty" doc:"How a link in the text is shown; without it, Telegram decides."`
}

// Kind is a kind of media.
type Kind string

// The kinds of media.
const (
	Photo     Kind = "photo"
	Video     Kind = "video"
	Animation Kind = "animation"
	Document  Kind = "document"
	Audio     Kind = "audio"
	Voice     Kind = "voice"
)

// Media is a file that goes with a message: one that was uploaded, or one that
// Telegram fetches itself. Exactly one of ID and URL is set.
type Media struct {
	Kind Kind `json:"kind" enum:"photo,video,animation,document,audio,voice"`
	// ID is an uploaded file's.
	ID int64 `json:"id,omitempty" minimum:"1" maximum:"9007199254740991" doc:"An uploaded file: POST /media." example:"1"`
	// URL is where Telegram fetches the file, once for each bot.
	URL string `json:"url,omitempty" doc:"Instead of an uploaded file: where Telegram fetches it, photos up to 5 MB, others up to 20 MB." example:"https://shop.example/sale.jpg"`
	// Spoiler hides a photo, video or animation until it is tapped.
	Spoiler bool `json:"spoiler,omitempty" doc:"A photo, video or animation is hidden until it is tapped."`
}

// Button is one button. Exactly one of URL, CallbackData, WebApp and CopyText
// is set.
type Button struct {
	Text string `json:"text" doc:"What stands on it; may have Liquid in it." example:"To the shop"`
	// URL is opened. Clicks are counted unless Untracked is set.
	URL       string `json:"url,omitempty" doc:"Opened when it is pressed. Exactly one of url, callbackData, webApp and copyText says what a button does." example:"https://shop.example/sale"`
	Untracked bool   `json:"untracked,omitempty" doc:"The url stays as it is: clicks are not counted."`
	// CallbackData is sent to the bot: 1 to 64 bytes.
	CallbackData string `json:"callbackData,omitempty" doc:"Sent to the bot: 1 to 64 bytes." example:"buy|42"`
	// WebApp is the https address of a Mini App.
	WebApp string `json:"webApp,omitempty" doc:"The https address of a Mini App; private chats only." example:"https://app.example"`
	// CopyText goes to the clipboard: 1 to 256 characters.
	CopyText string `json:"copyText,omitempty" doc:"Put on the clipboard: 1 to 256 characters." example:"SALE20"`
	// Style is "primary", "success" or "danger"; empty for Telegram's own.
	Style string `json:"style,omitempty" enum:"primary,success,danger" doc:"Its colour."`
	// Icon is the id of a custom emoji before the text; empty for none.
	Icon string `json:"icon,omitempty" doc:"The id of a custom emoji before its text. Only bots that have bought extra usernames may use it." example:"5368324170671202286"`
}

// Preview says how a link in the text is shown.
type Preview struct {
	// Disabled shows none.
	Disabled bool `json:"disabled,omitempty" doc:"No preview."`
	// URL is the link that is shown; empty for the first one in the text.
	URL string `json:"url,omitempty" doc:"The link that is shown; the first one in the text without it."`
	// Small and Large ask for that size of picture; at most one is set.
	Small bool `json:"small,omitempty" doc:"A small picture."`
	Large bool `json:"large,omitempty" doc:"A large picture."`
	// Above shows it above the text.
	Above bool `json:"above,omitempty" doc:"It stands above the text."`
}

// kept is content as it is stored.
type kept struct {
	Content
	Fields []Field `json:"fields,omitempty"`
}

// Encode returns the content as it is stored.
func (c Content) Encode() (string, error) {
	b, err := json.Marshal(kept{c, c.Fields})
	return string(b), err
}

// Decode reads stored content.
func Decode(stored string) (c Content, err error) {
	var k kept
	if err := json.Unmarshal([]byte(stored), &k); err != nil {
		return c, fmt.Errorf("message: decode content: %w", err)
	}
	k.Content.Fields = k.Fields
	return k.Content, nil
}

// AllMedia returns the files of all versions.
func (c Content) AllMedia() []Media {
	all := slices.Clone(c.Media)
	for _, language := range slices.Sorted(maps.Keys(c.Translations)) {
		all = append(all, c.Translations[language].Media...)
	}
	return all
}

// Text returns content that is a text alone.
func Text(html string) Content { return Content{Version: Version{Text: html}} }
