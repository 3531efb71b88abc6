package message

import (
	"slices"
	"strconv"
	"strings"

	"bellman/internal/fault"
)

// methods are those of the Bot API that send one file.
var methods = map[Kind]string{
	Photo: "sendPhoto", Video: "sendVideo", Animation: "sendAnimation", Document: "sendDocument", Audio: "sendAudio",
	Voice: "sendVoice",
}

// maxAlbum is how many files an album may have (Bot API, sendMediaGroup).
//
// spec: tg-album
const maxAlbum = 10

// isVisual tells that a file is shown in the chat itself, so that it can be
// hidden and have its caption above.
func (k Kind) isVisual() bool { return k == Photo || k == Video || k == Animation }

// group is what a kind can share an album with: itself, and photos and videos
// one another; empty for those that stand in none.
func (k Kind) group() Kind {
	switch k {
	case Photo, Video:
		return Photo
	case Document, Audio:
		return k
	}
	return ""
}

// checkFile finds fault with a file that was uploaded, which can be sent as
// kinds; the field is of the media.
func (m Media) checkFile(kinds []Kind) *fault.Error {
	switch {
	case len(kinds) == 0:
		return invalid("id", "media_not_found", "there is no uploaded file %d; upload it first", m.ID)
	case !slices.Contains(kinds, m.Kind):
		names := make([]string, len(kinds))
		for i, k := range kinds {
			names[i] = string(k)
		}
		return invalid("kind", "media_kind_mismatch", "the file %d cannot be sent as %s; it can be sent as %s",
			m.ID, m.Kind, strings.Join(names, ", "))
	}
	return nil
}

// single writes the one file of a version, with the text as its caption.
func (w *versionCompiler) single(m Media) {
	w.slot(fileSlot{m})
	if w.Text != "" {
		w.name("caption")
		w.text()
	}
	w.visual(m)
}

// visual writes how a picture or film is shown.
func (w *versionCompiler) visual(m Media) {
	if m.Kind.isVisual() {
		w.flag("show_caption_above_media", w.CaptionAbove)
		w.flag("has_spoiler", m.Spoiler)
	}
}

// album writes several files. The caption is that of the first one, which is
// where people read an album's; documents and audio have theirs one below the
// other, so there it is the last.
func (w *versionCompiler) album() {
	captioned := 0
	if w.Media[0].Kind.group() != Photo {
		captioned = len(w.Media) - 1
	}
	w.name("media")
	separator := "["
	for i, m := range w.Media {
		w.add(separator + `{"type":"` + string(m.Kind) + `","media":`)
		w.slot(albumSlot{m, i})
		if i == captioned && w.Text != "" {
			w.name("caption")
			w.text()
		}
		w.visual(m)
		w.add("}")
		separator = ","
	}
	w.add("]")
}

// fileSlot is the one file of a message: by the id under which the bot has sent
// it, by its address, or along with the call.
type fileSlot struct{ media Media }

func (s fileSlot) write(c *composer) error {
	kind, id := c.known(s.media)
	c.method = methods[kind]
	if id == "" {
		c.uploads = append(c.uploads, Upload{Field: string(kind), Media: s.media})
		return nil
	}
	c.dst = append(c.dst, `,"`...)
	c.dst = append(c.dst, kind...)
	c.dst = append(c.dst, `":`...)
	c.dst = appendString(c.dst, id)
	return nil
}

// known returns as what a file is sent, and by which id or address; empty when it has to
// go along.
func (c *composer) known(m Media) (kind Kind, id string) {
	if f := c.file(m); f.ID != "" {
		return f.Kind, f.ID
	}
	return m.Kind, m.URL
}

func (c *composer) file(m Media) File {
	if c.to.File == nil {
		return File{}
	}
	return c.to.File(m)
}

// albumSlot is one file of an album.
type albumSlot struct {
	media Media
	place int
}

func (s albumSlot) write(c *composer) error {
	id := s.media.URL
	// What Telegram made an animation of stands in no album: it has to be sent
	// anew, as what it was.
	if f := c.file(s.media); f.Kind == s.media.Kind && f.ID != "" {
		id = f.ID
	}
	if id == "" {
		field := "f" + strconv.Itoa(s.place)
		c.uploads = append(c.uploads, Upload{Field: field, Media: s.media})
		id = "attach://" + field
	}
	c.dst = appendString(c.dst, id)
	return nil
}
