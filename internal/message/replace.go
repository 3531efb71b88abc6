package message

import (
	"slices"

	"bellman/internal/fault"
)

// This file is how content takes the place of what a message says that was sent.

// HasAlbum reports whether a version of the content is an album, which is several messages
// in a chat.
func (c Content) HasAlbum() bool {
	return slices.ContainsFunc(c.versions(), func(v versioned) bool { return len(v.Media) > 1 })
}

// CheckEdit returns an Invalid fault when other content may not take the place of this one in
// a chat. Telegram makes no text of a file, and a voice message stays what it is. It would
// make a file of a text, but not go back: a text stays a text, so that whatever fits once
// fits again. That holds for all versions of both, since a person may get another one than
// before.
//
// spec: tg-edit
func (c Content) CheckEdit(by Content) error {
	was, is := c.shape(), by.shape()
	refuse := func(code, format string, args ...any) error {
		return fault.New(fault.Invalid, code, format, args...).In("messageId")
	}
	switch {
	case by.HasAlbum():
		return refuse("edit_album", "an album is several messages and cannot take the place of one; choose a message with one file or none")
	case was == voiced || is == voiced:
		return refuse("edit_voice", "a voice message cannot take the place of another message, nor another message its place")
	case was == mixed || is == mixed:
		return refuse("edit_mixed",
			"some languages are a text and others a file: a text takes the place of a text, and a file that of a file, in all of them")
	case was != is:
		return refuse("edit_kind", "what was sent is %s, the message %s: a text takes the place of a text, and a file that of a file", was, is)
	}
	return nil
}

// shape is what the versions of content are, as far as editing is concerned.
type shape string

const (
	texts  shape = "a text"
	files  shape = "a file"
	voiced shape = "a voice message"
	mixed  shape = "both"
)

func (c Content) shape() shape {
	var seen shape
	for _, v := range c.versions() {
		is := texts
		for _, m := range v.Media {
			if is = files; m.Kind == Voice {
				return voiced
			}
		}
		if seen != "" && seen != is {
			return mixed
		}
		seen = is
	}
	return seen
}

// edit writes what takes the place of a message's content, and returns the method. The
// keyboard, which follows, is replaced too: without one there is none any more.
func (w *versionCompiler) edit() (method string) {
	switch len(w.Media) {
	case 0:
		w.name("text")
		w.text()
		w.preview()
		return "editMessageText"
	case 1:
		w.replacement(w.Media[0])
		return "editMessageMedia"
	}
	w.fail(fault.New(fault.Invalid, "edit_album", "an album takes the place of no message"))
	return ""
}

// replacement writes the file that takes the place of another one, with its caption.
func (w *versionCompiler) replacement(m Media) {
	w.name("media")
	w.add("{")
	w.slot(replacementSlot{m})
	if w.Text != "" {
		w.name("caption")
		w.text()
	}
	w.visual(m)
	w.add("}")
}

// replacementSlot is the file of an edited message, as [fileSlot] is that of a new one.
type replacementSlot struct{ media Media }

func (s replacementSlot) write(c *composer) error {
	kind, id := c.known(s.media)
	if id == "" {
		c.uploads = append(c.uploads, Upload{Field: string(kind), Media: s.media})
		id = "attach://" + string(kind)
	}
	c.dst = append(c.dst, `"type":"`...)
	c.dst = append(c.dst, kind...)
	c.dst = append(c.dst, `","media":`...)
	c.dst = appendString(c.dst, id)
	return nil
}
