package media

import (
	"slices"
	"strings"

	"bellman/internal/fault"
	"bellman/internal/message"
)

// The limits that Telegram sets for a photo (Bot API, sendPhoto).
const (
	// MaxPhoto is how large a photo may be, in bytes.
	// spec: tg-photo
	MaxPhoto = 10 << 20
	// MaxSides is the greatest sum of width and height, in pixels.
	MaxSides = 10000
	// MaxRatio is the greatest ratio of the longer side to the shorter one.
	MaxRatio = 20
)

// sendable are the kinds that a file may have by its type, beside document. The Bot
// API's documentation requires these types; Telegram accepts some more: a video
// that is no MP4 arrives, but does not play everywhere.
var sendable = map[string][]message.Kind{
	typeJPEG: {message.Photo},
	typePNG:  {message.Photo},
	typeWEBP: {message.Photo},
	typeGIF:  {message.Animation},
	typeMP4:  {message.Video, message.Animation},
	typeM4A:  {message.Audio, message.Voice},
	typeMP3:  {message.Audio, message.Voice},
	typeOpus: {message.Voice},
}

// kinds returns what a file of this format and size can be sent as.
func (f format) kinds(size int64) []message.Kind {
	var all []message.Kind
	for _, kind := range append(slices.Clone(sendable[f.mime]), message.Document) {
		if f.check(kind, size) == nil {
			all = append(all, kind)
		}
	}
	return all
}

var errSVG = fault.New(fault.Invalid, "svg_not_photo",
	"Telegram takes no SVG for a photo: save it as PNG, or send it as a document").In("file")

// check returns an Invalid fault that explains why a file of this format and size
// cannot be sent as the kind.
func (f format) check(kind message.Kind, size int64) error {
	switch {
	case kind == message.Document:
		return nil
	case kind == message.Photo && f.mime == typeSVG:
		return errSVG
	case !slices.Contains(sendable[f.mime], kind):
		return fault.New(fault.Invalid, "media_kind_mismatch", "the file is of type %s and cannot be sent as %s, but as %s",
			f.mime, kind, join(f.kinds(size))).In("file")
	case kind == message.Photo:
		return f.checkPhoto(size)
	}
	return nil
}

func (f format) checkPhoto(size int64) error {
	long, short := max(f.width, f.height), min(f.width, f.height)
	switch {
	case size > MaxPhoto:
		return fault.New(fault.Invalid, "photo_too_large",
			"the photo has more than %d MB: make it smaller, or send it as a document", MaxPhoto>>20).In("file")
	case f.flaw != "":
		return fault.New(fault.Invalid, "photo_broken", "the photo %s: save it anew", f.flaw).In("file")
	case f.animated:
		return fault.New(fault.Invalid, "photo_animated",
			"the picture moves, which a photo cannot: save it as GIF or MP4 and send it as an animation").In("file")
	case long+short > MaxSides:
		return fault.New(fault.Invalid, "photo_dimensions",
			"the photo is %d by %d pixels: both together may be %d at most", f.width, f.height, MaxSides).In("file")
	case long > MaxRatio*short:
		return fault.New(fault.Invalid, "photo_dimensions",
			"the photo is %d by %d pixels: one may be %d times the other at most", f.width, f.height, MaxRatio).In("file")
	}
	return nil
}

func join(kinds []message.Kind) string {
	words := make([]string, len(kinds))
	for i, kind := range kinds {
		words[i] = string(kind)
	}
	return strings.Join(words, ", ")
}
